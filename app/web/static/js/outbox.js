/**
 * What was said on this phone and not yet acknowledged by the server.
 * An entry is kept before anything is sent and forgotten only when its own id is acknowledged.
 */

import { keepDays } from "./days.js";
import { run } from "./store.js";

/**
 * @typedef {{id: string, patient: string, day: string, recorded_at: string, refused?: string,
 *   set?: Record<string, any>, add?: Record<string, number>}} Entry
 *   `refused` says why the server will never take it as it is.
 * @typedef {{days: any[], settled: number, refused: number}} Sent
 */

export const SIGNED_OUT = "signed out";
export const SOMEBODY_ELSE = "somebody else is signed in";
const LOCK = "aftercare-outbox";
const AT_ONCE = 500;
/** The server reads 64 KB at most. */
const BYTES_AT_ONCE = 48 * 1024;
/** The same body would be answered the same again. */
const FOR_GOOD = [400, 413, 422];
/** @type {Map<string, Entry>} What this page said; it outlives a store that fails, is wiped or is not there. */
const inMemory = new Map();
/** @type {Set<string>} Ids that need no sending, even when the store cannot let go of them. */
const acknowledged = new Set();
let onlyHere = false;
/** Tells the other tabs, and the worker tells all of them. */
const others = "BroadcastChannel" in globalThis ? new BroadcastChannel("aftercare-entries") : null;
/** How often something was sent or dropped; what was asked for before the last time is out of date. */
let forgotten = 0;
onOthers(({ data }) => Array.isArray(data) && letGo(data));

/** @param {string | string[]} what happened: "kept", "left" by somebody who signed out, or the ids that were forgotten */
export function tellOthers(what) {
  others?.postMessage(what);
}

/** Calls `changed` when another tab or the worker kept or sent something, or when somebody left. @param {(event: MessageEvent) => void} changed */
export function onOthers(changed) {
  others?.addEventListener("message", changed);
}

/** Keeps it until it is sent. It takes the place of what it corrects, and of an unsent note. @param {Entry} entry */
export async function keep(entry) {
  for (const old of [...inMemory.values()]) if (replaces(entry, old)) inMemory.delete(old.id);
  inMemory.set(entry.id, entry);
  await run("entries", "readwrite", (entries) => {
    forgetReplaced(entries, entry);
    return entries.put(entry);
  }).catch(() => null);
  tellOthers("kept");
}

/** @param {string} patient @returns {Promise<Entry[]>} the oldest first */
export async function waitingOf(patient) {
  return (await unsent()).filter((entry) => entry.patient === patient);
}

/** What waits on this phone, whoever said it. @returns {Promise<Entry[]>} the oldest first */
export async function unsent() {
  return (await everything()).filter((entry) => !entry.refused);
}

/** What the server refused and a person has to look at. @param {string} patient @returns {Promise<Entry[]>} */
export async function refusedOf(patient) {
  return (await everything()).filter((entry) => entry.refused && entry.patient === patient);
}

/** Changes whenever entries arrived at the server, from whichever tab. */
export function sentSoFar() {
  return forgotten;
}

/** Whether something of what was asked for last is lost when this page is closed. */
export function isOnlyHere() {
  return onlyHere;
}

/** Lets go of entries, because they arrived or because the person dropped them. @param {string[]} ids */
export async function forget(ids) {
  letGo(ids);
  await run("entries", "readwrite", (entries) => ids.forEach((id) => entries.delete(id))).catch(() => null);
  tellOthers(ids);
}

/** Also of what this page said and another tab or the worker sent. @param {string[]} ids */
function letGo(ids) {
  forgotten += 1;
  for (const id of ids) {
    inMemory.delete(id);
    acknowledged.add(id);
  }
}

/**
 * Sends what waits, one tab at a time and a part at once. Answers the days as the server now knows them,
 * how many entries it judged, and how many of them it refused; throws when it did not judge any, and then all stay.
 * @param {string} patient
 * @returns {Promise<Sent>}
 */
export async function flush(patient) {
  const { locks } = navigator;
  return locks ? locks.request(LOCK, () => send(patient)) : send(patient);
}

/** @returns {Promise<Entry[]>} */
async function everything() {
  /** @type {Entry[]} */
  const stored = (await run("entries", "readonly", (entries) => entries.getAll()).catch(() => null)) ?? [];
  const entries = new Map(stored.map((entry) => [entry.id, entry]));
  onlyHere = [...inMemory.keys()].some((id) => !entries.has(id));
  for (const entry of inMemory.values()) entries.set(entry.id, entry);
  return [...entries.values()].filter(({ id }) => !acknowledged.has(id)).sort(inOrder);
}

