/**
 * Before somebody signs in: says what still waits on this phone, so that nothing is dropped silently; and on a
 * shared device makes sure that nothing is kept from before.
 */

import { leaveNothing, leaveUnlessUnsent } from "./leaving.js";
import { forget, unsent } from "./outbox.js";
import { ngettext } from "./words.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("sign-in"));
const notice = /** @type {HTMLElement} */ (document.getElementById("waiting-here"));

showWaiting();
form.addEventListener("submit", forgetFirst);

async function showWaiting() {
  const waiting = await unsent();
  notice.hidden = waiting.length === 0;
  /** @type {HTMLElement} */ (notice.querySelector("p")).textContent = ngettext(
    "%(num)s answer on this phone is not sent yet. It is sent when the person who gave it signs in.",
    "%(num)s answers on this phone are not sent yet. They are sent when the person who gave them signs in.",
    waiting.length,
  );
  notice.querySelector("button")?.addEventListener("click", async () => {
    await forget(waiting.map(({ id }) => id));
    await leaveNothing();
    notice.hidden = true;
  }, { once: true });
}

/** @param {Event} event */
async function forgetFirst(event) {
  const shared = /** @type {HTMLInputElement} */ (form.elements.namedItem("shared"));
  if (!shared.checked) return;
  event.preventDefault();
  await leaveUnlessUnsent();
  form.submit();
}
