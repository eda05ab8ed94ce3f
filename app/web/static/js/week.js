/** The strip of the last days, from what is kept on this phone. */

import { later } from "./day.js";
import { daysBetween } from "./days.js";
import { dayInWords, shortWeekday } from "./days_in_words.js";
import { waitingOf } from "./outbox.js";
import { _ } from "./words.js";

const strip = /** @type {HTMLElement | null} */ (document.querySelector(".week"));

/** @param {string} patient @param {string} today @param {string} shown the day the page is about */
export async function showWeek(patient, today, shown) {
  const links = /** @type {HTMLAnchorElement[]} */ ([...(strip?.querySelectorAll("a") ?? [])]);
  const first = later(today, 1 - links.length);
  const kept = new Map((await daysBetween(patient, first, today)).map((day) => [day.day, day]));
  const waiting = new Set((await waitingOf(patient)).map(({ day }) => day));
  const marks = links.map((link, index) => {
    const day = later(first, index);
    const mark = markOf(kept.get(day), waiting.has(day));
    showDay(link, day, mark, day === today, day === shown);
    return mark;
  });
  const count = document.querySelector("#week .section__head p");
  const days = marks.filter(Boolean).length;
  if (count) count.textContent = days ? _("%(days)s of %(of)s days logged", { days, of: links.length }) : _("Days you log get a dot.");
}

/** @param {Record<string, any> | undefined} day @param {boolean} waits @returns {"late" | "logged" | ""} */
export function markOf(day, waits) {
  if (!day?.first_logged_at) return waits ? "logged" : "";
  return day.late ? "late" : "logged";
}

/** @param {string} mark */
export function markInWords(mark) {
  return { late: _("filled in later"), logged: _("logged") }[mark] ?? _("not logged");
}

/** @param {HTMLAnchorElement} link @param {string} day @param {string} mark @param {boolean} isToday @param {boolean} isShown */
function showDay(link, day, mark, isToday, isShown) {
  const [weekday, number, dot, heard] = /** @type {HTMLElement[]} */ ([...link.children]);
  link.href = isToday ? "/today" : `/days/${day}`;
  link.toggleAttribute("aria-current", isShown);
  if (isShown) link.setAttribute("aria-current", "date");
  weekday.textContent = shortWeekday(day);
  number.textContent = String(Number(day.slice(8)));
  dot.className = `week__mark week__mark--${mark}`;
  heard.textContent = `${dayInWords(day)}: ${markInWords(mark)}`;
}
