/** The places in the log form: checkboxes "shoulder:left", and how strong it is in those that are chosen. */

import { ngettext } from "./words.js";

/** @typedef {{region: string, side: string, intensity?: number | null}} PainSite */

/** @param {HTMLFormElement} form @returns {PainSite[] | null} null when no place is chosen */
export function chosenPlaces(form) {
  const chosen = boxes(form).filter((box) => box.checked);
  if (chosen.length === 0) return null;
  return chosen.map((box) => {
    const [region, side] = box.value.split(":");
    const strength = strengthOf(form, box.value)?.value;
    return { region, side, ...(strength && { intensity: Number(strength) }) };
  });
}

/** In whatever order they are named. @param {PainSite[] | null} some @param {PainSite[] | null} others */
export function areSamePlaces(some, others) {
  return inOrder(some) === inOrder(others);
}

/** @param {PainSite[] | null} sites */
function inOrder(sites) {
  return (sites ?? []).map(({ region, side, intensity }) => `${region}:${side}:${intensity ?? ""}`).sort().join(" ");
}

/** @param {HTMLFormElement} form @param {PainSite[] | null} sites */
export function showPlaces(form, sites) {
  const said = new Map((sites ?? []).map((site) => [`${site.region}:${site.side}`, site.intensity]));
  addMissing(form, [...said.keys()]);
  for (const box of boxes(form)) box.checked = said.has(box.value);
  mirrorPlaces(form);
  for (const [place, intensity] of said) {
    const strength = strengthOf(form, place);
    if (strength && document.activeElement !== strength) strength.value = String(intensity ?? "");
  }
}

/** Ticks these places and keeps the others. @param {HTMLFormElement} form @param {string[]} values */
export function tickPlaces(form, values) {
  for (const box of boxes(form)) if (values.includes(box.value)) box.checked = true;
  mirrorPlaces(form);
}

/** Makes everything that follows the checkboxes do so: chips, strengths, counts, and the drawing. @param {HTMLFormElement} form */
export function mirrorPlaces(form) {
  const chosen = boxes(form).filter((box) => box.checked);
  showStrengths(form, chosen);
  for (const chip of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-tick]"))) {
    chip.setAttribute("aria-pressed", String(chosen.some((box) => box.value === chip.dataset.tick)));
  }
  for (const fold of form.querySelectorAll(".places > details")) {
    const count = fold.querySelector("[data-count]");
    const inside = chosen.filter((box) => fold.contains(box)).length;
    if (count) count.textContent = inside ? ngettext("%(num)s chosen", "%(num)s chosen", inside) : "";
  }
  form.dispatchEvent(new Event("mirrored"));
}

/** @param {HTMLFormElement} form @param {string} place */
export function strengthOf(form, place) {
  return /** @type {HTMLSelectElement | null} */ (form.elements.namedItem(`strength:${place}`));
}

/** @param {HTMLFormElement} form @returns {HTMLInputElement[]} */
export function boxes(form) {
  return [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[name=place]"))];
}

/** As "left shoulder". @param {HTMLInputElement | undefined} box */
export function labelOf(box) {
  return box?.getAttribute("aria-label") ?? "";
}

/** @param {string} words */
export function asSentence(words) {
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/**
 * A place that another phone named may not be among the few that this page brought: it has its checkbox at once,
 * so that no tap forgets it, and its words with the list.
 * @param {HTMLFormElement} form @param {string[]} values
 */
function addMissing(form, values) {
  const known = boxes(form).map((box) => box.value);
  const missing = values.filter((value) => !known.includes(value));
  for (const value of missing) {
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", name: "place", value, hidden: true });
    document.querySelector("#from-the-list > [data-later]")?.append(box);
  }
  if (missing.length > 0) form.dispatchEvent(new Event("missing"));
}

/** One row for each chosen place; what is not chosen has no strength. @param {HTMLFormElement} form @param {HTMLInputElement[]} chosen */
function showStrengths(form, chosen) {
  const list = /** @type {HTMLElement} */ (document.getElementById("chosen-places"));
  for (const select of list.querySelectorAll("select")) {
    if (!chosen.some((box) => select.name === `strength:${box.value}`)) select.closest("li")?.remove();
  }
  for (const box of chosen) {
    if (!strengthOf(form, box.value)) list.append(rowFor(box));
    const words = strengthOf(form, box.value)?.closest("label")?.firstElementChild;
    if (words) words.textContent = asSentence(labelOf(box));
  }
}

/** @param {HTMLInputElement} box */
function rowFor(box) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("chosen-place"));
  const row = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
  const select = /** @type {HTMLSelectElement} */ (row.querySelector("select"));
  select.name = `strength:${box.value}`;
  for (let step = 1; step <= 10; step++) select.add(new Option(String(step)));
  return row;
}
