/** Prints the brief, or copies it as plain text. */

import { _ } from "./words.js";

const said = document.getElementById("brief-said");
const text = document.getElementById("brief-text");

offer("[data-print]", () => window.print());
offer("[data-copy]", async () => {
  const copied = text instanceof HTMLTextAreaElement && (await copy(text.value));
  if (said) said.textContent = copied ? _("Copied.") : _("This browser did not let us copy.");
});

/**
 * Shows a button that only a script can serve, and what it does.
 *
 * @param {string} selector
 * @param {() => void} act
 */
function offer(selector, act) {
  const button = document.querySelector(selector);
  if (!(button instanceof HTMLButtonElement)) return;
  button.hidden = false;
  button.addEventListener("click", act);
}

/**
 * @param {string} words
 * @returns {Promise<boolean>}
 */
async function copy(words) {
  if (!navigator.clipboard) return false;
  return navigator.clipboard.writeText(words).then(() => true, () => false);
}
