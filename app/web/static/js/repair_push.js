/** Brings this browser's push subscription and the server together again. */

import { ask, current, isRemembered, subscribe, tellServer } from "./push.js";

/**
 * After a renewed endpoint, a device the server gave up on, a
 * subscription the browser has lost, or one made with a key that is no longer ours.
 * @param {string} account
 */
export async function repair(account) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
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
