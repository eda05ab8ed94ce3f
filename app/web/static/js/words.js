/**
 * What scripts say, in the language of the page. A page in another language than English brings the
 * translations of every message in its data block `#words`: one string, or one for each plural form.
 */

/** @type {Record<string, string[]>} */
const translations = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
const plural = new Intl.PluralRules(document.documentElement.lang || "en");
const CATEGORIES = ["zero", "one", "two", "few", "many", "other"];

/**
 * @param {string} message in English, with `%(name)s` where `values.name` goes
 * @param {Record<string, string | number>} [values]
 */
export function _(message, values = {}) {
  return filled(translations[message]?.[0] ?? message, values);
}

/**
 * The form of the message that goes with the number, which it can name as `%(num)s`.
 * @param {string} one
 * @param {string} many
 * @param {number} num
 * @param {Record<string, string | number>} [values]
 */
export function ngettext(one, many, num, values = {}) {
  return filled((translations[one] ?? [one, many])[formOf(num, translations[one]?.length ?? 2)], { num, ...values });
}

/** @param {number} num @param {number} forms two, or the six of Arabic */
function formOf(num, forms) {
  return forms === 6 ? CATEGORIES.indexOf(plural.select(num)) : Number(num !== 1);
}

/** From right to left, words in another script keep their own direction. @param {string | number} said */
function isolated(said) {
  return document.dir === "rtl" && typeof said === "string" ? `\u2068${said}\u2069` : String(said);
}

/** @param {string} message @param {Record<string, string | number>} values */
function filled(message, values) {
  return message.replace(/%\((\w+)\)s|%%/g, (whole, name) => (name ? isolated(values[name] ?? whole) : "%"));
}
