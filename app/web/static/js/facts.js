/**
 * What this phone knows of its patient, as `/api/today` says it: whose it is, how the day runs, and what Today
 * shows besides the log. It is kept, so that a page without a network or without any personal word fills itself.
 */

import { contentOf } from "./answers.js";
import { keepDays } from "./days.js";
import { sentSoFar } from "./outbox.js";
import { run } from "./store.js";

/**
 * @typedef {Record<string, any> & {patient: string, zone: string, locale: string, day_starts_at: string,
 *   first: string, last: string, water_target: number | null, held_sessions: string[]}} Facts
 *   without the days, which are kept by themselves
 */

/** @type {Facts | null} */
let known = null;
/** @type {((facts: Facts) => void)[]} */
const users = [];

/** @returns {Promise<Facts | null>} null when nobody's phone is known here */
export async function keptFacts() {
  known ??= (await run("kept", "readonly", (kept) => kept.get("facts")).catch(() => null))?.facts ?? null;
  return known;
}

/** What was chosen on this page, or on another phone, counts from now on for the pages that the worker keeps. */
export async function keepLanguage() {
  const { lang, dataset } = document.documentElement;
  const facts = await keptFacts();
  if (!facts || facts.locale === lang || "shell" in dataset || "keptAt" in dataset) return;
  known = { ...facts, locale: lang };
  await run("kept", "readwrite", (kept) => kept.put({ name: "facts", facts: known })).catch(() => null);
}

/** Calls `use` with the facts as soon as there are some, and whenever they are read anew. @param {(facts: Facts) => void} use */
export function onFacts(use) {
  users.push(use);
  if (known) use(known);
}

/**
 * Asks the server. Without an answer the facts stay as they are; when somebody else or nobody is signed in here,
 * what is kept of this patient goes.
 * @param {string} patient
 * @returns {Promise<any[] | null>} the days that came with them
 */
export async function freshFacts(patient) {
  const before = sentSoFar();
  const answer = await fetch("/api/today", {
    headers: { "Aftercare-Patient": patient },
    signal: AbortSignal.timeout(15000),
  }).catch(() => null);
  if (answer?.status === 401) await (await import("./leaving.js")).signedOutElsewhere();
  if (answer?.status === 403 || answer?.status === 409) await (await import("./leaving.js")).startAnew();
  const said = await contentOf(answer);
  if (!said) return null;
  const { days, ...facts } = said;
  // What was sent meanwhile may be missing in this answer; and so may what is sent while it is kept, below.
  if (before !== sentSoFar()) return freshFacts(patient);
  known = facts;
  await run("kept", "readwrite", (kept) => kept.put({ name: "facts", facts })).catch(() => null);
  await keepDays(patient, days, [facts.first, facts.last]);
  if (before !== sentSoFar()) return freshFacts(patient);
  for (const use of users) use(facts);
  return days;
}

/** A day from before those that are kept. @param {string} day @returns {Promise<any>} */
export async function olderDay(day) {
  const answer = known && day < known.first ? await fetch(`/api/days/${day}`).catch(() => null) : null;
  return (await contentOf(answer)) ?? { day };
}

/** A page the browser kept for going back must not show what was wiped since. */
export function guardGoingBack() {
  addEventListener("pageshow", async ({ persisted }) => {
    known = null;
    if (persisted && !(await keptFacts())) location.replace("/sign-in");
  });
}
