/**
 * The phone's own database, the same for pages and for the worker.
 *
 * `entries` wait to be sent or need attention, `days` are as the server knew them last, `kept` holds facts
 * about whose phone this is, and `pages` last copies of pages. A new version only ever adds stores.
 */

const NAME = "aftercare";
const VERSION = 2;
/** @type {Record<string, string | string[]>} */
const KEYS = { entries: "id", days: ["patient", "day"], kept: "name", pages: "path" };
/** @type {Promise<IDBDatabase | null> | undefined} */
let opened;

/**
 * One step on a store, answered after it is safely written; null where nothing can be kept.
 * @param {string} store
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest | void} step
 * @returns {Promise<any>}
 */
export async function run(store, mode, step) {
  // Looking must not leave a database behind where nothing was kept.
  if (mode === "readonly" && !opened && !(await exists())) return null;
  try {
    return await runOnce(store, mode, step);
  } catch {
    // Signing out in another tab closes the connection, and some phones lose it while they sleep.
    opened = undefined;
    return runOnce(store, mode, step);
  }
}

/** Forgets everything, also for other tabs. @returns {Promise<void>} */
export async function wipe() {
  const database = await opened;
  database?.close();
  opened = undefined;
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = request.onerror = request.onblocked = resolve;
  });
}

/** On a shared device nothing is kept. The worker, which knows no cookies, is not there then. */
export function keepsNothing() {
  return "document" in globalThis && /(^|; )aftercare-shared=/.test(document.cookie);
}

async function exists() {
  const databases = await globalThis.indexedDB?.databases?.().catch(() => null);
  return !databases || databases.some(({ name }) => name === NAME);
}

/** @param {string} store @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest | void} step */
async function runOnce(store, mode, step) {
  opened ??= open();
  const database = await opened;
  if (!database) return null;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const request = step(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result ?? true);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** @param {number} [version] @returns {Promise<IDBDatabase | null>} */
function open(version = VERSION) {
  return new Promise((resolve) => {
    if (!("indexedDB" in globalThis) || keepsNothing()) return resolve(null);
    const request = indexedDB.open(NAME, version || undefined);
    request.onupgradeneeded = () => addStores(request.result);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    // A newer Aftercare made it: it only added to what this one knows.
    request.onerror = () => resolve(version && request.error?.name === "VersionError" ? open(0) : null);
  });
}

/** @param {IDBDatabase} database */
function addStores(database) {
  for (const [store, keyPath] of Object.entries(KEYS)) {
    if (!database.objectStoreNames.contains(store)) database.createObjectStore(store, { keyPath });
  }
}
