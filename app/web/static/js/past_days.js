/** The list of the last days, from what is kept on this phone. */

import "./patient.js";

import { later, today } from "./day.js";
import { daysBetween } from "./days.js";
import { dayInWords } from "./days_in_words.js";
import { freshFacts, guardGoingBack, keptFacts } from "./facts.js";
import { withEntries } from "./fold.js";
import { waitingOf } from "./outbox.js";
import { _ } from "./words.js";

const lines = [...document.querySelectorAll("#past-days > li > a")];

if ("shell" in document.documentElement.dataset) begin();

async function begin() {
  const facts = await keptFacts();
  if (!facts) return location.replace("/sign-in");
  guardGoingBack();
  await showDays(facts);
  if (await freshFacts(facts.patient)) await showDays(facts);
}

/** @param {import("./facts.js").Facts} facts */
async function showDays({ patient, day_starts_at }) {
  const now = today(day_starts_at);
  const kept = new Map((await daysBetween(patient, later(now, -lines.length), now)).map((day) => [day.day, day]));
  const waiting = await waitingOf(patient);
  for (const [index, line] of lines.entries()) {
    const day = later(now, -1 - index);
    showDay(line, day, withEntries(kept.get(day) ?? null, waiting.filter((entry) => entry.day === day)));
  }
}

/** @param {Element} line @param {string} day @param {Record<string, any>} said */
function showDay(line, day, said) {
  const [name, , words] = /** @type {HTMLElement[]} */ ([.../** @type {Element} */ (line.firstElementChild).children]);
  /** @type {HTMLAnchorElement} */ (line).href = `/days/${day}`;
  name.textContent = dayInWords(day);
  words.textContent = inWords(said);
  /** @type {HTMLElement} */ (line.lastElementChild).hidden = !said.late;
}

/** @param {Record<string, any>} said */
function inWords(said) {
  if (!said.first_logged_at) return _("Not logged");
  return typeof said.pain === "number" ? _("Pain %(number)s", { number: said.pain }) : _("Logged");
}
