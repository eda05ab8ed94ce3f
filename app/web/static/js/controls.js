/** The controls of the log form: showing what is said, and reading what somebody chose before the scripts came. */

import { add, set, shown, valueOf } from "./diary.js";
import { MOST } from "./fold.js";
import { isPastDay } from "./page_day.js";
import { areSamePlaces, chosenPlaces, showPlaces } from "./places.js";

const NOTE_AFTER = 1500;
const NOTE_LENGTH = 2000;
/** From then on it is told how much room is left. */
const NOTE_IS_LONG = 1800;
/** From where on a counter has something to tell: heat and ice are for twenty minutes at a time. */
const MUCH = { ...MOST, heat_minutes: 21, ice_minutes: 21 };
/** @type {ReturnType<typeof setTimeout>} */
let noteWaits;
let isRoomTold = false;

/** Makes every control say what is said. @param {HTMLFormElement} form @param {Record<string, any>} said */
export function fill(form, said) {
  const hadFocus = document.activeElement;
  for (const control of radiosOf(form)) control.checked = isSaid(control, said);
  const badDay = badDayOf(form);
  if (badDay) badDay.checked = said.bad_day === true;
  form.toggleAttribute("data-bad-day", said.bad_day === true && !isPastDay);
  const otherSleep = /** @type {HTMLSelectElement | null} */ (form.elements.namedItem("sleep_other"));
  if (otherSleep) otherSleep.value = otherHours(form, said);
  if (!isAskingAboutPlaces()) showPlaces(form, said.pain_sites ?? null);
  if (document.activeElement !== noteOf(form) && roomIn(noteOf(form)) >= 0) noteOf(form).value = said.note ?? "";
  for (const counter of document.querySelectorAll("[data-counter]")) fillCounter(/** @type {HTMLElement} */ (counter), said);
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[name=clear]"))) {
    button.hidden = (said[button.value] ?? null) === null;
  }
  const oneLess = document.getElementById("one-glass-less");
  if (oneLess) oneLess.hidden = !said.water_glasses;
  if (hadFocus?.matches("button[name]") && hadFocus.closest("[hidden]")) passFocusOn(hadFocus);
}

/** A button that went after it was used leaves the focus to its neighbours, or it would fall to the top of the page. @param {Element} gone */
function passFocusOn(gone) {
  const others = (gone.closest("fieldset, .counter") ?? gone.previousElementSibling)?.querySelectorAll("input, button") ?? [];
  /** @type {HTMLElement | undefined} */ ([...others].find((one) => !one.closest("[hidden]")))?.focus({ preventScroll: true });
}

/** Taps on these controls are said. @param {HTMLFormElement} form */
export function listenTo(form) {
  form.addEventListener("change", ({ target }) => onChange(form, /** @type {HTMLInputElement} */ (target)));
  badDayOf(form)?.addEventListener("change", ({ target }) => {
    // Ticked or taken back; a bad day is never denied.
    set("bad_day", /** @type {HTMLInputElement} */ (target).checked || null);
  });
  form.addEventListener("input", ({ target }) => {
    if (target !== noteOf(form)) return;
    clearTimeout(noteWaits);
    noteWaits = setTimeout(() => sayFittingNote(form), NOTE_AFTER);
    const { length } = noteOf(form).value;
    if (length > NOTE_IS_LONG) isRoomTold = true;
    if (isRoomTold) import("./note_room.js").then(({ tellRoom }) => tellRoom(noteOf(form), length > NOTE_IS_LONG, roomIn(noteOf(form))));
  });
  for (const one of document.querySelectorAll("form[data-day]")) one.addEventListener("submit", onSubmit);
}

/** A thumb can be faster than the network that brings the scripts. @param {HTMLFormElement} form */
export function takeEarlyTaps(form) {
  // All of it is read before any of it is shown anew.
  const places = chosenPlaces(form);
  const note = noteOf(form).value;
  const badDay = badDayOf(form);
  const isBadDay = badDay?.checked === badDay?.defaultChecked ? undefined : badDay?.checked;
  const radios = radiosOf(form).filter((radio) => radio.checked !== radio.defaultChecked && radio.checked);
  const changedPlaces = [...form.querySelectorAll("input[name=place]")].some((box) => {
    const { checked, defaultChecked } = /** @type {HTMLInputElement} */ (box);
    return checked !== defaultChecked;
  });
  return () => {
    for (const radio of radios) sayRadio(radio);
    if (changedPlaces && !isAskingAboutPlaces() && !areSamePlaces(places, valueOf("pain_sites"))) set("pain_sites", places);
    if (note !== noteOf(form).defaultValue) set("note", note.trim() || null);
    if (isBadDay !== undefined) set("bad_day", isBadDay || null);
  };
}

