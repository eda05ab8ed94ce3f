/** What a counter tells that holds much. Few do, so it comes only then. */

import { MOST } from "./fold.js";
import { _ } from "./words.js";

/** @param {HTMLElement} counter @param {string} measure @param {number} count @param {number} much */
export function tellMuch(counter, measure, count, much) {
  const line = document.getElementById(`much-${measure}`) ?? lineBelow(counter, measure);
  const words = count < much ? "" : count < MOST[measure] ? warningIn(count) : mostIn(measure);
  if (line.textContent !== words) line.textContent = words;
  line.hidden = words === "";
}

/** @param {number} minutes */
function warningIn(minutes) {
  return _("%(minutes)s minutes in all. At most 20 at a time.", { minutes });
}

/** @param {string} measure */
function mostIn(measure) {
  const most = MOST[measure];
  if (measure === "water_glasses") return _("More than %(most)s glasses cannot be logged for a day.", { most });
  return _("More than %(most)s minutes cannot be logged for a day.", { most });
}

/** @param {HTMLElement} counter @param {string} measure */
function lineBelow(counter, measure) {
  const line = document.createElement("p");
  Object.assign(line, { id: `much-${measure}`, className: "aside", role: "status" });
  counter.after(line);
  return line;
}
