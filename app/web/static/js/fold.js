/** A day with what was said since: the same rule as on the server. */

/** @typedef {import("./outbox.js").Entry} Entry */

/** @type {Record<string, number>} What a counter can hold. */
export const MOST = { water_glasses: 40, stretching_minutes: 300, heat_minutes: 240, ice_minutes: 240 };

/**
 * @param {Record<string, any> | null} day
 * @param {Entry[]} entries the oldest first
 * @returns {Record<string, any>} which `waits` when some of it is not in the day yet
 */
export function withEntries(day, entries) {
  const said = { ...day };
  if (entries.length > 0) said.waits = true;
  for (const entry of entries) {
    for (const [measure, value] of Object.entries(entry.set ?? {})) said[measure] = answered(said[measure], measure, value);
    for (const [counter, amount] of Object.entries(entry.add ?? {})) said[counter] = (said[counter] ?? 0) + amount;
  }
  for (const [counter, most] of Object.entries(MOST)) {
    if ((said[counter] ?? null) !== null) said[counter] = Math.min(Math.max(said[counter], 0), most);
  }
  return said;
}

/**
 * What each item of the plan that is done added to the counters.
 * @param {Record<string, Record<string, number>>} before @param {Entry[]} entries said since, the oldest first
 */
export function cameWithDone(before, entries) {
  const came = { ...before };
  for (const { set, add } of entries) {
    for (const [item, answer] of Object.entries(set?.plan_items ?? {})) {
      came[item] = answer === "done" ? sumOf(came[item] ?? {}, add ?? {}) : {};
    }
  }
  return came;
}

/** @param {Record<string, number>} some @param {Record<string, number>} others */
function sumOf(some, others) {
  const sum = { ...some };
  for (const [counter, amount] of Object.entries(others)) sum[counter] = (sum[counter] ?? 0) + amount;
  return sum;
}

/** Plan items are answered one by one. @param {any} before @param {string} measure @param {any} value */
function answered(before, measure, value) {
  if (measure !== "plan_items" || value === null) return value;
  const standing = Object.entries({ ...before, ...value }).filter(([, answer]) => answer !== null);
  return standing.length > 0 ? Object.fromEntries(standing) : null;
}
