/** Days and times as people say them, in the language of the page. */

const language = document.documentElement.lang || "en";
const locale = language === "en" ? "en-GB" : language;

/** As "Tuesday 3 November"; what is no day stays as it is. @param {string} day */
export function dayInWords(day) {
  if (Number.isNaN(Date.parse(day))) return day;
  // English writes no comma here, German does.
  return said(day, { weekday: "long", day: "numeric", month: "long" }).replace(language === "de" ? "" : ",", "");
}

/** As "Tue". @param {string} day */
export function shortWeekday(day) {
  return said(day, { weekday: language === "ar" ? "narrow" : "short" });
}

/** As "Tuesday". @param {string} day */
function weekday(day) {
  return said(day, { weekday: "long" });
}

/** As "yesterday", or "Tuesday" within the last week. @param {string} day @param {string} from */
export function dayBefore(day, from) {
  const ago = Math.round((Date.parse(from) - Date.parse(day)) / 86400000);
  if (ago === 1) return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-1, "day");
  return ago < 7 ? weekday(day) : dayInWords(day);
}

/** As "Tuesday 08:52", by this phone's clock. @param {string} instant */
export function momentInWords(instant) {
  const parts = /** @type {Intl.DateTimeFormatOptions} */ ({ weekday: "long", hour: "2-digit", minute: "2-digit" });
  return new Intl.DateTimeFormat(locale, parts).format(new Date(instant)).replace(",", "");
}

/** @param {string} day @param {Intl.DateTimeFormatOptions} parts */
function said(day, parts) {
  return new Intl.DateTimeFormat(locale, { ...parts, timeZone: "UTC" }).format(new Date(`${day}T12:00Z`));
}