/** @param {Entry} one @param {Entry} other */
function inOrder(one, other) {
  return Date.parse(one.recorded_at) - Date.parse(other.recorded_at) || (one.id < other.id ? -1 : 1);
}

/** @param {string} patient @returns {Promise<Sent>} */
async function send(patient) {
  const waiting = await waitingOf(patient);
  if (waiting.length === 0) return { days: [], settled: 0, refused: 0 };
  return sendBatch(patient, fitting(waiting));
}

/** The first entries, as many as one body holds; at least one. @param {Entry[]} waiting */
function fitting(waiting) {
  let bytes = 0;
  const end = waiting.findIndex((entry, index) => {
    bytes += new Blob([JSON.stringify(entry), ","]).size;
    return index > 0 && (index === AT_ONCE || bytes > BYTES_AT_ONCE);
  });
  return end === -1 ? waiting : waiting.slice(0, end);
}

/**
 * What is refused as a whole is sent in halves, down to the one entry that is to blame.
 * @param {string} patient @param {Entry[]} batch @returns {Promise<Sent>}
 */
async function sendBatch(patient, batch) {
  const answer = await post(patient, batch);
  if (answer.status === 401) throw new Error(SIGNED_OUT);
  if (answer.status === 409) throw new Error(SOMEBODY_ELSE);
  if (FOR_GOOD.includes(answer.status)) {
    if (batch.length > 1) return sendBatch(patient, batch.slice(0, Math.ceil(batch.length / 2)));
    return { days: [], ...(await settle(batch, [{ id: batch[0].id, status: "invalid" }])) };
  }
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  const { results, days } = await answer.json();
  const known = [...days, ...emptied(batch, results, days)];
  // The days first: between the two an entry would be neither waiting nor in its day.
  await keepDays(patient, known);
  return { days: known, ...(await settle(batch, results)) };
}

/**
 * Days on which nothing stands any more; the answer does not name them.
 * @param {Entry[]} batch @param {{id: string, status: string}[]} results @param {{day: string}[]} days
 */
function emptied(batch, results, days) {
  const stored = new Set(results.filter(isStored).map(({ id }) => id));
  const touched = new Set(batch.filter(({ id }) => stored.has(id)).map(({ day }) => day));
  for (const { day } of days) touched.delete(day);
  return [...touched].map((day) => ({ day }));
}

/** @param {{status: string}} result */
function isStored({ status }) {
  return status === "accepted" || status === "duplicate";
}

/** @param {string} patient @param {Entry[]} batch */
function post(patient, batch) {
  const entries = batch.map(({ patient: _patient, ...said }) => said);
  return fetch("/api/entries", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Aftercare-Patient": patient },
    body: JSON.stringify({ entries }),
    signal: AbortSignal.timeout(15000),
  });
}

/**
 * Forgets what was stored and puts aside what never will be.
 * @param {Entry[]} batch
 * @param {{id: string, status: string, error?: {message: string} | null}[]} results
 */
async function settle(batch, results) {
  const sent = new Map(batch.map((entry) => [entry.id, entry]));
  const judged = results.filter(({ id }) => sent.has(id));
  const refused = judged.filter((one) => !isStored(one));
  for (const { id, status, error } of refused) {
    const entry = /** @type {Entry} */ (sent.get(id));
    await keep({ ...entry, refused: error?.message || status });
  }
  await forget(judged.filter(isStored).map(({ id }) => id));
  return { settled: judged.length, refused: refused.length };
}

/** @param {IDBObjectStore} entries @param {Entry} entry */
function forgetReplaced(entries, entry) {
  const all = entries.getAll();
  all.onsuccess = () => {
    for (const old of all.result) if (replaces(entry, old)) entries.delete(old.id);
  };
}

/**
 * A note holds all of its text, so it takes the place of an unsent one; and what is said anew corrects what
 * was refused, but for the words of a note, which are nowhere else.
 * @param {Entry} entry @param {Entry} old
 */
function replaces(entry, old) {
  if (entry.patient !== old.patient || entry.day !== old.day || entry.id === old.id || entry.refused) return false;
  if (old.refused) return !old.set?.note && measuresOf(old).every((measure) => measuresOf(entry).includes(measure));
  return measuresOf(entry).join() === "note" && measuresOf(old).join() === "note";
}

/** @param {Entry} entry */
function measuresOf({ set, add }) {
  return [...Object.keys(set ?? {}), ...Object.keys(add ?? {})];
}
