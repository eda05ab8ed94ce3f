/**
 * Whenever a patient opens the app: is the language still the one this phone knows, this browser's subscription
 * still the one the server knows, and the phone still in the zone the reminders follow? What is seldom needed is loaded only then.
 */

import { keepLanguage, keptFacts } from "./facts.js";

const question = /** @type {HTMLElement | null} */ (document.getElementById("zone-question"));
if (question) begin(question);

/** @param {HTMLElement} question says whose page it is, unless the worker brought the page */
async function begin(question) {
  keepLanguage();
  const { account = "", zone = "" } = question.dataset.account ? question.dataset : await fromFacts();
  if (isUnusual(zone)) import("./arrivals.js").then(({ greet }) => greet(question, zone)).catch(() => {});
  const look = () => document.visibilityState === "visible" && repair(account);
  document.addEventListener("visibilitychange", look);
  look();
}

async function fromFacts() {
  const facts = await keptFacts();
  return { account: facts?.patient, zone: facts?.zone };
}

/** Opened by a notification that the phone showed by itself, from the last copy, or in another zone. @param {string} zone */
function isUnusual(zone) {
  const isOpenedByDelivery = new URLSearchParams(location.search).has("delivery");
  return isOpenedByDelivery || document.documentElement.dataset.keptAt || (zone && zone !== Intl.DateTimeFormat().resolvedOptions().timeZone);
}

/** @param {string} account */
async function repair(account) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  await (await import("./repair_push.js")).repairNowAndThen(account);
}
