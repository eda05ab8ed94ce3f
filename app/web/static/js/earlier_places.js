/** The places of earlier days, from what is kept on this phone: chips of those named lately, and those of the last time. */

import { later } from "./day.js";
import { daysBetween } from "./days.js";
import { dayBefore } from "./days_in_words.js";
import { show } from "./diary.js";
import { withEntries } from "./fold.js";
import { bringFold } from "./folds.js";
import { waitingOf } from "./outbox.js";
import { asSentence, boxes, labelOf, mirrorPlaces } from "./places.js";
import { _ } from "./words.js";

/** How far back places are remembered. */
const PLACES_FROM = 30;
const RECENT_PLACES = 6;

/** @param {HTMLFormElement} form @param {string} patient @param {string} day @param {string} today */
export async function offerEarlierPlaces(form, patient, day, today) {
  await bringFold("from-the-list");
  const kept = await daysBetween(patient, later(day, -PLACES_FROM), later(day, -1));
  const waiting = await waitingOf(patient);
  const days = kept.map((one) => withEntries(one, waiting.filter((entry) => entry.day === one.day)));
  const withPlaces = days.filter(({ pain_sites }) => pain_sites?.length).reverse();
  showRecent(form, [...new Set(withPlaces.flatMap(placesOf))].slice(0, RECENT_PLACES));
  offerSame(form, withPlaces[0], today);
  show();
}

/** @param {Record<string, any>} said @returns {string[]} as "shoulder:left" */
function placesOf({ pain_sites }) {
  return pain_sites.map((/** @type {{region: string, side: string}} */ { region, side }) => `${region}:${side}`);
}

/** @param {HTMLFormElement} form @param {string[]} places */
function showRecent(form, places) {
  const chips = places.map((place) => {
    const chip = document.createElement("button");
    Object.assign(chip, { type: "button", className: "chip-button", textContent: asSentence(wordsOf(form, place)) });
    chip.dataset.tick = place;
    return chip;
  });
  document.getElementById("recent-places")?.replaceChildren(...chips);
  mirrorPlaces(form);
}

/** @param {HTMLFormElement} form @param {Record<string, any> | undefined} earlier @param {string} today */
function offerSame(form, earlier, today) {
  const link = /** @type {HTMLElement | null} */ (document.querySelector("#same-places [data-places]"));
  const question = document.querySelector("#same-places-question p");
  if (!link || !question) return;
  const places = earlier ? placesOf(earlier) : [];
  const words = new Intl.ListFormat(document.documentElement.lang || "en").format(places.map((place) => wordsOf(form, place)));
  link.dataset.places = places.join(" ");
  if (!earlier) return;
  link.textContent = _("Same places as %(day)s", { day: dayBefore(earlier.day, today) });
  question.textContent = _("%(places)s. Is that right for this day?", { places: asSentence(words) });
}

/** @param {HTMLFormElement} form @param {string} place */
function wordsOf(form, place) {
  return labelOf(boxes(form).find((box) => box.value === place));
}
