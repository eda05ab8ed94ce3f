/** Copies a link, or hands it to the phone's own sharing. Without this the link can be selected by hand. */

import { _ } from "./words.js";

const row = /** @type {HTMLElement | null} */ (document.querySelector("[data-hand-on]"));
if (row) offer(row, row.dataset.handOn ?? "");

/**
 * @param {HTMLElement} row
 * @param {string} link
 */
function offer(row, link) {
  const copy = row.querySelector("[data-copy]");
  const share = /** @type {HTMLElement | null} */ (row.querySelector("[data-share]"));
  const said = row.querySelector("output");
  row.hidden = !navigator.clipboard;
  copy?.addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(link).then(() => true, () => false);
    if (said) said.textContent = copied ? _("Copied.") : _("Not copied. Select the link and copy it by hand.");
  });
  if (!share || !("share" in navigator)) return;
  share.hidden = false;
  share.addEventListener("click", () => navigator.share({ title: "Aftercare", url: link }).catch(() => {}));
}
