/** Today's cards around sessions: the check-in before the next one, and the steps of the days after. */

import { contentOf } from "./answers.js";
import { copyOf, tellTime } from "./cards.js";
import { onFacts } from "./facts.js";

/**
 * @typedef {{ kind: string, words: string, at: string | null, state: "coming" | "waits" | "over" }} Step
 * @typedef {{ session_id: string, therapist_name: string | null, asks_feedback: boolean, aftercare: { steps: Step[] } }} Open
 * @typedef {{ session_at: string, answered_at: string | null }} CheckIn
 */

const place = document.getElementById("around-sessions");
let isAsked = false;

onFacts(({ session_is_near: isNear }) => {
  if (isNear && !isAsked && place) show(place);
  isAsked ||= isNear;
});

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
