/** Offers to put the app on the Home Screen, with the steps of this very phone, until somebody says never again. */

import { isInstalled, situation } from "./device.js";
import { part } from "./parts.js";

const NEVER = "install_hint=never";
/** As long as browsers keep such a thing; every visit renews it. Unlike storage it outlives signing out. */
const LASTS = "; path=/; max-age=34560000; samesite=lax";
/** @type {any} What the browser wants to ask the person, kept until there is a tap. */
let question = null;

/** @param {Event} [asks] what the browser offers, where it does */
export async function offerInstall(asks) {
  question = asks ?? null;
  if (isInstalled()) return;
  if (document.cookie.split("; ").includes(NEVER)) return neverAgain();
  const hint = await part("install-hint");
  if (hint.hidden) begin(hint);
}

/** @param {HTMLElement} hint */
function begin(hint) {
  hint.querySelector("[data-never]")?.addEventListener("click", () => {
    neverAgain();
    hint.hidden = true;
  });
  hint.querySelector("[data-install]")?.addEventListener("click", () => install(hint));
  addEventListener("appinstalled", () => (hint.hidden = true));
  const way = question ? "prompt" : situation();
  const steps = /** @type {HTMLElement | null} */ (hint.querySelector(`[data-way="${way}"]`));
  if (!steps) return;
  steps.hidden = false;
  hint.hidden = false;
}

/** @param {HTMLElement} hint */
async function install(hint) {
  if (!question) return;
  question.prompt();
  await question.userChoice;
  // A browser asks only once for each time it offers.
  question = null;
  hint.hidden = true;
}

function neverAgain() {
  document.cookie = NEVER + LASTS;
}
