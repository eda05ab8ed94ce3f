/** What a page says that is opened in an unusual way, by a notification, from its last copy or in another zone, or that could not send. */

import { momentInWords } from "./days_in_words.js";
import { sayOpened } from "./deliveries.js";
import { freshFacts, keptFacts } from "./facts.js";
import { ask } from "./push.js";
import { _ } from "./words.js";

const DECLINED = "aftercare-zone-declined";

/**
 * @param {HTMLElement} question
 * @param {string} zone the one the reminders follow
 */
export function greet(question, zone) {
  sayOpened();
  sayHowOld();
  askAboutZone(question, zone);
}

/** A page from the last copy says how old it is. */
function sayHowOld() {
  const { keptAt } = document.documentElement.dataset;
  const notice = document.getElementById("kept-at");
  if (!notice || !keptAt) return;
  notice.textContent = _("There is no connection. This is how it was on %(moment)s.", { moment: momentInWords(keptAt) });
  notice.hidden = false;
  // What a tap on the plan says is kept here; everything else asks the server.
  for (const form of document.querySelectorAll("form:not([data-item])")) {
    for (const control of /** @type {HTMLFormElement} */ (form).elements) control.toggleAttribute("disabled", true);
  }
  const files = document.querySelectorAll("main a[href^='/api/']");
  for (const file of files) {
    file.removeAttribute("href");
    file.role = "link";
    file.ariaDisabled = "true";
  }
  if (files.length > 0) notice.append(" ", _("Files can be opened and downloaded again when you are connected."));
}

/** A form could not be sent. */
export function sayUnsent() {
  const notice = document.getElementById("kept-at");
  if (!notice) return;
  notice.textContent = _("No connection. What you wrote is still here: send it again when you are connected.");
  notice.hidden = false;
  notice.tabIndex = -1;
  notice.focus();
}

/** By which clock a page tells its times, and whether the reminders should follow the phone into its zone. @param {HTMLElement} question @param {string} zone */
function askAboutZone(question, zone) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!here || !zone || sameClock(here, zone)) return;
  for (const said of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-elsewhere]"))) said.hidden = false;
  if (localStorage.getItem(DECLINED) === here) return;
  const words = /** @type {HTMLElement} */ (question.querySelector("p"));
  words.textContent = _("Your phone is now in %(place)s time. Move your reminders?", { place: placeOf(here) });
  question.querySelector("[data-yes]")?.addEventListener("click", async () => {
    const moved = await ask("PATCH", "/api/me", { zone: here }).then(() => true, () => false);
    if (moved) await showMoved();
    else words.textContent = _("Not moved yet. Check the connection and tap again.");
  });
  question.querySelector("[data-no]")?.addEventListener("click", () => {
    localStorage.setItem(DECLINED, here);
    question.hidden = true;
  });
  question.hidden = false;
}

/** What this phone keeps is read anew first, or it would ask again. */
async function showMoved() {
  const facts = await keptFacts();
  if (facts) await freshFacts(facts.patient);
  location.reload();
}

/**
 * Two names may mean one clock, now and in half a year; then there is nothing to ask.
 * @param {string} one
 * @param {string} other
 */
function sameClock(one, other) {
  const now = Date.now();
  return [now, now + 182 * 86400000].every((at) => wall(one, at) === wall(other, at));
}

/** @param {string} zone @param {number} at */
function wall(zone, at) {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(at);
  } catch {
    return zone;
  }
}

/** @param {string} zone @returns {string} "Europe/Rome" is Rome */
function placeOf(zone) {
  return (zone.split("/").pop() ?? zone).replaceAll("_", " ");
}
