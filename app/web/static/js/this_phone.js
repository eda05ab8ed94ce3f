/** The Reminders page on this very phone: which of the devices it is, and what became of a test. */

import { situation } from "./device.js";
import { ask, current, unsubscribe } from "./push.js";
import { _ } from "./words.js";

const LOOK_EVERY = 1500;
const LOOK_FOR = 30000;

const state = document.getElementById("phone-state");
const test = document.getElementById("test-outcome");

begin();

async function begin() {
  if (test?.dataset.follow !== undefined) followTest(test);
  if (state) await showThisPhone(state).catch(() => {});
}

/** @param {HTMLElement} state */
async function showThisPhone(state) {
  const subscription = situation() === "ready" ? await current() : null;
  const { subscriptions } = await ask("GET", "/api/push/subscriptions");
  const device = subscriptions.find((/** @type {{endpoint: string}} */ one) => one.endpoint === subscription?.endpoint);
  for (const row of document.querySelectorAll("li[data-device]")) {
    const isThisOne = /** @type {HTMLElement} */ (row).dataset.device === device?.id;
    const tag = /** @type {HTMLElement | null} */ (row.querySelector("[data-this-one]"));
    if (tag) tag.hidden = !isThisOne;
    if (!isThisOne) continue;
    state.textContent = row.querySelector("[data-light]")?.textContent + ".";
    row.querySelector("[data-turn-off]")?.addEventListener("submit", turnOff);
  }
  if (!device) state.textContent = situation() === "denied" ? _("Blocked on this phone.") : _("Off on this phone.");
}

/** The browser lets go of its subscription as well, so that nothing brings it back. @param {Event} event */
async function turnOff(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  await unsubscribe().catch(() => {});
  form.submit();
}

/** @param {HTMLElement} test */
async function followTest(test) {
  const since = encodeURIComponent(new Date(Date.now() - 300000).toISOString());
  const until = Date.now() + LOOK_FOR;
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    const { deliveries } = await ask("GET", `/api/deliveries?since=${since}`);
    const words = wordsFor(deliveries.filter((/** @type {{kind: string}} */ one) => one.kind === "test"));
    if (words) {
      test.textContent = words;
      return;
    }
  }
  test.textContent = _("Test: sent, not seen on the phone yet. Check that notifications are allowed in its settings.");
}

/** @param {{state: string}[]} tests the newest first @returns {string} empty while it is under way */
function wordsFor(tests) {
  const newest = tests[0]?.state;
  if (newest === "shown" || newest === "acted") return _("Test: it arrived.");
  return newest === "failed" ? _("Test: not sent, the phone could not be reached.") : "";
}
