/**
 * The page's only Trusted Types policy. Nothing may become markup or script from text; the one address
 * that may become a script is our own service worker.
 */

const WORKER = "/service-worker.js";

/**
 * @param {string} address
 * @returns {string}
 */
export function onlyTheWorker(address) {
  const { origin, pathname } = new URL(address, location.href);
  if (origin === location.origin && pathname === WORKER) return address;
  throw new TypeError("This address may not become a script.");
}

const trustedTypes = Reflect.get(globalThis, "trustedTypes");
if (trustedTypes) trustedTypes.createPolicy("default", { createScriptURL: onlyTheWorker });
