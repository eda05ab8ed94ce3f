/** Reading what somebody else sent, without believing any of it. */

const HOME = "/today";

/**
 * An address of this site, as a path. Anything else leads to Today.
 *
 * @param {unknown} said
 * @returns {string}
 */
function ownAddress(said) {
  try {
    const { origin, pathname, search, hash } = new URL(text(said, HOME), location.origin);
    return origin === location.origin ? pathname + search + hash : HOME;
  } catch {
    return HOME;
  }
}

/**
 * @param {unknown} said
 * @param {string} otherwise
 * @returns {string}
 */
function text(said, otherwise) {
  return typeof said === "string" && said ? said : otherwise;
}

/**
 * @param {unknown} said
 * @returns {Record<string, unknown>}
 */
function record(said) {
  return said && typeof said === "object" ? /** @type {Record<string, unknown>} */ (said) : {};
}

/**
 * @param {unknown} said
 * @returns {Record<string, unknown>[]}
 */
function list(said) {
  return Array.isArray(said) ? said.map(record) : [];
}
