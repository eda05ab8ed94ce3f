/** What the server will never take as it is: shown until the person corrects or drops it. */

import { dayInWords } from "./days_in_words.js";
import { shown, valueOf } from "./diary.js";
import { bringFolds } from "./folds.js";
import { forget, refusedOf } from "./outbox.js";
import { part } from "./parts.js";
import { _, ngettext } from "./words.js";

/** @typedef {import("./outbox.js").Entry} Entry */

/** As app/models/field_types.py refuses them. */
const UNSEEN = /[\0-\x08\v\f\x0e-\x1f\x7f\u202d\u202e]/g;

/** @param {() => void} changed is called after one was dropped */
export async function showAttention(changed) {
  const section = await part("attention");
  const [heading, list, line] = /** @type {[HTMLElement, HTMLElement, HTMLTemplateElement]} */ ([...section.children]);
  const refused = await refusedOf(shown.patient);
  section.hidden = refused.length === 0;
  heading.textContent = ngettext("%(num)s entry needs attention", "%(num)s entries need attention", refused.length);
  list.replaceChildren(...refused.map((entry) => fill(/** @type {HTMLElement} */ (line.content.cloneNode(true)), entry, changed)));
}

/** @param {HTMLElement} made a line @param {Entry} entry @param {() => void} changed */
function fill(made, entry, changed) {
  const [what, why] = /** @type {HTMLElement[]} */ ([...made.querySelectorAll("strong, .small")]);
  what.textContent = `${dayInWords(entry.day)}: ${inWords(entry)}`;
  why.textContent = reason(entry.refused ?? "");
  const correct = /** @type {HTMLAnchorElement} */ (made.querySelector("a"));
  correct.href = `/days/${entry.day}`;
  if (entry.day === shown.day) correct.addEventListener("click", (event) => find(event, entry, changed));
  made.querySelector("button")?.addEventListener("click", async () => {
    await forget([entry.id]);
    changed();
  });
  return made;
}

/** Leads to the control: what is said there anew takes the place of what was refused. @param {Event} event @param {Entry} entry @param {() => void} changed */
async function find(event, entry, changed) {
  event.preventDefault();
  await bringFolds();
  const [measure] = [...Object.keys(entry.set ?? {}), ...Object.keys(entry.add ?? {})];
  const names = { pain_sites: "[name=place]", note: "[name=note]" };
  const control = document.querySelector(names[/** @type {"note"} */ (measure)] ?? `[name="${measure}"], [data-counter="${measure}"] button:last-child`);
  const fold = control?.closest("details");
  if (fold) fold.open = true;
  /** @type {HTMLElement | null} */ (control)?.focus();
  if (entry.set?.note) correctNote(/** @type {HTMLTextAreaElement} */ (control), entry, changed);
}

/**
 * Nobody can find the characters that are refused because nobody sees them. The rest is there to go on from, and
 * what was refused goes only once it is said.
 * @param {HTMLTextAreaElement} field @param {Entry} entry @param {() => void} changed
 */
function correctNote(field, entry, changed) {
  field.value = entry.set?.note.replace(UNSEEN, "");
  document.addEventListener("aftercare:said", async function heard(event) {
    if (valueOf("note") !== (field.value.trim() || null)) return;
    document.removeEventListener("aftercare:said", heard);
    await /** @type {CustomEvent} */ (event).detail;
    await forget([entry.id]);
    changed();
  });
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {Entry} entry */
function inWords({ set, add }) {
  const said = Object.entries({ ...set, ...add }).map(([measure, value]) => `${nameOf(measure)} ${valueInWords(value)}`.trim());
  return said.join(", ");
}

/** @param {any} value */
function valueInWords(value) {
  if (value === null) return "–";
  if (typeof value === "object") return String(Array.isArray(value) ? value.length : "");
  return typeof value === "boolean" ? (value ? _("yes") : _("no")) : String(value);
}

/** @param {string} refused the server's words, or its status */
function reason(refused) {
  if (refused === "conflict") return _("Something else was saved under the same number.");
  return refused === "invalid" ? _("The server could not take it.") : refused;
}

/** @param {string} measure @returns {string} */
function nameOf(measure) {
  return {
    pain: _("Pain"),
    pain_worst: _("Worst pain"),
    stiffness: _("Stiffness"),
    mobility: _("Ease of movement"),
    sleep_hours: _("Hours of sleep"),
    sleep_quality: _("Sleep quality"),
    water_glasses: _("Glasses of water"),
    stretching_minutes: _("Minutes of stretching"),
    heat_minutes: _("Minutes of heat"),
    ice_minutes: _("Minutes of ice"),
    soreness: _("Soreness"),
    swelling: _("Swelling"),
    pain_sites: _("Where it hurts"),
    plan_items: _("Plan"),
    bad_day: _("Bad day"),
    note: _("Note"),
  }[measure] ?? measure;
}
