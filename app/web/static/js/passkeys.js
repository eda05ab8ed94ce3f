/**
 * Passkeys between this browser and the server: what is asked of a device, and what it answers.
 */

import { _ } from "./words.js";

/** Whether this browser knows passkeys at all. */
export function knowsPasskeys() {
  return "PublicKeyCredential" in globalThis;
}

/**
 * Has a device make a key.
 * @param {any} options as the server sends them
 */
export async function madePasskey(options) {
  const made = await asked(navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      user: { ...options.user, id: bytesOf(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map(withBytes),
    },
  }));
  const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  return {
    id: textOf(made.rawId),
    client_data: textOf(response.clientDataJSON),
    attestation: textOf(response.attestationObject),
  };
}

/**
 * Has a device sign with a key it has.
 * @param {any} options as the server sends them
 */
export async function signedByPasskey(options) {
  const signed = await asked(navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      allowCredentials: (options.allowCredentials ?? []).map(withBytes),
    },
  }));
  const response = /** @type {AuthenticatorAssertionResponse} */ (signed.response);
  return {
    id: textOf(signed.rawId),
    client_data: textOf(response.clientDataJSON),
    authenticator_data: textOf(response.authenticatorData),
    signature: textOf(response.signature),
    user_handle: response.userHandle?.byteLength ? textOf(response.userHandle) : null,
  };
}

/**
 * Says something to the server; throws with its words when it says no.
 * @param {string} path
 * @param {object} [body]
 */
export async function told(path, body) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: body && JSON.stringify(body) });
  const said = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(said?.errors?.[0]?.message ?? said?.detail ?? "");
  return said;
}

/**
 * Why it did not work, in words for the page.
 * @param {unknown} error
 */
export function whyNot(error) {
  if (error instanceof DOMException && error.name === "InvalidStateError") {
    return _("This device has a passkey for your account already.");
  }
  if (error instanceof DOMException) return _("No passkey was used. Try again, or choose another way.");
  const why = error instanceof Error && !(error instanceof TypeError) ? error.message : "";
  return why || _("That did not work. Check the connection and try again.");
}

/** @param {Promise<Credential | null>} credential */
async function asked(credential) {
  const given = await credential;
  if (!given) throw new DOMException("", "NotAllowedError");
  return /** @type {PublicKeyCredential} */ (given);
}

/** @param {{ id: string, type: PublicKeyCredentialType }} described */
function withBytes(described) {
  return { type: described.type, id: bytesOf(described.id) };
}

/** @param {string} text base64url */
function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} bytes */
function textOf(bytes) {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
