/** Today's cards around sessions: the check-in before the next one, and the steps of the days after. */

import { contentOf } from "./answers.js";
import { copyOf, tellTime } from "./cards.js";
import { keptFacts, onFacts } from "./facts.js";

/**
 * @typedef {{ kind: string, words: string, at: string | null, state: "coming" | "waits" | "over" }} Step
 * @typedef {{ session_id: string, therapist_name: string | null, asks_feedback: boolean, aftercare: { steps: Step[] } }} Open
 * @typedef {{ session_at: string, answered_at: string | null }} CheckIn
 */

const place = document.getElementById("around-sessions");
const above = document.getElementById("after");
let isAsked = false;
let isTouched = false;

onFacts(({ session_is_near: isNear }) => {
  if (isNear && !isAsked && place) show(place);
  isAsked ||= isNear;
});

addEventListener("pointerdown", () => (isTouched = true), { once: true });
if ("shell" in document.documentElement.dataset) keptFacts().then((facts) => facts && showAbove(facts));
onFacts(showAbove);

/** It stands above the log, and must not move what a thumb is on. @param {import("./facts.js").Facts} facts */
function showAbove({ aftercare_is_open: isOpen, something_wrong: session }) {
  if (!above || isTouched) return;
  const [wrong, after] = /** @type {HTMLAnchorElement[]} */ ([...above.children]);
  wrong.href = `/sessions/${session}/something-wrong`;
  wrong.hidden = !session;
  after.hidden = !isOpen;
}

/** What the server says; without a network the cards stay away, because their times could be wrong. @param {HTMLElement} here */
async function show(here) {
  const answer = await fetch("/api/aftercare").catch(() => null);
  /** @type {{ aftercare: Open[], check_in: CheckIn | null } | null} */
  const said = await contentOf(answer);
  if (!said) return;
  const { aftercare, check_in: checkIn } = said;
  const cards = checkIn ? [checkInCard(checkIn)] : [];
  if (aftercare.length > 0) cards.push(...(await (await import("./aftercare_card.js")).aftercareCards(aftercare)));
  here.replaceChildren(...cards);
  here.hidden = cards.length === 0;
}

/** @param {CheckIn} checkIn */
function checkInCard({ answered_at: answeredAt, session_at: at }) {
  const card = copyOf("check-in-card");
  const [asked, said] = /** @type {HTMLElement[]} */ ([...card.children].slice(1));
  asked.hidden = answeredAt !== null;
  said.hidden = answeredAt === null;
  tellTime(card, at);
  return card;
}
