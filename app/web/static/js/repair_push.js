/** Brings this browser's push subscription and the server together again. */

import { ask, current, isRemembered, subscribe, tellServer } from "./push.js";

const LOOK_EVERY = 3600000;
const LOOKED = "aftercare-looked";

/** At most once an hour; what fails now is tried again when the app is opened next. @param {string} account */
export async function repairNowAndThen(account) {
  if (Date.now() - Number(sessionStorage.getItem(LOOKED)) < LOOK_EVERY) return;
  sessionStorage.setItem(LOOKED, String(Date.now()));
  await repair(account).catch(() => sessionStorage.removeItem(LOOKED));
}

/**
 * After a renewed endpoint, a device the server gave up on, a
 * subscription the browser has lost, or one made with a key that is no longer ours.
 * @param {string} account
 */
async function repair(account) {
  const subscription = await current();
  if (!subscription) {
    if (isRemembered(account)) await subscribe(account);
    return;
  }
  if (!isRemembered(account) && !(await isKnown(subscription.endpoint))) return;
  const device = await tellServer(account, subscription);
  if (device.needs_resubscribe) await subscribe(account);
}

/** @param {string} endpoint */
async function isKnown(endpoint) {
  const { subscriptions } = await ask("GET", "/api/push/subscriptions");
  return subscriptions.some((/** @type {{endpoint: string}} */ device) => device.endpoint === endpoint);
}
