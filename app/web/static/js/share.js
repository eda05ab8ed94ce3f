/** Hands a file over to the phone's own sharing; where there is none, it is downloaded. */

/** Whether this phone can share a file of this kind. @param {string} type such as "application/pdf" */
export function canShareFile(type) {
  const probe = new File([], "file", { type });
  return typeof navigator.canShare === "function" && navigator.canShare({ files: [probe] });
}

/**
 * Fetches a file of our own and opens the phone's share sheet with it. Closing the sheet is no failure.
 * @param {string} address where the file is
 * @param {string} name what it is called where it arrives
 * @returns {Promise<"shared" | "closed" | "downloaded" | "failed">}
 */
export async function shareFile(address, name) {
  const file = await fetched(address, name);
  if (!file) return "failed";
  if (!canShareFile(file.type)) return download(file);
  try {
    await navigator.share({ files: [file], title: name });
    return "shared";
  } catch (error) {
    // A tap may be too long ago when a large file has come; then it can still be kept.
    return /** @type {DOMException} */ (error).name === "AbortError" ? "closed" : download(file);
  }
}

/** @param {string} address @param {string} name @returns {Promise<File | null>} */
async function fetched(address, name) {
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(60000) });
    if (!answer.ok) return null;
    const body = await answer.blob();
    return new File([body], name, { type: body.type.split(";")[0] });
  } catch {
    return null;
  }
}

/** @param {File} file @returns {"downloaded"} */
function download(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  return "downloaded";
}
