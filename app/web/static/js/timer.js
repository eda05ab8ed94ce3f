/**
 * A timer for stretching, heat or ice. Kept is the instant it ends, so that a locked screen, a reload, another page
 * or a closed one changes nothing: whoever looks next sees how it stands. What is over is logged once, under the id
 * it got when it was started, and is said on every page until somebody answers with OK.
 */

import { instant, newStamp } from "./day.js";
import { add, set, shown, valueOf } from "./diary.js";
import { keptFacts } from "./facts.js";
import { bringStyles } from "./fold_styles.js";
import { flush } from "./outbox.js";
import { part, partOfKeptPage } from "./parts.js";
import { _ } from "./words.js";

/**
 * @typedef {{patient: string, day: string, id: string, counter: string, minutes: number, ends: number, logged?: number}} Timer
 *   `ends` in milliseconds; `logged` minutes once it is over
 */

const KEPT = "aftercare-timer";
const MINUTE = 60000;
/** @type {HTMLElement | null} */
let panel = null;
/** @type {HTMLElement} */
let what;
/** @type {HTMLElement} */
let time;
/** @type {HTMLElement} */
let stopButton;
/** @type {ReturnType<typeof setTimeout>} */
let nextLook;
/** @type {{released: boolean} | undefined} Keeps the screen on. */
let awake;
/** Whose page this is. */
let patient = shown.patient;

const isReady = begin();

async function begin() {
  patient ||= await whoseOtherPage();
  [panel] = await Promise.all([part("timer").then((found) => found ?? placeElsewhere()), bringStyles()]).catch(() => [null]);
  if (panel) [what, time, stopButton] = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll("#timer-of, #timer-time, #timer-stop")]);
  stopButton?.addEventListener("click", stop);
  for (const moment of ["pageshow", "storage", "focus"]) addEventListener(moment, look);
  document.addEventListener("visibilitychange", look);
  look();
}

/** One that does not show a day. */
async function whoseOtherPage() {
  return document.getElementById("zone-question")?.dataset.account || ((await keptFacts())?.patient ?? "");
}

/** On a page that has no place for it, above the tabs. */
async function placeElsewhere() {
  const made = await partOfKeptPage("timer");
  let bar = document.querySelector(".save-bar");
  if (!bar) {
    bar = document.createElement("div");
    bar.className = "save-bar";
    made.addEventListener("toggled", () => /** @type {HTMLElement} */ (bar).toggleAttribute("hidden", made.hidden));
    document.getElementById("main")?.append(bar);
  }
  bar.prepend(made);
  return made;
}

/** What the tapped button says. @param {DOMStringMap} chosen */
export async function startTimer({ timer: counter = "", minutes = "", swelling }) {
  const { day } = shown;
  const timer = { patient, day, id: newStamp().id, counter, minutes: Number(minutes), ends: Date.now() + Number(minutes) * MINUTE };
  keepTimer(timer);
  await isReady;
  if (swelling !== undefined && valueOf("swelling") !== true) set("swelling", true);
  look();
}

/** Stops it, or has seen that it is over. */
function stop() {
  const timer = kept();
  if (!timer || timer.logged !== undefined) {
    localStorage.removeItem(KEPT);
    return look();
  }
  finish(timer, Math.min(Math.floor((Date.now() - beganAt(timer)) / MINUTE), timer.minutes), Date.now());
}

/** Shows how it stands, and looks again when the next second is full. @returns {void} */
function look() {
  clearTimeout(nextLook);
  const timer = kept();
  const isRunning = timer !== null && timer.logged === undefined;
  allowStarting(!isRunning);
  if (!timer) return unhide(false);
  if (!isRunning) return sayOver(timer);
  const left = timer.ends - Date.now();
  if (left <= 0) return void finish(timer, timer.minutes, timer.ends);
  show(timer);
  keepAwake();
  nextLook = setTimeout(look, document.hidden ? left : left % 1000 || 1000);
}

