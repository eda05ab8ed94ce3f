/**
 * Whenever a patient opens the app: is this browser's subscription still the one the server knows, and is
 * the phone still in the zone the reminders follow? What is seldom needed is loaded only then.
 */

import { keptFacts } from "./facts.js";

const LOOK_EVERY = 3600000;
const LOOKED = "aftercare-looked";

const question = /** @type {HTMLElement | null} */ (document.getElementById("zone-question"));
if (question) begin(question);

/** @param {HTMLElement} question says whose page it is, unless the worker brought the page */
async function begin(question) {
  sayOpened().catch(() => {});
  sayHowOld();
  const { account, zone } = question.dataset.account ? question.dataset : await fromFacts();
  askAboutZone(question, zone ?? "").catch(() => {});
  const look = () => document.visibilityState === "visible" && repairNowAndThen(account ?? "");
  document.addEventListener("visibilitychange", look);
  look();
}

async function fromFacts() {
  const facts = await keptFacts();
  return { account: facts?.patient, zone: facts?.zone };
}

/** A notification that the phone showed by itself opens its page without our worker, so the page says so. */
async function sayOpened() {
  if (new URLSearchParams(location.search).has("delivery")) (await import("./deliveries.js")).sayOpened();
}

/** A page from the last copy says so. */
async function sayHowOld() {
  const { keptAt } = document.documentElement.dataset;
  if (keptAt) (await import("./kept_copy.js")).sayHowOld(keptAt);
}

/** @param {HTMLElement} question @param {string} zone the one the reminders follow */
async function askAboutZone(question, zone) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (here && zone && here !== zone) await (await import("./zone_question.js")).askAboutZone(question, zone);
}

/** @param {string} account */
async function repairNowAndThen(account) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  if (Date.now() - Number(sessionStorage.getItem(LOOKED)) < LOOK_EVERY) return;
  sessionStorage.setItem(LOOKED, String(Date.now()));
  // What fails now is tried again when the app is opened next.
  const { repair } = await import("./repair_push.js");
  await repair(account).catch(() => sessionStorage.removeItem(LOOKED));
}
