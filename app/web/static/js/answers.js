/** What answers of the server say. */

/**
 * @param {Response | null} answer null when there was none
 * @returns {Promise<any>} null also when it was refused, or broke off half way
 */
export async function contentOf(answer) {
  return answer?.ok ? answer.json().catch(() => null) : null;
}
