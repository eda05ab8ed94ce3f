/**
 * Under Your account: adding a passkey. Where asked for a proof: showing with one that it is me.
 */

import { knowsPasskeys, madePasskey, signedByPasskey, told, whyNot } from "./passkeys.js";

const adding = /** @type {HTMLFormElement | null} */ (document.getElementById("add-passkey"));
const proving = /** @type {HTMLButtonElement | null} */ (document.getElementById("prove-by-passkey"));
const said = /** @type {HTMLElement | null} */ (document.getElementById("passkey-said"));

if (knowsPasskeys()) {
  for (const part of document.querySelectorAll("[data-needs-passkeys]")) {
    /** @type {HTMLElement} */ (part).hidden = false;
  }
}
adding?.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(add, adding.querySelector("button"));
});
proving?.addEventListener("click", () => attempt(prove, proving));

/**
 * @param {() => Promise<void>} act
 * @param {HTMLButtonElement | null} button
 */
async function attempt(act, button) {
  if (!said || !button) return;
  said.hidden = true;
  button.disabled = true;
  try {
    await act();
  } catch (error) {
    said.textContent = whyNot(error);
    said.hidden = false;
    button.disabled = false;
  }
}

async function add() {
  const name = /** @type {HTMLInputElement} */ (document.getElementById("name")).value.trim();
  const { public_key: options } = await told("/api/me/passkeys/options");
  await told("/api/me/passkeys", { ...(await madePasskey(options)), name });
  location.assign(adding?.dataset.next || "/account/security?done=passkey");
}

async function prove() {
  const { public_key: options } = await told("/api/me/proof/options");
  await told("/api/me/proof", await signedByPasskey(options));
  location.assign(proving?.dataset.next || "/");
}
