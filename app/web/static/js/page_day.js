/** Which day the page is about: the one in its address, or today by this phone's clock. */

import { today } from "./day.js";

const [, ofAddress] = /^\/days\/(\d{4}-\d\d-\d\d)$/.exec(location.pathname) ?? [];
export const isPastDay = Boolean(ofAddress);

/** @param {string} dayStartsAt "03:00" */
export function dayOfPage(dayStartsAt) {
  return ofAddress ?? today(dayStartsAt);
}

/**
 * Calls `turn` when another day has begun than the page shows: when somebody comes back to it, or at the minute
 * it happens while they look.
 * @param {string} dayStartsAt
 * @param {(isLooking: boolean) => void} turn
 */
export function onDayTurn(dayStartsAt, turn) {
  if (isPastDay) return;
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") turn(false);
  });
  setInterval(() => turn(true), 30000);
}
