/** The Plan page: each tap is kept on the phone and sent, like those of the log. Without this file it is a plain post. */

import "./patient.js";
import "./undo.js";

import { today } from "./day.js";
import { add, answerItem, onShown, openDay, shown } from "./diary.js";
import { beginSending } from "./sending.js";
import { ngettext } from "./words.js";

const page = /** @type {HTMLElement} */ (document.getElementById("plan-today-items"));
const forms = /** @type {HTMLFormElement[]} */ ([...document.querySelectorAll("form[data-item]")]);

void begin();

async function begin() {
  const { patient = "", day = "", was = "{}", cameWithDone = "{}" } = page.dataset;
  for (const form of forms) form.addEventListener("submit", onTap);
  await openDay(patient, day, JSON.parse(was), JSON.parse(cameWithDone));
  onShown((said) => forms.forEach((form) => fill(form, said)));
  const bar = document.getElementById("save-bar");
  if (bar) bar.hidden = false;
  await beginSending();
}

/** A page left open overnight is about another day: then the server decides. @param {SubmitEvent} event */
function onTap(event) {
  const button = event.submitter;
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  if (!(button instanceof HTMLButtonElement) || today(page.dataset.dayStartsAt ?? "03:00") !== shown.day) return;
  event.preventDefault();
  if (button.value === "glass") return void add("water_glasses", 1);
  const { item = "", measure, minutes } = form.dataset;
  answerItem(item, button.value === "clear" ? null : button.value, measure, Number(minutes ?? 0));
  form.querySelector("details")?.removeAttribute("open");
}

/** @param {HTMLFormElement} form @param {Record<string, any>} said */
function fill(form, said) {
  const answer = said.plan_items?.[form.dataset.item ?? ""] ?? null;
  const words = /** @type {HTMLElement} */ (form.querySelector("[data-said]"));
  for (const button of form.querySelectorAll("button")) {
    if (button.value === "clear") button.hidden = answer === null;
    else if (button.value !== "glass") button.setAttribute("aria-pressed", String(button.value === answer));
    if (button.value === answer) words.textContent = button.dataset.means ?? "";
  }
  if (form.querySelector("button[value=glass]") && said.water_glasses) {
    words.textContent = ngettext("%(num)s glass today", "%(num)s glasses today", said.water_glasses);
    words.hidden = false;
  } else words.hidden = answer === null;
}
