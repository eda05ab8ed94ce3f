/** Takes the last tap back, for a few seconds after it. */

import { onSaid } from "./diary.js";

const UNDO_FOR = 8000;
const undo = /** @type {HTMLButtonElement} */ (document.getElementById("undo-tap"));
/** @type {ReturnType<typeof setTimeout>} */
let ends;
let takeBack = () => {};

onSaid((opposite) => {
  clearTimeout(ends);
  takeBack = opposite;
  undo.hidden = false;
  ends = setTimeout(() => (undo.hidden = true), UNDO_FOR);
});
undo.addEventListener("click", () => {
  undo.hidden = true;
  takeBack();
});
