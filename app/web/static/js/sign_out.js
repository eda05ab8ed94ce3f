/**
 * Signing out clears this browser, so what is not sent yet is sent first; without a network this browser still
 * forgets everything, and the server is told with the next request. Without this file the form is a plain post.
 */

import { sendCommands } from "./commands.js";
import { keptFacts } from "./facts.js";
import { leaveNothing } from "./leaving.js";
import { flush, unsent } from "./outbox.js";
import { _, ngettext } from "./words.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("sign-out"));
const state = /** @type {HTMLElement} */ (document.getElementById("unsent"));
const again = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
const anyway = /** @type {HTMLButtonElement} */ (document.getElementById("sign-out-anyway"));
let isSending = false;

form.addEventListener("submit", sendFirst);
anyway.addEventListener("click", leave);

/** @param {Event} event */
async function sendFirst(event) {
  event.preventDefault();
  if (isSending) return;
  isSending = true;
  const account = form.dataset.account ?? (await keptFacts())?.patient ?? "";
  if ((await unsent()).length > 0) await sendAll(account);
  const taps = await sendCommands();
  isSending = false;
  const left = await unsent();
  if (left.length + taps === 0) return leave();
  const own = left.filter(({ patient }) => patient === account).length + taps;
  ask(own > 0 ? ownInWords(own) : othersInWords(left.length));
}

/** @param {string} account */
async function sendAll(account) {
  say(_("Sending what is not sent yet…"));
  try {
    while ((await flush(account)).settled > 0);
  } catch {
    // What is left then is told.
  }
}

async function leave() {
  const answer = await fetch("/api/sign-in", { method: "DELETE", signal: AbortSignal.timeout(10000) }).catch(() => null);
  if (!answer?.ok && answer?.status !== 401) leaveWithNextRequest();
  await leaveNothing();
  if (answer) return location.replace("/sign-in");
  say(_("You are signed out on this phone. Nothing of your diary is kept here any more."));
  form.querySelectorAll("button").forEach((button) => button.remove());
}

/** The cookie of the sign-in is out of reach of scripts; this one makes the server end it when it hears from us. */
function leaveWithNextRequest() {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `aftercare-leave=1; path=/; max-age=31536000; samesite=lax${secure}`;
}

/** @param {string} words */
function ask(words) {
  say(words);
  again.textContent = _("Send and sign out");
  anyway.hidden = false;
}

/** @param {string} words */
function say(words) {
  state.textContent = words;
  state.hidden = false;
}

/** @param {number} count */
function ownInWords(count) {
  return ngettext(
    "%(num)s answer is not sent yet. Signing out now deletes it.",
    "%(num)s answers are not sent yet. Signing out now deletes them.",
    count,
  );
}

/** @param {number} count */
function othersInWords(count) {
  return ngettext(
    "%(num)s answer that somebody else gave here is not sent yet. Signing out now deletes it.",
    "%(num)s answers that somebody else gave here are not sent yet. Signing out now deletes them.",
    count,
  );
}