/** @param {Timer} timer */
function show(timer) {
  if (!panel) return;
  const words = nameOf(timer.counter);
  if (what.textContent !== words) what.textContent = words;
  time.textContent = _("%(time)s of %(end)s", { time: clockOf(Date.now() - beganAt(timer)), end: clockOf(timer.minutes * MINUTE) });
  stopButton.textContent = _("Stop");
  panel.classList.remove("is-over");
  unhide(true);
}

/** One tab logs it, however many show it. @param {Timer} timer @param {number} minutes @param {number} at when it was over */
function finish(timer, minutes, at) {
  const log = () => logOnce(timer, minutes, at);
  return navigator.locks ? navigator.locks.request(KEPT, log) : log();
}

/** @param {Timer} timer @param {number} minutes @param {number} at */
async function logOnce(timer, minutes, at) {
  const { id, day, counter } = timer;
  const now = kept();
  if (now?.id !== id || now.logged !== undefined) return look();
  if (minutes > 0) await add(counter, minutes, { id, recorded_at: instant(new Date(at)), day, patient });
  // Marked only now: what is said twice under one id is still logged once.
  keepTimer({ ...timer, logged: minutes });
  look();
  // A page that shows no day sends nothing by itself.
  if (!shown.patient) await flush(patient).catch(() => null);
}

/** @param {Timer} timer */
function sayOver(timer) {
  if (!panel) return;
  const words = overWords(timer);
  if (what.textContent !== words && Math.abs(Date.now() - timer.ends) < MINUTE) navigator.vibrate?.([300, 150, 300]);
  // Said once: the same words again would be read out again.
  if (what.textContent !== words) what.textContent = words;
  time.textContent = "";
  stopButton.textContent = _("OK");
  panel.classList.add("is-over");
  unhide(true);
}

/** @param {boolean} may another one */
function allowStarting(may) {
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-timer]"))) button.disabled = !may;
}

/** @param {boolean} isShown */
function unhide(isShown) {
  document.documentElement.toggleAttribute("data-timer-shown", isShown);
  if (!panel) return;
  panel.hidden = !isShown;
  panel.dispatchEvent(new Event("toggled"));
}

/** @param {Timer} timer */
function keepTimer(timer) {
  localStorage.setItem(KEPT, JSON.stringify(timer));
}

/** The one of this person that runs, or is over and was not answered. @returns {Timer | null} */
function kept() {
  try {
    const timer = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    return timer?.patient === patient ? timer : null;
  } catch {
    return null;
  }
}

/** @param {Timer} timer */
function beganAt({ ends, minutes }) {
  return ends - minutes * MINUTE;
}

/** @param {string} counter */
function nameOf(counter) {
  if (counter === "heat_minutes") return _("Heat");
  return counter === "ice_minutes" ? _("Ice") : _("Stretching");
}

/** @param {Timer} timer */
function overWords({ counter, minutes, logged }) {
  if (logged === 0) return _("Stopped in the first minute. Nothing was logged.");
  if (logged !== minutes) return _("%(what)s: %(minutes)s min logged.", { what: nameOf(counter), minutes: logged ?? 0 });
  if (counter === "heat_minutes") return _("%(minutes)s minutes of heat are over. Take it off now.", { minutes });
  if (counter === "ice_minutes") return _("%(minutes)s minutes of ice are over. Take it off now.", { minutes });
  return _("%(minutes)s minutes of stretching are over.", { minutes });
}

/** As "07:05". @param {number} milliseconds */
function clockOf(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

/** A screen that stays on can tell when it is over; without leave for that it is told at the next look. */
async function keepAwake() {
  const lock = Reflect.get(navigator, "wakeLock");
  if (!lock || document.hidden || (awake && !awake.released)) return;
  awake = { released: false };
  awake = await lock.request("screen").catch(() => undefined);
}
