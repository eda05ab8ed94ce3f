/**
 * Last copies of pages that the server draws, for when there is no network. They are personal, so they are in
 * the phone's own database, which signing out empties, and never in a cache.
 */

const COPIED = /^\/(?:trends(?:\?days=\d+)?|plan|sharing|my-data)$/;
/** So long a network may think before the copy is shown. */
const PATIENCE = 4000;
const HEADERS = ["content-type", "content-security-policy", "referrer-policy"];

/**
 * @param {FetchEvent} event
 * @param {{patient: string} | null} known
 * @returns {Promise<Response>}
 */
async function fetchAndCopy({ request }, known) {
  const url = new URL(request.url);
  const isCopied = known && COPIED.test(url.pathname + url.search);
  if (!isCopied) return fetch(request);
  const signal = (await copyOf(url)) ? AbortSignal.timeout(PATIENCE) : null;
  const answer = await fetch(request, { signal });
  if (answer.ok && answer.type === "basic") await copy(url, answer.clone(), known.patient);
  return answer;
}

/** @param {URL} url @param {Response} answer @param {string} patient */
async function copy({ pathname, search }, answer, patient) {
  const headers = HEADERS.map((name) => [name, answer.headers.get(name) ?? ""]);
  const kept = { path: pathname + search, patient, at: new Date().toISOString(), headers, html: await answer.text() };
  await aftercare.store.run("pages", "readwrite", (/** @type {IDBObjectStore} */ pages) => pages.put(kept)).catch(() => {});
}

/** @param {URL} url @returns {Promise<{html: string, headers: [string, string][], at: string} | null>} */
async function copyOf({ pathname, search }) {
  const get = (/** @type {IDBObjectStore} */ pages) => pages.get(pathname + search);
  const kept = await aftercare.store.run("pages", "readonly", get).catch(() => null);
  return kept?.html ? kept : null;
}

/** The same page over another span, or with another question in its address. @param {URL} url */
async function nearestCopy({ pathname }) {
  const get = (/** @type {IDBObjectStore} */ pages) => pages.getAll(IDBKeyRange.bound(pathname, `${pathname}?~`), 1);
  const [kept] = (await aftercare.store.run("pages", "readonly", get).catch(() => null)) ?? [];
  return kept;
}

/** The copy, which says of itself how old it is. @param {URL} url */
async function lastCopy(url) {
  const kept = (await copyOf(url)) ?? (await nearestCopy(url));
  if (!kept) return null;
  const html = kept.html.replace(/<(html) /, `<$1 data-kept-at="${kept.at}" `);
  return new Response(html, { headers: [...kept.headers, ["cache-control", "no-store"]] });
}
