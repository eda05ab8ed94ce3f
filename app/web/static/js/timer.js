/**
 * A timer for stretching, heat or ice. Kept is the instant it ends, so that a locked screen, a reload or a closed
 * page changes nothing: whoever looks next sees how it stands, and what is over is logged once, under the id it got
 * when it was started.
 */

import { instant, newStamp } from "./day.js";
import { add, set, shown, valueOf } from "./diary.js";
import { bringStyles } from "./fold_styles.js";
import { part } from "./parts.js";
import { _ } from "./words.js";

/** @typedef {{patient: string, day: string, id: string, counter: string, minutes: number, ends: number}} Timer `ends` in milliseconds */

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

const isReady = begin();

/** A past day has no place for it. */
async function begin() {
  [panel] = await Promise.all([part("timer"), bringStyles()]);
  if (!panel) return;
  [what, time, stopButton] = /** @type {HTMLElement[]} */ ([...panel.querySelectorAll("#timer-of, #timer-time, #timer-stop")]);
  stopButton.addEventListener("click", stop);
  for (const moment of ["pageshow", "storage", "focus"]) addEventListener(moment, look);
  document.addEventListener("visibilitychange", look);
  look();
}

/** What the tapped button says. @param {DOMStringMap} chosen */
export async function startTimer({ timer: counter = "", minutes = "", swelling }) {
  const { patient, day } = shown;
  const timer = { patient, day, id: newStamp().id, counter, minutes: Number(minutes), ends: Date.now() + Number(minutes) * MINUTE };
  localStorage.setItem(KEPT, JSON.stringify(timer));
  await isReady;
  if (swelling !== undefined && valueOf("swelling") !== true) set("swelling", true);
  look();
}

function stop() {
  const timer = running();
  panel?.classList.remove("is-over");
  if (!timer) return hide();
  const minutes = Math.floor((Date.now() - beganAt(timer)) / MINUTE);
  if (minutes > 0) return void finish(timer, Math.min(minutes, timer.minutes), Date.now());
  localStorage.removeItem(KEPT);
  say(_("Stopped in the first minute. Nothing was logged."));
}

/** Shows how it stands, and looks again when the next second is full. @returns {void} */
function look() {
  clearTimeout(nextLook);
  const timer = running();
  allowStarting(timer === null);
  if (!timer) return hideUnlessOver();
  const left = timer.ends - Date.now();
  if (left <= 0) return void finish(timer, timer.minutes, timer.ends);
  show(timer);
  keepAwake();
  nextLook = setTimeout(look, document.hidden ? left : left % 1000 || 1000);
}

/** @param {Timer} timer */
function show(timer) {
  const words = nameOf(timer.counter);
  if (what.textContent !== words) what.textContent = words;
  time.textContent = _("%(time)s of %(end)s", { time: clockOf(Date.now() - beganAt(timer)), end: clockOf(timer.minutes * MINUTE) });
  stopButton.textContent = _("Stop");
  panel?.classList.remove("is-over");
  unhide();
}

/** One tab logs it, however many show it. @param {Timer} timer @param {number} minutes @param {number} at when it was over */
function finish(timer, minutes, at) {
  const log = () => logOnce(timer, minutes, at);
  return navigator.locks ? navigator.locks.request(KEPT, log) : log();
}

/** @param {Timer} timer @param {number} minutes @param {number} at */
async function logOnce(timer, minutes, at) {
  if (running()?.id !== timer.id) return look();
  await add(timer.counter, minutes, { id: timer.id, recorded_at: instant(new Date(at)), day: timer.day });
  // Forgotten only now: what is said twice under one id is still logged once.
  localStorage.removeItem(KEPT);
  say(minutes < timer.minutes ? _("%(what)s: %(minutes)s min logged.", { what: nameOf(timer.counter), minutes }) : overWords(timer));
  if (Date.now() - at < MINUTE) navigator.vibrate?.([300, 150, 300]);
}

/** @param {string} words */
function say(words) {
  clearTimeout(nextLook);
  what.textContent = words;
  time.textContent = "";
  stopButton.textContent = _("OK");
  panel?.classList.add("is-over");
  unhide();
  allowStarting(true);
}

/** @param {boolean} may another one */
function allowStarting(may) {
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button[data-timer]"))) button.disabled = !may;
}

function unhide() {
  document.documentElement.dataset.timerShown = "";
  if (panel) panel.hidden = false;
}

function hideUnlessOver() {
  if (!panel?.classList.contains("is-over")) hide();
}

function hide() {
  delete document.documentElement.dataset.timerShown;
  if (panel) panel.hidden = true;
}

/** The one that runs for this person. @returns {Timer | null} */
function running() {
  try {
    const timer = JSON.parse(localStorage.getItem(KEPT) ?? "null");
    return timer?.patient === shown.patient ? timer : null;
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
function overWords({ counter, minutes }) {
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
