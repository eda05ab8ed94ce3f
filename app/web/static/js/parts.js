/**
 * Pieces of a page that few need on a day. The page that the worker keeps has them all; a page from the network
 * has a mark in their place, and takes them from that page once they are wanted.
 */

/** @type {Promise<Document> | undefined} */
let kept;

/** Answers when the piece is on the page. @param {string} id @returns {Promise<HTMLElement>} */
export async function part(id) {
  const mark = document.querySelector(`[data-part="${id}"]`);
  if (mark) mark.replaceWith(await partOfKeptPage(id));
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id */
export async function partOfKeptPage(id) {
  kept ??= fetchKeptPage();
  const page = await kept.catch((error) => {
    kept = undefined;
    throw error;
  });
  return /** @type {HTMLElement} */ (document.importNode(/** @type {Node} */ (page.getElementById(id)), true));
}

/** As a document: trusted types let no script turn text into one. @returns {Promise<Document>} */
function fetchKeptPage() {
  const request = new XMLHttpRequest();
  request.open("GET", `/shell/${document.documentElement.lang}/day`);
  request.responseType = "document";
  return new Promise((resolve, reject) => {
    request.onload = () => (request.response ? resolve(request.response) : reject(new Error("no page")));
    request.onerror = () => reject(new Error("no network"));
    request.send();
  });
}
