/** This browser's push subscription, and telling the server about it. */

import "./trusted_types.js";
import { canBeReached, deviceName } from "./device.js";

const WITHIN = 10000;
const REMEMBERED = "aftercare-reminders";

export class TookTooLong extends Error {}

/** @type {Promise<unknown>} what the server is being told of this browser */
let telling = Promise.resolve();
let hasLetGo = false;

/** @typedef {{id: string, endpoint: string, needs_resubscribe: boolean}} Device */

/** @returns {Promise<PushSubscription | null>} */
export async function current() {
  if (!canBeReached()) return null;
  const registration = await within(navigator.serviceWorker.getRegistration("/"));
  return registration ? within(registration.pushManager.getSubscription()) : null;
}

/**
 * Subscribes, in place of any subscription made before, and tells the server. Call it after a tap only.
 * @param {string} account
 * @returns {Promise<Device>}
 */
export async function subscribe(account) {
  const registration = await within(navigator.serviceWorker.ready);
  const { public_key: key } = await ask("GET", "/api/push/key");
  const old = await within(registration.pushManager.getSubscription());
  // A browser refuses a second key while it holds the first.
  if (old) await within(old.unsubscribe());
  const applicationServerKey = bytes(key);
  const fresh = await within(registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
  return tellServer(account, fresh, old?.endpoint);
}

/**
 * @param {string} account whose reminders this browser gets; remembered, so that another person who signs in
 *   here later is not reminded without having asked for it
 * @param {PushSubscription} subscription
 * @param {string} [replaces] the endpoint this browser had before
 * @returns {Promise<Device>}
 */
export function tellServer(account, subscription, replaces) {
  const told = tell(account, subscription, replaces);
  telling = told.catch(() => {});
  return told;
}

/** @type {typeof tellServer} */
async function tell(account, subscription, replaces) {
  if (hasLetGo) throw new Error("Reminders were just turned off here.");
  const key = subscription.options?.applicationServerKey;
  const said = { ...subscription.toJSON(), device_name: deviceName() };
  const device = await ask("POST", "/api/push/subscriptions", {
    ...said,
    ...(key ? { application_server_key: base64url(key) } : {}),
    ...(replaces && replaces !== subscription.endpoint ? { replaces } : {}),
  });
  localStorage.setItem(REMEMBERED, account);
  return device;
}

/** No more reminders on this browser: what is just being told would bring them back. */
export async function unsubscribe() {
  hasLetGo = true;
  await telling;
  localStorage.removeItem(REMEMBERED);
  const subscription = await current();
  if (!subscription) return;
  await ask("DELETE", "/api/push/subscriptions", { endpoint: subscription.endpoint }).catch(() => {});
  await within(subscription.unsubscribe());
}

/** @param {string} account @returns {boolean} whether reminders were turned on here for this person */
export function isRemembered(account) {
  return localStorage.getItem(REMEMBERED) === account;
}

/** @param {string} method @param {string} path @param {object} [body] */
export async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(WITHIN),
  });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return answer.status === 204 ? null : answer.json();
}

/**
 * @template T
 * @param {Promise<T>} promise some browsers never settle it
 * @returns {Promise<T>}
 */
function within(promise) {
  const tooLong = new Promise((_, reject) => setTimeout(() => reject(new TookTooLong()), WITHIN));
  return Promise.race([promise, /** @type {Promise<never>} */ (tooLong)]);
}

/** @param {string} base64url @returns {Uint8Array<ArrayBuffer>} */
function bytes(base64url) {
  const plain = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} key @returns {string} */
function base64url(key) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(key)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
