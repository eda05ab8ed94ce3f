/** Days as the server knew them last, kept on this phone. */

import { run } from "./store.js";

/** @typedef {Record<string, any> & {day: string}} Day A day as `/api/days` answers it. */

/** @param {string} patient @param {string} day @returns {Promise<Day | null>} */
export async function dayOn(patient, day) {
  const [found] = await daysBetween(patient, day, day);
  return found ?? null;
}

/** @param {string} patient @param {string} first @param {string} last @returns {Promise<Day[]>} oldest first */
export async function daysBetween(patient, first, last) {
  const range = IDBKeyRange.bound([patient, first], [patient, last]);
  const found = await run("days", "readonly", (days) => days.getAll(range)).catch(() => null);
  return Array.isArray(found) ? found : [];
}

/**
 * @param {string} patient
 * @param {Day[]} days
 * @param {[string, string]} [period] what is in it and not among them is blank
 */
export async function keepDays(patient, days, period) {
  await run("days", "readwrite", (kept) => {
    if (period) kept.delete(IDBKeyRange.bound([patient, period[0]], [patient, period[1]]));
    for (const day of days) kept.put({ ...day, patient });
  }).catch(() => null);
}
