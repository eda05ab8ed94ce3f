/** Fills a page that came without its day or person, and keeps its lines of words true after a change. */

import { today } from "./day.js";
import { otherHours } from "./controls.js";
import { dayInWords } from "./days_in_words.js";
import { onShown, shown, valueOf } from "./diary.js";
import { offerEarlierPlaces } from "./earlier_places.js";
import { onFacts } from "./facts.js";
import { showFacts } from "./fill_facts.js";
import { showState } from "./log_state.js";
import { isPastDay } from "./page_day.js";
import { showWeek } from "./week.js";
import { _ } from "./words.js";

let isKeptUp = false;

/** @param {HTMLFormElement} form @param {{patient: string, dayStartsAt: string}} person @param {string} day */
export async function fillPage(form, { patient, dayStartsAt }, day) {
  nameDay(patient, day);
  await offerEarlierPlaces(form, patient, day, today(dayStartsAt));
}

/** What was answered is seen, as on a page from the server. Later taps leave folds as they are. @param {HTMLFormElement} form */
export function openAnswered(form) {
  for (const answer of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("details [data-measure], details [data-counter]"))) {
    const { measure, counter = "" } = answer.dataset;
    if (valueOf(measure ?? counter) !== null) /** @type {HTMLDetailsElement} */ (answer.closest("details")).open = true;
  }
  if (otherHours(form, { sleep_hours: valueOf("sleep_hours") })) /** @type {HTMLDetailsElement} */ (document.getElementById("how-well-slept")).open = true;
  const note = /** @type {HTMLDetailsElement} */ (document.querySelector("#note-section details"));
  note.open = Boolean(valueOf("note"));
  /** @type {HTMLElement} */ (note.firstElementChild).textContent = note.open ? _("Your note") : _("Add a note");
}

/** From now on, also after taps. @param {{patient: string, dayStartsAt: string}} person */
export function keepUp({ patient, dayStartsAt }) {
  if (isKeptUp) return;
  isKeptUp = true;
  onShown((said) => showState(said, dayStartsAt));
  onShown(() => showWeek(patient, today(dayStartsAt), shown.day));
  onFacts(showFacts);
}

/** Makes the page say which day it is about, and its forms too. @param {string} patient @param {string} day */
function nameDay(patient, day) {
  const words = dayInWords(day);
  const heading = /** @type {HTMLTimeElement} */ (document.querySelector("h1 time"));
  heading.dateTime = day;
  heading.textContent = words;
  if (isPastDay) document.title = `${words} · Aftercare`;
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-day]"))) {
    form.action = `/days/${day}/log`;
    form.dataset.day = day;
    const { patient: whose } = /** @type {any} */ (form.elements);
    if (whose) whose.value = patient;
  }
  document.getElementById("log")?.setAttribute("aria-label", _("Log for %(day)s", { day: words }));
  // Timers, a bad day and one more glass are about now.
  document.documentElement.classList.toggle("is-past-day", isPastDay);
  showOnly("[data-past-day]", isPastDay);
  showOnly("[data-today-only]", !isPastDay);
}

/** @param {string} selector @param {boolean} shown */
function showOnly(selector, shown) {
  for (const only of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))) only.hidden = !shown;
}
