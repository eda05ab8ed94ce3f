/** Does at once what the tapped reminder asked for, and offers Undo. Without this the buttons are plain forms. */

import { tell, tokenHere } from "./deliveries.js";
import { _ } from "./words.js";

const page = /** @type {HTMLElement} */ (document.getElementById("did"));
const buttons = /** @type {HTMLFormElement} */ (document.getElementById("did-buttons"));
const undo = /** @type {HTMLFormElement} */ (document.getElementById("did-undo"));
const title = /** @type {HTMLElement} */ (document.getElementById("did-title"));
const body = /** @type {HTMLElement} */ (document.getElementById("did-body"));
const delivery = page.dataset.delivery ?? "";
const token = tokenHere();

// Without the token a link somebody sent could do things; then only the buttons do, for who is signed in.
if (token) begin();

function begin() {
  for (const form of [buttons, undo]) form.addEventListener("submit", onSubmit);
  tell(delivery, token, { event: "opened" }).catch(() => {});
  if (page.dataset.atOnce && !buttons.hidden) say({ event: "acted", action: page.dataset.atOnce });
}

/** @param {SubmitEvent} event */
function onSubmit(event) {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (event.currentTarget === undo) say({ event: "undone" });
  else if (button) say({ event: "acted", action: button.value });
}

/** @param {import("./deliveries.js").Happening} happening */
async function say(happening) {
  body.textContent = _("Saving…");
  try {
    show(await tell(delivery, token, happening));
  } catch {
    body.textContent = _("Not saved yet. Check the connection and tap again.");
  }
}

/** @param {import("./deliveries.js").DeliveryNow} now */
function show(now) {
  title.textContent = now.title;
  body.textContent = now.body;
  buttons.hidden = now.action !== null && now.action !== "later";
  const later = /** @type {HTMLButtonElement | null} */ (buttons.querySelector("button[value=later]"));
  if (later) later.hidden = now.action === "later" && now.asks_again_at === null;
  undo.hidden = !now.can_undo;
}
