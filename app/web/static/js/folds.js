/** Folds of the log whose content a page from the network brings only once it is wanted. */

import { show } from "./diary.js";
import { bringStyles } from "./fold_styles.js";
import { isPastDay } from "./page_day.js";
import { partOfKeptPage } from "./parts.js";
import { boxes, mirrorPlaces } from "./places.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("log"));

/** Without a network the link stays that stands in for the content. @param {string} id of the fold */
export async function bringFold(id) {
  const standIn = document.querySelector(`#${id} > [data-later]`);
  if (!standIn) return;
  const [whole] = await Promise.all([partOfKeptPage(id).catch(() => null), bringStyles()]);
  const content = whole?.querySelector(".fold__body");
  // It may have come meanwhile.
  if (!content || !standIn.isConnected) return;
  const ticked = boxes(form).filter((box) => box.checked).map((box) => box.value);
  standIn.replaceWith(content);
  for (const only of /** @type {NodeListOf<HTMLElement>} */ (content.querySelectorAll("[data-today-only]"))) only.hidden = isPastDay;
  for (const box of boxes(form)) box.checked = ticked.includes(box.value);
  openChosen(content);
  mirrorPlaces(form);
  show();
}

/** All that are still to come. */
export async function bringFolds() {
  const waiting = [...document.querySelectorAll("[data-later]")].map((standIn) => standIn.parentElement?.id ?? "");
  await Promise.all(waiting.map(bringFold));
}

/** Groups of places in which one is chosen. @param {Element} content */
function openChosen(content) {
  for (const group of content.querySelectorAll("details")) group.open = group.querySelector(":checked") !== null;
}
