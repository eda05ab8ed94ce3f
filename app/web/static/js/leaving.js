/** What happens to what this phone keeps when somebody leaves. What was not sent is never dropped silently. */

import { sendCommands } from "./commands.js";
import { tellOthers, unsent } from "./outbox.js";
import { run, wipe } from "./store.js";

/** Empties this browser of Aftercare, in every tab. */
export async function leaveNothing() {
  tellOthers("left");
  localStorage.clear();
  sessionStorage.clear();
  await wipe();
  indexedDB.deleteDatabase("aftercare-commands");
  for (const name of await globalThis.caches?.keys() ?? []) await caches.delete(name);
  for (const worker of await navigator.serviceWorker?.getRegistrations() ?? []) await worker.unregister();
}

/** The sign-in was ended from another device, or ran out. What was not sent waits here until its owner is back. */
export async function signedOutElsewhere() {
  if (!(await leaveUnlessUnsent())) await forgetPerson();
  goToSignIn();
}

/** Empties this browser where nothing is lost by it. @returns {Promise<boolean>} whether it did */
export async function leaveUnlessUnsent() {
  if ((await sendCommands()) + (await unsent()).length > 0) return false;
  await leaveNothing();
  return true;
}

/** Somebody else is signed in here now. */
export async function startAnew() {
  await forgetPerson();
  location.reload();
}

async function forgetPerson() {
  for (const store of ["kept", "days", "pages"]) await run(store, "readwrite", (kept) => kept.clear()).catch(() => null);
}

/** Shows nothing of the diary any more. */
export function goToSignIn() {
  document.documentElement.hidden = true;
  location.replace("/sign-in");
}
