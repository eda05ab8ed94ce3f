/** The line under the date: whether the day is logged, in words. */

import { clock, later, today } from "./day.js";
import { shown } from "./diary.js";
import { isPastDay } from "./page_day.js";
import { _ } from "./words.js";

/** A day counts as logged once one of these was said; a glass of water alone is not a check-in. */
const CHECK_IN = ["pain", "stiffness", "mobility", "pain_sites"];
const LATE_AFTER = 2;
const state = document.getElementById("log-state");

/** @param {Record<string, any>} said @param {string} dayStartsAt */
export function showState(said, dayStartsAt) {
  if (!state) return;
  const words = isPastDay ? aboutPastDay(today(dayStartsAt)) : aboutToday(said);
  if (words) state.textContent = words;
}

/** @param {Record<string, any>} said */
function aboutToday(said) {
  const isLogged = CHECK_IN.some((measure) => (said[measure] ?? null) !== null);
  if (isLogged && said.waits) return _("Logged, waiting to be sent");
  // As the page brought it from the server, with its own words.
  if (!said.updated_at) return isLogged ? "" : _("Not logged yet");
  if (isLogged) return _("Logged at %(time)s", { time: timeOf(said.updated_at) });
  return _("Begun at %(time)s. How you feel is not logged yet", { time: timeOf(said.first_logged_at) });
}

/** @param {string} now */
function aboutPastDay(now) {
  if (later(shown.day, LATE_AFTER) < now) return _("What you add now is marked as filled in later.");
  return _("What you add counts for this day, not for today.");
}

/** @param {string} moment */
function timeOf(moment) {
  return clock(new Date(moment));
}
