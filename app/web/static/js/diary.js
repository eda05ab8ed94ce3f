/**
 * The day this page shows: what is said about it, and saying more.
 *
 * A tap changes it at once, is kept on the phone, and is sent. What the server knows is read beside it, so the
 * page also shows what another phone said, with what waits here on top.
 */

import { comeAfter, newStamp } from "./day.js";
import { dayOn } from "./days.js";
import { MOST, cameWithDone, withEntries } from "./fold.js";
import { keep, waitingOf } from "./outbox.js";

/**
 * @typedef {Record<string, any>} Said every measure that is known, and when it was said
 * @typedef {{set?: Record<string, any>, add?: Record<string, number>}} Words
 * @typedef {{id: string, recorded_at: string, day: string, patient?: string}} Stamp
 */

export const shown = { patient: "", day: "" };
/** @type {Said} */
let said = {};
/** @type {Said | undefined} The day as the server told this page; until it does, the one that is kept. */
let known;
/** @type {Record<string, Record<string, number>>} What came with each "done" of this day. */
let came = {};
/** Counts what changed here, so that a look at the store that took longer is not believed. */
let changes = 0;
/** @type {((said: Said) => void)[]} */
const viewers = [];
/** @type {((takeBack: () => void) => void)[]} */
const listeners = [];

/** Calls `show` with what is said now, if a day is open, and whenever it changes. @param {(said: Said) => void} show */
export function onShown(show) {
  viewers.push(show);
  if (shown.day) show(said);
}

/** Calls `heard` after each tap with what takes it back. @param {(takeBack: () => void) => void} heard */
export function onSaid(heard) {
  listeners.push(heard);
}

/** @param {string} measure @returns {any} null when it is unknown */
export function valueOf(measure) {
  return said[measure] ?? null;
}

/**
 * @param {string} patient
 * @param {string} day
 * @param {Said} [fromServer] the day as this page brought it
 * @param {Record<string, Record<string, number>>} [doneBefore] what came with each "done", as this page brought it
 */
export async function openDay(patient, day, fromServer, doneBefore = {}) {
  Object.assign(shown, { patient, day });
  known = fromServer;
  said = fromServer ?? {};
  const waiting = await waitingOf(patient);
  for (const entry of waiting) comeAfter(entry.recorded_at);
  came = cameWithDone(doneBefore, waiting.filter((entry) => entry.day === day));
  await lookAgain();
}

/** What the server knows now. @param {Said[]} days */
export async function learn(days) {
  known = days.find(({ day }) => day === shown.day) ?? known;
  await lookAgain();
}

/** After another tab or the worker changed what is kept. */
export async function lookIntoStore() {
  known = (await dayOn(shown.patient, shown.day)) ?? known;
  await lookAgain();
}

async function lookAgain() {
  const { patient, day } = shown;
  const before = changes;
  // The day before what waits: what arrives in between is then missing for a moment, and never counted twice.
  const base = known ?? (await dayOn(patient, day)) ?? {};
  const waiting = (await waitingOf(patient)).filter((entry) => entry.day === day);
  if (day !== shown.day || patient !== shown.patient) return;
  if (before !== changes) return lookAgain();
  said = withEntries(base, waiting);
  show();
}

/** @param {string} measure @param {any} value null makes it unknown @returns {Promise<void>} answered when it is kept */
export function set(measure, value) {
  const before = valueOf(measure);
  return tap({ set: { [measure]: value } }, () => ({ set: { [measure]: before } }));
}

/**
 * @param {string} counter
 * @param {number} amount
 * @param {Stamp} [stamp] what it was known by before it happened: said again, it is the same entry
 * @returns {Promise<void>} answered when it is kept
 */
export function add(counter, amount, stamp) {
  const before = valueOf(counter);
  // Kept beyond the edge it would have to be taken back before anything changes.
  if (amount > 0 && before === MOST[counter]) return Promise.resolve();
  // Where nothing is left, nothing is known: a zero would say that none was.
  if (amount < 0 && before === -amount) return tap({ set: { [counter]: null } }, () => ({ add: { [counter]: -amount } }));
  // Nothing was known before this tap, and taking it back must not turn that into a zero.
  const opposite = () => (before === null ? { set: { [counter]: null } } : { add: { [counter]: -amount } });
  return tap({ add: { [counter]: amount } }, opposite, stamp);
}

/**
 * Answers one item of the plan; the other answers of the day stay as they are, and an answer that stands is none.
 * Of the minutes that the item asks, a "done" adds what was not logged by itself, and another answer takes it back.
 * @param {string} item
 * @param {string | null} answer null clears it
 * @param {string} [counter]
 * @param {number} [asked] minutes
 */
export function answerItem(item, answer, counter = "", asked = 0) {
  const before = valueOf("plan_items")?.[item] ?? null;
  if (before === answer) return;
  const value = valueOf(counter);
  const withOthers = Object.values(came).reduce((sum, one) => sum + (one[counter] ?? 0), 0);
  const minutes = answer === "done" ? Math.max(asked - Math.max(value - withOthers, 0), 0) : -Math.min(came[item]?.[counter] ?? 0, value);
  const now = { plan_items: { [item]: answer } };
  const then = { plan_items: { [item]: before } };
  if (!minutes) return void tap({ set: now }, () => ({ set: then }));
  // Nothing else was logged where nothing is left, and that is unknown, not a zero.
  if (value + minutes === 0) return void tap({ set: { ...now, [counter]: null } }, () => ({ set: then, add: { [counter]: -minutes } }));
  const opposite = value === null ? { set: { ...then, [counter]: null } } : { set: then, add: { [counter]: -minutes } };
  return void tap({ set: now, add: { [counter]: minutes } }, () => opposite);
}

/** @param {Words} words @param {() => Words} opposite @param {Stamp} [stamp] */
function tap(words, opposite, stamp) {
  const day = stamp?.day ?? shown.day;
  const kept = say(words, { ...newStamp(), ...stamp, day });
  for (const heard of listeners) heard(() => say(opposite(), { ...newStamp(), day }));
  return kept;
}

/** @param {Words} words @param {Stamp} stamp */
function say(words, stamp) {
  const entry = { ...shown, ...stamp, ...words };
  changes += 1;
  if (entry.day === shown.day) {
    said = withEntries(said, [entry]);
    came = cameWithDone(came, [entry]);
  }
  show();
  const kept = keep(entry);
  document.dispatchEvent(new CustomEvent("aftercare:said", { detail: kept }));
  return kept;
}

/** Again to whoever shows it, because there is more on the page to show it in. */
export function show() {
  for (const view of viewers) view(said);
}
