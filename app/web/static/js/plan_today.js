/** Today's card about the plan: the first thing still to do, or what is enough on a bad day. */

import { contentOf } from "./answers.js";
import { copyOf, write } from "./cards.js";
import { answerItem, onShown, shown } from "./diary.js";
import { run } from "./store.js";

/**
 * @typedef {{ id: string, kind: string, title: string, dose: string, days: string[], target: { min: number | null } | null }} Item
 * @typedef {{ asked_by: string, words: string, items: { kind: string, title: string, bad_day: string }[] }} BadDay
 * @typedef {{ items: Item[], bad_day: BadDay[] }} Plan
 */

const WEEK = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/** @type {Record<string, string>} Water and sleep have their own place on Today. */
const MEASURES = { stretch: "stretching_minutes", heat: "heat_minutes", ice: "ice_minutes" };
const ELSEWHERE = ["water", "sleep"];
/** A second tap within so many milliseconds was meant for the card that is gone. */
const DOUBLE_TAP = 700;
let answeredAt = -DOUBLE_TAP;
/** @type {Plan | null} */
let plan = null;
/** @type {Record<string, any>} */
let said = {};
const place = /** @type {HTMLElement} */ (document.getElementById("plan-today"));

// A past day has no such place.
if (place) {
  onShown((now) => {
    said = now;
    show();
  });
  begin();
}

/** What was known last comes at once, what the server says follows. */
async function begin() {
  plan = (await run("kept", "readonly", (kept) => kept.get("plan")).catch(() => null))?.plan ?? null;
  show();
  const answer = await fetch("/api/plan").catch(() => null);
  const fresh = await contentOf(answer);
  if (!fresh) return;
  plan = fresh;
  show();
  await run("kept", "readwrite", (kept) => kept.put({ name: "plan", plan })).catch(() => null);
}

async function show() {
  if (!plan || !shown.day) return;
  const before = said;
  const cards = said.bad_day === true ? await badDayCards(plan.bad_day) : nextCards(plan.items);
  if (before !== said) return;
  place.replaceChildren(...cards);
  place.hidden = cards.length === 0;
}

/** Without a network and without the worker they stay away. @param {BadDay[]} told @returns {Promise<HTMLElement[]>} */
async function badDayCards(told) {
  return import("./bad_day.js").then((bad) => bad.badDayCards(told, nameOf)).catch(() => []);
}

/** @param {Item[]} items @returns {Element[]} */
function nextCards(items) {
  const next = items.find((item) => isOpen(item));
  return next ? [nextCard(next)] : [];
}

/** @param {Item} item whether it is to be done on the day that is shown and was not answered */
function isOpen(item) {
  if (ELSEWHERE.includes(item.kind) || !item.days.includes(WEEK[new Date(`${shown.day}T12:00Z`).getUTCDay()])) return false;
  if (said.plan_items?.[item.id]) return false;
  const value = said[MEASURES[item.kind]] ?? null;
  return value === null || value < (item.target?.min ?? 1);
}

/** @param {Item} item */
function nextCard(item) {
  const card = copyOf("plan-next-card");
  write(card, "[data-title]", nameOf(item));
  write(card, "[data-how]", item.dose);
  card.querySelector("[data-done]")?.addEventListener("click", ({ timeStamp }) => {
    if (timeStamp - answeredAt < DOUBLE_TAP) return;
    answeredAt = timeStamp;
    answerItem(item.id, "done", MEASURES[item.kind], Math.trunc(item.target?.min ?? 0));
  });
  return card;
}

/** @param {{ kind: string, title: string }} item */
function nameOf(item) {
  return item.title || JSON.parse(place.dataset.kinds ?? "{}")[item.kind];
}
