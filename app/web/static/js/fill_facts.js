/** Fills the places of the page that depend on the person, from the facts this phone keeps. */

import { later } from "./day.js";
import { onShown, shown, valueOf } from "./diary.js";
import { ngettext } from "./words.js";

/** Soreness is asked on the day of a held session and this many days after. */
const SORE_DAYS = 3;

/** @param {import("./facts.js").Facts} facts */
export function showFacts(facts) {
  showWaterTarget(facts.water_target);
  const soreness = document.getElementById("soreness-question");
  if (soreness) onShown(() => (soreness.hidden = !asksSoreness(facts.held_sessions)));
}

/** @param {string[]} sessions */
function asksSoreness(sessions) {
  const first = later(shown.day, -SORE_DAYS);
  return valueOf("soreness") !== null || sessions.some((day) => first <= day && day <= shown.day);
}

/** @param {number | null} asked glasses, null when the plan names no number */
function showWaterTarget(asked) {
  const target = asked ?? 0;
  const words = document.getElementById("water-target");
  const glasses = document.querySelector(".glasses");
  if (words) words.textContent = asked === null ? "" : ngettext("of %(num)s glass", "of %(num)s glasses", target);
  while (glasses && glasses.children.length > target) glasses.lastElementChild?.remove();
  while (glasses && glasses.children.length < target) glasses.append(document.createElement("i"));
}
