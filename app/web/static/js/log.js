/** Saves each tap of the log at once, for the day by this phone's clock. Without this file the form is a plain post. */

import "./badge.js";
import "./next_question.js";
import "./place_ways.js";
import "./undo.js";

import { fill, listenTo, sayNote, takeEarlyTaps } from "./controls.js";
import { today } from "./day.js";
import { learn, onShown, openDay, shown } from "./diary.js";
import { freshFacts, guardGoingBack, keptFacts, olderDay } from "./facts.js";
import { dayOfPage, isPastDay, onDayTurn } from "./page_day.js";
import { beginSending } from "./sending.js";
import { bringWhatIsWanted } from "./wanted.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("log"));
const isShell = "shell" in document.documentElement.dataset;
/** @type {Record<string, any>} Every measure as the server filled it in. */
const was = JSON.parse(/** @type {HTMLInputElement} */ (form.elements.namedItem("was")).value);
/** Whose page this is, as the server says or, where the worker brought the page, as this phone knows. */
const person = { patient: form.dataset.patient ?? "", dayStartsAt: form.dataset.dayStartsAt ?? "" };

begin();

async function begin() {
  for (const one of document.querySelectorAll("[data-plain-save], #places-suggested")) /** @type {HTMLElement} */ (one).hidden = true;
  const sayEarlyTaps = takeEarlyTaps(form);
  if (isShell && !(await isKnownHere())) return location.replace("/sign-in");
  // As the server does.
  if (isPastDay && dayOfPage(person.dayStartsAt) === today(person.dayStartsAt)) return location.replace("/today");
  listenTo(form);
  await openDayOfPage();
  sayEarlyTaps();
  onShown((said) => fill(form, said));
  if (isShell) await keepUp();
  else onShown((said) => differsFrom(said, was) && keepUp());
  document.documentElement.dataset.filled = "";
  bringWhatIsWanted();
  onDayTurn(person.dayStartsAt, turnDay);
  guardGoingBack();
  addEventListener("pagehide", () => sayNote(form));
  document.addEventListener("visibilitychange", onVisibility);
  await Promise.all([beginSending(), reconcile()]);
}

async function isKnownHere() {
  const facts = await keptFacts();
  Object.assign(person, { patient: facts?.patient ?? "", dayStartsAt: facts?.day_starts_at ?? "" });
  return facts !== null;
}

/** The day of this moment, with what the page itself brought if it is about that day. */
async function openDayOfPage() {
  const day = dayOfPage(person.dayStartsAt);
  const broughtIt = form.dataset.day === day && !shown.day;
  const opening = openDay(person.patient, day, broughtIt ? was : undefined);
  if (broughtIt) return opening;
  const { fillPage, openAnswered } = await import("./fill_page.js");
  await Promise.all([fillPage(form, person, day), opening]);
  openAnswered(form);
}

/** @param {Record<string, any>} said @param {Record<string, any>} was */
function differsFrom(said, was) {
  return Object.keys(was).some((measure) => JSON.stringify(said[measure] ?? null) !== JSON.stringify(was[measure]));
}

/** What came filled from the server needs this only once something changes. */
async function keepUp() {
  (await import("./fill_page.js")).keepUp(person);
}

/** Brings what the server knows. */
async function reconcile() {
  const days = await freshFacts(person.patient);
  if (days) await learn([days.find(({ day }) => day === shown.day) ?? (await olderDay(shown.day))]);
}

function onVisibility() {
  if (document.visibilityState === "hidden") return sayNote(form);
  keepUp();
  reconcile();
}

/** Whoever comes back to the page finds today; whoever is looking at it is asked. @param {boolean} isLooking */
function turnDay(isLooking) {
  const notice = document.getElementById("new-day");
  const isOver = dayOfPage(person.dayStartsAt) > shown.day;
  if (notice) notice.hidden = !isOver || !isLooking;
  if (!isOver || isLooking) return;
  sayNote(form);
  openDayOfPage();
}
