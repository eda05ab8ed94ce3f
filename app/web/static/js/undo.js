/** Takes the last tap back, for a few seconds after it. */

import { onSaid } from "./diary.js";

const UNDO_FOR = 8000;
const undo = /** @type {HTMLButtonElement} */ (document.getElementById("undo-tap"));
/** @type {ReturnType<typeof setTimeout>} */
let ends;
let takeBack = () => {};
/** @type {Element | null} Where somebody was who used the keyboard. */
let cameFrom = null;

onSaid((opposite) => {
  clearTimeout(ends);
  takeBack = opposite;
  undo.hidden = false;
  if (document.activeElement !== undo) cameFrom = document.activeElement;
  ends = setTimeout(leave, UNDO_FOR);
});
undo.addEventListener("click", () => {
  takeBack();
  leave();
});

/** Without a place of its own the focus would fall to the top of the page. */
function leave() {
  const hasFocus = undo.matches(":focus-visible");
  undo.hidden = true;
  if (hasFocus && cameFrom instanceof HTMLElement) cameFrom.focus({ preventScroll: true });
}
