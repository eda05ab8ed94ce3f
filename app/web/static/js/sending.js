/**
 * Sends what waits, and says truthfully how it stands: "Saved" when, and only when, the server acknowledged
 * everything that was said here.
 */

import { learn, lookIntoStore, shown } from "./diary.js";
import { SIGNED_OUT, SOMEBODY_ELSE, flush, isOnlyHere, onOthers, refusedOf, waitingOf } from "./outbox.js";
import { _, ngettext } from "./words.js";

const TRY_AGAIN_AFTER = 15000;
const line = /** @type {HTMLOutputElement} */ (document.getElementById("save-status"));
/** @type {ReturnType<typeof setTimeout>} */
let tryAgain;
/** Taps that are not yet safe on this phone. */
let beingKept = 0;
/** Counts taps, so that a look at the store from before one is not believed. */
let taps = 0;
let hasSaid = false;

/** Sends by itself from now on. */
export function beginSending() {
  line.hidden = false;
  tell(_("Each tap is saved by itself."));
  line.dataset.idle = "";
  document.addEventListener("aftercare:said", (event) => onTap(/** @type {CustomEvent} */ (event).detail));
  addEventListener("online", () => sendWhatWaits());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") sendWhatWaits();
  });
  onOthers(async ({ data }) => {
    if (data === "left") return (await import("./leaving.js")).goToSignIn();
    hasSaid ||= Array.isArray(data);
    await lookIntoStore();
    await settle();
  });
  return sendWhatWaits();
}

/** @param {Promise<void>} kept */
async function onTap(kept) {
  tell(_("Saving…"));
  beingKept += 1;
  taps += 1;
  await kept;
  beingKept -= 1;
  hasSaid = true;
  await settle();
  await sendWhatWaits();
  // Browsers may forget what sites keep; they are asked not to once there is something to lose.
  navigator.storage?.persist?.().catch(() => {});
}

/** @returns {Promise<void>} */
export async function sendWhatWaits() {
  clearTimeout(tryAgain);
  try {
    if ((await waitingOf(shown.patient)).length === 0) return void (await settle());
    const { days, settled } = await flush(shown.patient);
    hasSaid = true;
    await learn(days);
    if ((await settle()) || beingKept > 0) return;
    if (settled > 0) return sendWhatWaits();
    retryLater();
  } catch (error) {
    const why = /** @type {Error} */ (error).message;
    await settle(why);
    // Without a store nothing would wait for the next sign-in, so the page stays.
    if (why === SIGNED_OUT && !isOnlyHere()) return (await import("./leaving.js")).signedOutElsewhere();
    retryLater();
  }
}

/** @param {string} [why] it was not sent @returns {Promise<boolean>} whether nothing waits */
async function settle(why) {
  const before = taps;
  if (beingKept > 0) return false;
  const waiting = (await waitingOf(shown.patient)).length;
  const refused = (await refusedOf(shown.patient)).length;
  if (taps !== before) return false;
  document.dispatchEvent(new CustomEvent("aftercare:waiting", { detail: { waiting, refused } }));
  await showRefused(refused).catch(() => {});
  if (taps !== before) return false;
  if (waiting > 0) tell(waitingInWords(why));
  else if (refused > 0) tell(ngettext("%(num)s entry needs attention", "%(num)s entries need attention", refused));
  else if (hasSaid) tell(_("Saved"));
  return waiting === 0;
}

/** Few ever need it, so it comes only when it is needed. @param {number} refused */
async function showRefused(refused) {
  const isShown = document.getElementById("attention")?.hidden === false;
  if (refused === 0 && !isShown) return;
  const { showAttention } = await import("./attention.js");
  await showAttention(() => settle());
}

/** @param {string} [why] */
function waitingInWords(why) {
  if (isOnlyHere()) return _("Not saved yet. Keep this page open until it is sent.");
  if (why === SIGNED_OUT) return _("Saved on this phone. Sign in again, then it is sent.");
  if (why === SOMEBODY_ELSE) return _("Saved on this phone. Somebody else is signed in here now. Sign in as yourself, then it is sent.");
  return _("Saved on this phone");
}

async function retryLater() {
  clearTimeout(tryAgain);
  tryAgain = setTimeout(sendWhatWaits, TRY_AGAIN_AFTER);
  // Where the browser knows how, the worker sends when the network is back, also without this page.
  const registration = /** @type {any} */ (await navigator.serviceWorker?.getRegistration());
  registration?.sync?.register("outbox").catch(() => {});
}

/** Said once: the same words again would be read out again. @param {string} words */
function tell(words) {
  if (line.textContent === words) return;
  line.textContent = words;
  delete line.dataset.idle;
}
