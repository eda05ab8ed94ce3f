/** Days and instants by this phone's clock. */

/** @param {Date} now @returns {string} RFC 3339 with the phone's own offset */
export function instant(now = new Date()) {
  const offset = -now.getTimezoneOffset();
  const wall = new Date(now.getTime() + offset * 60000).toISOString().slice(0, 23);
  return wall + (offset < 0 ? "-" : "+") + two(Math.abs(offset) / 60) + ":" + two(Math.abs(offset) % 60);
}

/**
 * The day a person means by "today".
 * @param {string} dayStartsAt "03:00": earlier than that still belongs to yesterday
 * @param {Date} now
 */
export function today(dayStartsAt, now = new Date()) {
  const [hours, minutes] = dayStartsAt.split(":").map(Number);
  const shifted = new Date(now);
  shifted.setHours(now.getHours() - hours, now.getMinutes() - minutes);
  return `${shifted.getFullYear()}-${two(shifted.getMonth() + 1)}-${two(shifted.getDate())}`;
}

/** @param {Date} now @returns {string} "08:52" */
export function clock(now = new Date()) {
  return `${two(now.getHours())}:${two(now.getMinutes())}`;
}

/** @param {number} number */
function two(number) {
  return String(Math.trunc(number)).padStart(2, "0");
}

/** @param {string} day @param {number} days @returns {string} the day so many days later */
export function later(day, days) {
  return new Date(Date.parse(`${day}T12:00Z`) + days * 86400000).toISOString().slice(0, 10);
}

let lastMoment = 0;

/**
 * What a new entry is known by. Moments of one page never repeat or run backwards, and ids sort as they were
 * made (UUID version 7), so that two taps in one millisecond keep their order everywhere.
 * @returns {{id: string, recorded_at: string}}
 */
export function newStamp() {
  lastMoment = Math.max(Date.now(), lastMoment + 1);
  const time = lastMoment.toString(16).padStart(12, "0");
  return { id: `${time.slice(0, 8)}-${time.slice(8)}-7${chance()}`, recorded_at: instant(new Date(lastMoment)) };
}

/** The rest of a UUID. On plain http, as in a home network, browsers have no `randomUUID`. @returns {string} "123-8123-0123456789ab" */
function chance() {
  const bytes = crypto.getRandomValues(new Uint8Array(10));
  bytes[2] = (bytes[2] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${digits.slice(1, 4)}-${digits.slice(4, 8)}-${digits.slice(8)}`;
}

/** New entries come after this one, also when the clock of the phone was set back. @param {string} recordedAt */
export function comeAfter(recordedAt) {
  lastMoment = Math.max(lastMoment, Date.parse(recordedAt) || 0);
}
