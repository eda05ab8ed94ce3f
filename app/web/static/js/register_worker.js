/**
 * Registers the service worker. A new version waits until the person taps the button of the notice
 * `#new-version`; every open page then reloads once, unless somebody may be filling in a form there.
 */

import "./trusted_types.js";

import { keepsNothing } from "./store.js";

const WORKER = "/service-worker.js";
let isLeaving = false;

/** What the log and the plan say is kept with each tap; what another form holds would go with the page. */
const HAS_FORM = "form[method=post]:not(#log, [data-item]) :is(textarea, select, input)";
const isOff = keepsNothing() || "noWorker" in document.documentElement.dataset;

if ("serviceWorker" in navigator && !isOff) {
  const wasControlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // The first worker of this browser brings nothing new, and signing out takes it away.
    if (!wasControlled || isLeaving || !navigator.serviceWorker.controller || document.querySelector(HAS_FORM)) return;
    isLeaving = true;
    location.reload();
  });
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    if (data === "unsent") import("./arrivals.js").then(({ sayUnsent }) => sayUnsent());
  });
  navigator.serviceWorker.register(WORKER).then(watch, () => {});
}

/** @param {ServiceWorkerRegistration} registration */
function watch(registration) {
  if (registration.waiting) offer(registration.waiting);
  // What could not be told while there was no network goes out now.
  registration.active?.postMessage("send");
  registration.addEventListener("updatefound", () => {
    const coming = registration.installing;
    coming?.addEventListener("statechange", () => {
      // Without a controller this is the first worker here, and there is nothing to update.
      if (coming.state === "installed" && navigator.serviceWorker.controller) offer(coming);
    });
  });
}

/** @param {ServiceWorker} waiting */
function offer(waiting) {
  const notice = document.getElementById("new-version");
  const button = notice?.querySelector("button");
  if (!notice || !button || document.querySelector(HAS_FORM)) return;
  button.addEventListener("click", () => waiting.postMessage("take-over"), { once: true });
  notice.hidden = false;
}
