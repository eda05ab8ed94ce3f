/** Today's cards around sessions: the steps of the days after, and the check-in before the next one. */

import { part } from "./parts.js";

/**
 * @typedef {{ kind: string, words: string, at: string | null, state: "coming" | "waits" | "over" }} Step
 * @typedef {{ session_id: string, therapist_name: string | null, asks_feedback: boolean, aftercare: { steps: Step[] } }} Open
 * @typedef {{ session_at: string, answered_at: string | null }} CheckIn
 */

const SHOWN = 3;
const NEAR = 3 * 86400000;
const A_WEEK = 6 * 86400000;
const place = document.getElementById("around-sessions");
if (place) {
  void show(place);
}

/**
 * What the server says; without a network the cards stay away, because their times could be wrong.
 *
 * @param {HTMLElement} here
 */
async function show(here) {
  const answer = await fetch("/api/aftercare").catch(() => null);
  if (!answer?.ok) {
    return;
  }
  /** @type {{ aftercare: Open[], check_in: CheckIn | null }} */
  const around = await answer.json();
  if (around.check_in || around.aftercare.length > 0) await part("around-cards");
  const cards = around.aftercare.map(aftercareCard);
  here.replaceChildren(...(around.check_in ? [checkInCard(around.check_in)] : []), ...cards);
  here.hidden = here.childElementCount === 0;
}

/**
 * @param {CheckIn} checkIn
 * @returns {Element}
 */
function checkInCard(checkIn) {
  const card = copyOf(checkIn.answered_at ? "checked-in-card" : "check-in-card");
  tellTime(card.querySelector("time"), checkIn.session_at);
  return card;
}

/**
 * @param {Open} open
 * @returns {Element}
 */
function aftercareCard(open) {
  const card = copyOf("aftercare-card");
  const next = open.aftercare.steps.filter((step) => isOfToday(step) || isNear(step)).slice(0, SHOWN);
  card.querySelector("ul")?.replaceChildren(...next.map(stepLine));
  const name = card.querySelector("[data-with]");
  if (name) {
    name.textContent = open.therapist_name ?? "";
  }
  const feedback = /** @type {HTMLAnchorElement} */ (card.querySelector("[data-feedback]"));
  feedback.hidden = !open.asks_feedback;
  feedback.href = `/sessions/${open.session_id}/feedback`;
  const wrong = /** @type {HTMLFormElement} */ (card.querySelector("[data-wrong]"));
  wrong.action = `/sessions/${open.session_id}/something-wrong`;
  return card;
}

/**
 * @param {Step} step
 * @returns {Element}
 */
function stepLine(step) {
  const line = copyOf("aftercare-step");
  const words = line.querySelector("span");
  if (words) {
    words.textContent = step.words;
  }
  tellTime(line.querySelector("time"), step.at);
  return line;
}

/**
 * @param {Step} step
 * @returns {boolean}
 */
function isOfToday(step) {
  return step.at !== null && dayOf(new Date(step.at)) === dayOf(new Date());
}

/**
 * @param {Step} step
 * @returns {boolean}
 */
function isNear(step) {
  return step.state === "coming" && step.at !== null && Date.parse(step.at) - Date.now() < NEAR;
}

/**
 * The time alone today, with its day otherwise, by this phone's clock.
 *
 * @param {Element | null} element
 * @param {string | null} instant
 */
function tellTime(element, instant) {
  if (!element || !instant) {
    return;
  }
  const at = new Date(instant);
  const time = new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit", hour12: false });
  const far = at.getTime() - Date.now() > A_WEEK;
  const day = new Intl.DateTimeFormat(language(), far ? { weekday: "long", day: "numeric", month: "long" } : { weekday: "long" });
  element.setAttribute("datetime", instant);
  element.textContent = dayOf(at) === dayOf(new Date()) ? time.format(at) : `${day.format(at)} ${time.format(at)}`;
}

/**
 * @param {Date} at
 * @returns {string}
 */
function dayOf(at) {
  return new Intl.DateTimeFormat("en-CA").format(at);
}

function language() {
  return document.documentElement.lang || "en";
}

/**
 * @param {string} id
 * @returns {Element}
 */
function copyOf(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  const copy = /** @type {Element} */ (template.content.firstElementChild);
  return /** @type {Element} */ (copy.cloneNode(true));
}
