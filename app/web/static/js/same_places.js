/** The places of an earlier day are ticked, asked about, and said only after a yes. */

import { set, valueOf } from "./diary.js";
import { chosenPlaces, showPlaces, tickPlaces } from "./places.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("log"));
const question = /** @type {HTMLElement} */ (document.getElementById("same-places-question"));
const keep = /** @type {HTMLElement} */ (document.getElementById("keep-places"));

keep.addEventListener("click", () => {
  set("pain_sites", chosenPlaces(form));
  ask(false);
});
document.getElementById("drop-places")?.addEventListener("click", () => ask(false));

/** @param {string} places with spaces between them */
export function tickAndAsk(places) {
  tickPlaces(form, places.split(" "));
  ask(true);
}

/** @param {boolean} isAsking */
export function ask(isAsking) {
  question.hidden = !isAsking;
  if (isAsking) keep.focus();
  else showPlaces(form, valueOf("pain_sites"));
}
