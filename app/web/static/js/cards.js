/** Cards of Today, made from the templates of the page. */

import { clock, instant } from "./day.js";

const A_WEEK = 6 * 86400000;

/** @param {string} id of the template @returns {HTMLElement} */
export function copyOf(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}

/** @param {Element} card @param {string} selector @param {string} words none and it stays away */
export function write(card, selector, words) {
  const element = /** @type {HTMLElement} */ (card.querySelector(selector));
  element.textContent = words;
  element.hidden = words === "";
}

/** The time alone today, with its day otherwise, by this phone's clock. @param {HTMLElement} card @param {string} at */
export function tellTime(card, at) {
  const time = /** @type {HTMLTimeElement} */ (card.querySelector("time"));
  const isFar = Date.parse(at) - Date.now() > A_WEEK;
  const parts = /** @type {Intl.DateTimeFormatOptions} */ ({ weekday: "long", ...(isFar && { day: "numeric", month: "long" }) });
  const day = new Intl.DateTimeFormat(document.documentElement.lang || "en", parts).format(new Date(at));
  time.dateTime = at;
  time.textContent = `${isOfToday(at) ? "" : `${day} `}${clock(new Date(at))}`;
}

/** By this phone's clock. @param {string} at */
export function isOfToday(at) {
  return instant(new Date(at)).slice(0, 10) === instant().slice(0, 10);
}
