/**
 * The service worker: Today without a network, last copies of a patient's other pages, and reminders.
 *
 * It never answers for /api/ or for a page of therapists, and keeps no personal page in a cache. Served as
 * /service-worker.js: one line that sets `self.shell` (the name of the cache, what is kept in it, and the
 * icons), one that sets what is said in each language, the outbox that pages use too, then the files of this
 * folder one after the other, so they share their names. It is the same in every language, so that choosing
 * another one is no new version.
 */

/// <reference lib="webworker" />

/**
 * @typedef {{ name: string, kept: string[], languages: string[], pages: string[], icon: string, badge: string }} Shell
 */

const worker = /** @type {ServiceWorkerGlobalScope & { shell: Shell, aftercare: any, words: Record<string, Record<string, string[]>> }} */ (/** @type {unknown} */ (self));
const { shell, aftercare } = worker;
/** The pages of patients; a loose pattern would swallow somebody else's. */
const OWN = /^\/(?:today|days(?:\/\d{4}-\d\d-\d\d)?|trends|plan(?:\/edit)?|reminders(?:\/turn-on)?|sharing|my-data|check-in|intake|aftercare|(?:sessions|account)(?:\/[\w/-]+)?|sign-out|help|offline)?$/;
/** Where their forms go; who comes from a mail has no page of the app that could say what became of it. */
const SENT = /^\/(?:check-in|intake|(?:sessions|plan|sharing|reminders(?!\/by-mail)|trends|my-data|account)(?:\/[\w/-]+)?|invitations\/[\w-]+\/accept)$/;
const IS_WRONG = /\/something-wrong$/;
const A_DAY = /^\/days\/(\d{4}-\d\d-\d\d)$/;
/** A day may be filled in this long, in milliseconds; the earth is 14 hours ahead of Greenwich at most. */
const BACK = 366 * 86400000;
const AHEAD = 14 * 3600000;

worker.addEventListener("install", (event) => {
  event.waitUntil(keepShell());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOldShells());
});

worker.addEventListener("message", (event) => {
  if (event.data === "take-over") worker.skipWaiting();
  if (event.data === "send") event.waitUntil(sendAll().finally(() => event.ports[0]?.postMessage("tried")));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate" && request.method === "POST") {
    if (SENT.test(url.pathname)) event.respondWith(formSent(request, url));
  } else if (request.method !== "GET") return;
  else if (request.mode === "navigate") {
    if (OWN.test(url.pathname)) event.respondWith(page(event, url));
  } else if (url.pathname.startsWith("/static/")) event.respondWith(keptOr(request, url.pathname));
});

async function sendAll() {
  await Promise.all([sendCommands(), keepPages(), sendOutbox()]);
}

async function keepShell() {
  const cache = await caches.open(shell.name);
  // Their names change with their content, so what the browser has already is right.
  await cache.addAll(shell.kept);
  await keepPages();
}

/** The pages in the language of the phone; another language is fetched once it is chosen. */
async function keepPages() {
  const cache = await caches.open(shell.name);
  const wanted = shell.pages.map((name) => addressOf(name));
  for (const address of await Promise.all(wanted)) {
    if (!(await cache.match(address))) await cache.add(new Request(address, { cache: "reload" }));
  }
}

async function forgetOldShells() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== shell.name).map((name) => caches.delete(name)));
}

/** @param {string} name one of `shell.pages` */
async function addressOf(name) {
  return `/shell/${await languageHere()}/${name}`;
}

/** Of the person who is signed in, or else of the phone. */
async function languageHere() {
  const wanted = (await facts())?.locale ?? navigator.language.split("-")[0];
  return shell.languages.includes(wanted) ? wanted : "en";
}

/** What is known of this phone's patient; null when nobody is signed in here. */
async function facts() {
  const kept = await aftercare.store.run("kept", "readonly", (/** @type {IDBObjectStore} */ kept) => kept.get("facts")).catch(() => null);
  return kept?.facts ?? null;
}

/**
 * @param {FetchEvent} event
 * @param {URL} url
 * @returns {Promise<Response>}
 */
async function page(event, url) {
  const known = await facts();
  if (known && url.pathname === "/") return Response.redirect(HOME);
  const name = nameOf(url);
  const kept = name && (known || name === "sign-out") && (await keptPage(name));
  if (kept) return kept;
  try {
    return await fetchAndCopy(event, known);
  } catch {
    const help = IS_WRONG.test(url.pathname) || url.pathname === "/help";
    return (await lastCopy(url)) ?? (await keptPage(help ? "help" : "offline")) ?? Response.error();
  }
}

/**
 * Without a network the page of the form stays, with all that was typed, and says so. Whoever says that something
 * is wrong reads how to get help, and that nobody was told.
 *
 * @param {Request} request
 * @param {URL} url
 * @returns {Promise<Response>}
 */
async function formSent(request, url) {
  try {
    return await fetch(request);
  } catch {
    const untold = IS_WRONG.test(url.pathname) && (await keptPage("not-told"));
    if (untold) return untold;
    // Whoever goes back to what a form answered sends nothing; browsers keep no copy of it, but its page is there.
    if (Reflect.get(request, "isHistoryNavigation")) return formAgain(url);
    if (!(await facts())) return Response.error();
    for (const page of await worker.clients.matchAll({ type: "window" })) {
      if (page.visibilityState === "visible") page.postMessage("unsent");
    }
    return new Response(null, { status: 204 });
  }
}

/** @param {URL} url @returns {Promise<Response>} */
async function formAgain(url) {
  return fetch(url, { redirect: "manual" }).catch(async () => (await keptPage("offline")) ?? Response.error());
}

/** Which kept page an address shows. With a question in it, it asks the server. @param {URL} url */
function nameOf({ pathname, search }) {
  if (search && !/^\?delivery=[\w-]*$/.test(search)) return null;
  const [, day] = A_DAY.exec(pathname) ?? [];
  if (day && isWritable(day)) return "day";
  return { "/today": "day", "/days": "days", "/sign-out": "sign-out" }[pathname] ?? null;
}

/** Any other day asks the server, which has no page for it. @param {string} day */
function isWritable(day) {
  const at = Date.parse(day);
  return at > Date.now() - BACK && at < Date.now() + AHEAD && new Date(at).toISOString().startsWith(day);
}

/** @param {string} name */
async function keptPage(name) {
  const cache = await caches.open(shell.name);
  return cache.match(await addressOf(name));
}

/**
 * What is kept, or what the network has. A page from before an update may name a file that is gone since; the
 * one that took its place is better than a white page.
 *
 * @param {Request} request
 * @param {string} pathname
 * @returns {Promise<Response>}
 */
async function keptOr(request, pathname) {
  const cache = await caches.open(shell.name);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request).catch(() => Response.error());
  if (answer.ok) return answer;
  const stem = pathname.split(".")[0];
  const successor = shell.kept.find((address) => address.split(".")[0] === stem);
  return (successor && (await cache.match(successor))) || answer;
}
