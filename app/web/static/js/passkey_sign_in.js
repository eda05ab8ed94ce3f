/**
 * Signing in with a passkey, on browsers that know them. The password stays for all others.
 */

import { leaveUnlessUnsent } from "./leaving.js";
import { knowsPasskeys, signedByPasskey, told, whyNot } from "./passkeys.js";

const button = /** @type {HTMLButtonElement} */ (document.getElementById("passkey"));
const said = /** @type {HTMLElement} */ (document.getElementById("passkey-said"));
const shared = /** @type {HTMLInputElement} */ (document.querySelector("[name=shared]"));

button.hidden = !knowsPasskeys();
button.addEventListener("click", signIn);

async function signIn() {
  button.disabled = true;
  said.hidden = true;
  try {
    const { public_key: options } = await told("/api/passkeys/options");
    const signed = await signedByPasskey(options);
    if (shared.checked) await leaveUnlessUnsent();
    await told("/api/passkeys/sign-in", { ...signed, shared: shared.checked });
    location.assign(button.dataset.next || "/");
  } catch (error) {
    said.textContent = whyNot(error);
    said.hidden = false;
    button.disabled = false;
  }
}