/** Whoever leaves says it as it is: what is too long is refused with its words, and they wait to be shortened. @param {HTMLFormElement} form */
export function sayNote(form) {
  clearTimeout(noteWaits);
  const note = noteOf(form).value.trim() || null;
  if (shown.day && note !== valueOf("note")) set("note", note);
}

/** @param {HTMLFormElement} form */
function sayFittingNote(form) {
  if (roomIn(noteOf(form)) >= 0) sayNote(form);
}

/** @param {HTMLTextAreaElement} note @returns {number} characters that are left, below zero when there are too many */
function roomIn({ value }) {
  return NOTE_LENGTH - [...value.trim()].length;
}

export function isAskingAboutPlaces() {
  return document.getElementById("same-places-question")?.hidden === false;
}

/** @param {HTMLFormElement} form @param {HTMLInputElement} field */
function onChange(form, field) {
  if (field.name === "note") sayFittingNote(form);
  else if (field.name === "place" || field.name.startsWith("strength:")) sayPlaces(form);
  else if (field.name === "sleep_other") set("sleep_hours", field.value ? Number(field.value) : null);
  else if (field.type === "radio") sayRadio(field);
}

/** Hours of sleep that are none of the usual ones. @param {HTMLFormElement} form @param {Record<string, any>} said */
export function otherHours(form, { sleep_hours: hours }) {
  if (typeof hours !== "number" || radiosOf(form).some(({ name, value }) => name === "sleep_hours" && Number(value) === hours)) return "";
  return hours.toFixed(1);
}

/** @param {HTMLInputElement} radio */
function sayRadio(radio) {
  set(radio.name, radio.name === "swelling" ? radio.value === "yes" : Number(radio.value));
}

/** While the question about earlier places is open, its answer says them all. @param {HTMLFormElement} form */
function sayPlaces(form) {
  if (!isAskingAboutPlaces()) set("pain_sites", chosenPlaces(form));
}

/** @param {Event} event */
function onSubmit(event) {
  event.preventDefault();
  const { submitter } = /** @type {SubmitEvent} */ (event);
  if (!(submitter instanceof HTMLButtonElement)) return;
  if (submitter.name === "clear") set(submitter.value, null);
  if (submitter.name !== "add") return;
  const [counter, amount] = submitter.value.split(":");
  add(counter, Number(amount));
}

/** @param {HTMLInputElement} radio @param {Record<string, any>} said */
function isSaid(radio, said) {
  const value = said[radio.name] ?? null;
  if (radio.name === "swelling") return value === (radio.value === "yes");
  return value !== null && Number(radio.value) === value;
}

/** @param {HTMLElement} counter @param {Record<string, any>} said */
function fillCounter(counter, said) {
  const output = counter.querySelector("output");
  const { counter: measure = "" } = counter.dataset;
  const value = said[measure] ?? null;
  const count = value ?? 0;
  if (count >= MUCH[measure] || document.getElementById(`much-${measure}`)) {
    import("./much.js").then(({ tellMuch }) => tellMuch(counter, measure, count, MUCH[measure]));
  }
  if (output) output.textContent = String(count);
  // What was not logged is unknown; a zero would say otherwise.
  for (const known of counter.querySelectorAll("[data-known]")) /** @type {HTMLElement} */ (known).hidden = value === null;
  for (const [index, glass] of counter.querySelectorAll(".glasses > i").entries()) {
    glass.classList.toggle("full", index < count);
  }
}

/** @param {HTMLFormElement} form */
function radiosOf(form) {
  return [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=radio]"))];
}

/** @param {HTMLFormElement} form */
function badDayOf(form) {
  return /** @type {HTMLInputElement | null} */ (form.elements.namedItem("bad_day"));
}

/** @param {HTMLFormElement} form */
function noteOf(form) {
  return /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("note"));
}
