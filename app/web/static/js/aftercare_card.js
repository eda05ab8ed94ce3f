/** What is to be done in the days after a session. On most days nothing is, so it comes only then. */

import { copyOf, isOfToday, tellTime, write } from "./cards.js";
import { part } from "./parts.js";

/** @typedef {import("./around_sessions.js").Step} Step */

const SHOWN = 3;
const NEAR = 3 * 86400000;

/** @param {import("./around_sessions.js").Open[]} open @returns {Promise<HTMLElement[]>} */
export async function aftercareCards(open) {
  await part("after-session");
  return open.map(cardFor);
}

/** @param {import("./around_sessions.js").Open} open */
function cardFor({ session_id: id, therapist_name: name, asks_feedback: asks, aftercare }) {
  const card = copyOf("aftercare-card");
  card.querySelector("ul")?.append(...aftercare.steps.filter(isNear).slice(0, SHOWN).map(lineFor));
  write(card, "[data-with]", name ?? "");
  const feedback = /** @type {HTMLAnchorElement} */ (card.querySelector("[data-feedback]"));
  feedback.hidden = !asks;
  feedback.href = `/sessions/${id}/feedback`;
  /** @type {HTMLFormElement} */ (card.querySelector("[data-wrong]")).action = `/sessions/${id}/something-wrong`;
  return card;
}

/** @param {Step} step */
function lineFor({ words, at }) {
  const line = copyOf("aftercare-step");
  write(line, "span", words);
  if (at) tellTime(line, at);
  return line;
}

/** Of today, or within the next days. @param {Step} step */
function isNear({ at, state }) {
  return at !== null && (isOfToday(at) || (state === "coming" && Date.parse(at) - Date.now() < NEAR));
}
