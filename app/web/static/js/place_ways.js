/** The ways to a checkbox of a place: chips of those named lately, and the drawing, made when it is first opened. And what waits in a fold. */

import { boxes, mirrorPlaces } from "./places.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("log"));
const drawing = /** @type {HTMLDetailsElement | null} */ (document.getElementById("on-a-drawing"));

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
