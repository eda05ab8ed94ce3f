/** The ways to a checkbox of a place: chips of those named lately, and the drawing, made when it is first opened. And what waits in a fold. */

import { isAskingAboutPlaces } from "./controls.js";
import { onShown } from "./diary.js";
import { boxes, mirrorPlaces } from "./places.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("log"));
const drawing = /** @type {HTMLDetailsElement | null} */ (document.getElementById("on-a-drawing"));

const same = document.getElementById("same-places");

if (same) offerSamePlaces(same);
document.getElementById("recent-places")?.addEventListener("click", ({ target }) => {
  const { tick } = /** @type {HTMLElement} */ (target).dataset;
  boxes(form).find((box) => box.value === tick)?.click();
});
form.addEventListener("change", ({ target }) => {
  if (/** @type {HTMLInputElement} */ (target).name === "place") mirrorPlaces(form);
});
form.addEventListener("missing", bringList);
form.addEventListener("toggle", bringContent, { capture: true });
drawing?.addEventListener("toggle", draw);
if (drawing?.open) draw();

/** @param {HTMLElement} offer */
function offerSamePlaces(offer) {
  const link = /** @type {HTMLElement} */ (offer.querySelector("[data-places]"));
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    (await import("./same_places.js")).tickAndAsk(link.dataset.places ?? "");
  });
  if (document.getElementById("places-suggested")) import("./same_places.js").then(({ ask }) => ask(true));
  onShown((said) => {
    // While the drawing or the list is open it stays, or they would move under the thumb.
    if (!form.querySelector(".ways > [open]")) offer.hidden = !isAskingAboutPlaces() && (!link.dataset.places || Boolean(said.pain_sites?.length));
  });
}

/** @param {Event} event of a fold, which does not bubble */
async function bringContent({ target }) {
  const fold = /** @type {HTMLElement} */ (target);
  if (fold !== drawing && fold.querySelector(":scope > [data-later]")) (await import("./folds.js")).bringFold(fold.id);
}

async function bringList() {
  await (await import("./folds.js")).bringFold("from-the-list");
}

async function draw() {
  const [{ drawBody }, { bringFold }] = await Promise.all([import("./body_map.js"), import("./folds.js")]);
  await Promise.all([bringFold("on-a-drawing"), bringFold("from-the-list")]);
  if (!drawing?.querySelector("[data-body]")) return;
  drawing.removeEventListener("toggle", draw);
  drawBody(form);
}
