/** The button under the thumb: on to the next thing not said yet, and a glass of water where all was said before. */

import { onShown } from "./diary.js";
import { isPastDay } from "./page_day.js";
import { _ } from "./words.js";

const ASKED = ["pain", "soreness", "pain_sites", "stiffness", "mobility", "sleep_hours"];
const next = /** @type {HTMLButtonElement} */ (document.getElementById("next-question"));
const glass = document.getElementById("one-more-glass");
const allSaid = /** @type {HTMLElement} */ (document.getElementById("all-said"));
/** A thumb that is on its way to the next question must not find another button in its place. */
let wasNext = false;
/** @type {Record<string, any>} */
let said = {};
let last = "";

onShown((now) => {
  said = now;
  offer();
});
document.getElementById("all-the-same")?.addEventListener("toggle", ({ target }) => {
  const { open } = /** @type {HTMLDetailsElement} */ (target);
  next.form?.toggleAttribute("data-all-the-same", open);
  offer();
});
next.addEventListener("click", () => {
  const open = openOnes();
  if (open.length === 0) return;
  last = upcoming(open);
  goTo(last);
  offer();
});

function offer() {
  const open = openOnes();
  const isAll = open.length === 0;
  wasNext ||= !isAll;
  const isGlass = isAll && !wasNext && said.bad_day !== true && !isPastDay;
  next.hidden = isAll;
  allSaid.hidden = !isAll || isGlass;
  if (glass) glass.hidden = !isGlass;
  if (open.length > 0) next.setAttribute("aria-label", _("Next: %(question)s", { question: questionOf(upcoming(open)) }));
}

/** What is asked on this page and not said; on a bad day only pain. */
function openOnes() {
  const asked = ASKED.filter((measure) => partOf(measure)?.offsetParent);
  return asked.filter((measure) => (said[measure] ?? null) === null);
}

/** The one after that which was last gone to, so that a question can be passed over. @param {string[]} open */
function upcoming(open) {
  return open.find((measure) => ASKED.indexOf(measure) > ASKED.indexOf(last)) ?? open[0];
}

/** @param {string} measure */
function goTo(measure) {
  const part = partOf(measure);
  part?.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  const controls = /** @type {HTMLElement[]} */ ([...(part?.querySelectorAll("a, input, button, summary") ?? [])]);
  controls.find((control) => control.offsetParent)?.focus({ preventScroll: true });
}

/** @param {string} measure @returns {HTMLElement | null} */
function partOf(measure) {
  return document.querySelector(measure === "pain_sites" ? "#places" : `[data-measure=${measure}]`);
}

/** @param {string} measure */
function questionOf(measure) {
  return partOf(measure)?.querySelector("legend, h2")?.firstChild?.textContent?.trim() ?? "";
}
