/** What this very device is, as far as reminders go. */

import { _ } from "./words.js";

/**
 * @typedef {"insecure" | "iphone_safari" | "iphone_other" | "iphone_old" | "no_push" | "denied" | "ready"} Situation
 */

/** @returns {Situation} which steps this device needs */
export function situation() {
  if (!window.isSecureContext) return "insecure";
  if (isIPhone() && !isInstalled()) return isSafari() ? "iphone_safari" : "iphone_other";
  if (!canBeReached()) return isIPhone() ? "iphone_old" : "no_push";
  return Notification.permission === "denied" ? "denied" : "ready";
}

export function canBeReached() {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}

export function isIPhone() {
  return /iPhone|iPad/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
}

/** @returns {"iphone" | "android" | "computer"} where the notification settings are found */
export function family() {
  if (isIPhone()) return "iphone";
  return /Android/.test(navigator.userAgent) ? "android" : "computer";
}

/** @returns {string} as "Chrome on Android" */
export function deviceName() {
  const browser = [["Firefox", "Firefox"], ["FxiOS", "Firefox"], ["CriOS", "Chrome"], ["Edg", "Edge"], ["OPR", "Opera"],
    ["SamsungBrowser", "Samsung Internet"], ["Chrome", "Chrome"], ["Safari", "Safari"]];
  const system = [["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Windows", "Windows"], ["Mac", "Mac"], ["Linux", "Linux"]];
  return _("%(browser)s on %(system)s", { browser: named(browser), system: named(system) });
}

/** Opened from the Home Screen. */
export function isInstalled() {
  return Reflect.get(navigator, "standalone") === true || matchMedia("(display-mode: standalone)").matches;
}

/** On an iPhone every browser calls itself Safari too. */
function isSafari() {
  return !/CriOS|FxiOS|EdgiOS|OPiOS|DuckDuckGo/.test(navigator.userAgent);
}

/** @param {string[][]} names */
function named(names) {
  return names.find(([mark]) => navigator.userAgent.includes(mark))?.[1] ?? _("a device");
}
