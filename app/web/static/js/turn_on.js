/** Turns reminders on for this very device, step by step, and shows that a test really arrives. */

import { family, situation } from "./device.js";
import { TookTooLong, ask, current, isRemembered, subscribe } from "./push.js";
import { _ } from "./words.js";

/** @typedef {import("./push.js").Device} Device */

const TEST_WITHIN = 30000;
const LOOK_EVERY = 1500;
const SAID = {
  insecure: _("This address begins with http://, and there no browser allows reminders."),
  iphone_safari: _("On an iPhone or iPad, Aftercare goes on the Home Screen first."),
  iphone_other: _("On an iPhone or iPad, Aftercare goes on the Home Screen first."),
  iphone_old: _("This iPhone or iPad is too old for reminders, or needs an update."),
  no_push: _("This browser cannot receive reminders."),
  denied: _("Notifications are blocked for Aftercare on this device."),
  ready: _("Reminders are off on this device."),
};

const state = element("phone-state");
const turnOn = /** @type {HTMLButtonElement} */ (element("turn-on"));
const account = document.getElementById("zone-question")?.dataset.account ?? "";

begin();

async function begin() {
  turnOn.addEventListener("click", () => attempt(turnItOn));
  element("test-again").addEventListener("click", () => attempt(() => test()));
  const now = situation();
  showSteps(now);
  const isOn = now === "ready" && Notification.permission === "granted" && (await current().catch(() => null));
  if (isOn && isRemembered(account)) showOn(_("Reminders are on for this device."));
}

/** The permission is asked for here and nowhere else: after a tap. */
async function turnItOn() {
  say(_("Your device is asking for permission…"));
  const allowed = await Notification.requestPermission();
  if (allowed === "denied") return showSteps("denied");
  if (allowed !== "granted") return say(_("No answer yet. Tap again when you are ready."));
  say(_("Turning reminders on…"));
  await test(await subscribe(account));
}

/** Ends with a received test: the service worker reports what it has shown. @param {Device} [device] */
async function test(device) {
  showOn(_("Reminders are on for this device. A test is on its way…"));
  const here = device ?? (await thisDevice());
  const { deliveries } = await ask("POST", "/api/push/test");
  const ids = deliveries.map((/** @type {{id: string}} */ one) => one.id);
  say(await outcome(ids, here?.id));
}

/** @returns {Promise<Device | undefined>} as the server knows it */
async function thisDevice() {
  const subscription = await current();
  const { subscriptions } = await ask("GET", "/api/push/subscriptions");
  return subscriptions.find((/** @type {Device} */ one) => one.endpoint === subscription?.endpoint);
}

/**
 * @param {string[]} ids
 * @param {string} [device] the id of this device's subscription, because two phones may have one name
 * @returns {Promise<string>} in words
 */
async function outcome(ids, device) {
  const since = encodeURIComponent(new Date(Date.now() - 300000).toISOString());
  const until = Date.now() + TEST_WITHIN;
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    const known = (await ask("GET", `/api/deliveries?since=${since}`)).deliveries;
    const ours = known.filter((/** @type {any} */ one) => ids.includes(one.id) && (!device || one.subscription_id === device));
    if (ours.some((/** @type {any} */ one) => ["shown", "acted"].includes(one.state))) return _("The test arrived. Reminders are on for this device.");
    if (ours.length > 0 && ours.every((/** @type {any} */ one) => one.state === "failed")) return _("The test was refused on its way. Turn reminders on once more.");
  }
  return _("Reminders are on, but the test has not been seen yet. Check that notifications are allowed in the settings of your device.");
}

/** Does it, and says plainly when it fails. @param {() => Promise<void>} step */
async function attempt(step) {
  turnOn.disabled = true;
  try {
    await step();
  } catch (error) {
    say(error instanceof TookTooLong
      ? _("Your browser did not answer. Check the connection and tap again.")
      : _("That was not possible just now. Check the connection and tap again."));
  } finally {
    turnOn.disabled = false;
  }
}

/** @param {import("./device.js").Situation} now */
function showSteps(now) {
  for (const steps of document.querySelectorAll("[data-steps]")) {
    const { steps: wanted, family: of } = /** @type {HTMLElement} */ (steps).dataset;
    /** @type {HTMLElement} */ (steps).hidden = wanted !== now || (of !== undefined && of !== family());
  }
  turnOn.hidden = now !== "ready";
  say(SAID[now]);
}

/** @param {string} words */
function showOn(words) {
  for (const steps of document.querySelectorAll("[data-steps]")) /** @type {HTMLElement} */ (steps).hidden = true;
  turnOn.hidden = true;
  element("is-on").hidden = false;
  say(words);
}

/** @param {string} words */
function say(words) {
  state.textContent = words;
}

/** @param {string} id */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
