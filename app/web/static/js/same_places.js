/** Offers the places of an earlier day. They are ticked, asked about, and said only after a yes. */

import { isAskingAboutPlaces } from "./controls.js";
import { onShown, set, valueOf } from "./diary.js";
import { chosenPlaces, showPlaces, tickPlaces } from "./places.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("log"));
const offer = document.getElementById("same-places");
const question = document.getElementById("same-places-question");

if (offer && question) begin(offer, question);

/** @param {HTMLElement} offer @param {HTMLElement} question */
function begin(offer, question) {
  offer.querySelector("[data-places]")?.addEventListener("click", (event) => {
    event.preventDefault();
    const { places = "" } = /** @type {HTMLElement} */ (event.currentTarget).dataset;
    tickPlaces(form, places.split(" "));
    ask(question, true);
  });
  document.getElementById("keep-places")?.addEventListener("click", () => {
    set("pain_sites", chosenPlaces(form));
    ask(question, false);
  });
  document.getElementById("drop-places")?.addEventListener("click", () => ask(question, false));
  onShown((said) => {
    // While the drawing or the list is open it stays, or they would move under the thumb.
    if (!form.querySelector(".ways > [open]")) offer.hidden = !isAskingAboutPlaces() && Boolean(said.pain_sites?.length);
  });
  if (document.getElementById("places-suggested")) ask(question, true);
}

/** @param {HTMLElement} question @param {boolean} asking */
function ask(question, asking) {
  question.hidden = !asking;
  if (asking) document.getElementById("keep-places")?.focus();
  else showPlaces(form, valueOf("pain_sites"));
}
