/** My data: hands a report to the phone's own sharing, and brings a file in piece by piece with its progress. */

import { canShareFile, shareFile } from "./share.js";
import { _, ngettext } from "./words.js";

/** @typedef {{ stored: number, already_here: number }} Counted */
/** @typedef {{ parts: Record<string, Counted>, days: number, first_day: string | null, last_day: string | null }} MovedIn */
/** @typedef {{ type: string, pieces: string[] }} Pieces */

const ENTRIES_A_PIECE = 1000;
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("import-form"));
const said = document.getElementById("import-said");
const progress = /** @type {HTMLProgressElement | null} */ (document.getElementById("import-progress"));
/** @type {Record<string, string>} */
const partWords = JSON.parse(document.getElementById("part-words")?.textContent ?? "{}");

for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("[data-share]"))) {
  if (canShareFile("application/pdf")) link.addEventListener("click", (event) => share(event, link));
}
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  bringIn(form, button?.value !== "store");
});

/** @param {Event} event @param {HTMLAnchorElement} link */
async function share(event, link) {
  event.preventDefault();
  if (!link.href) return;
  const outcome = await shareFile(link.href, link.dataset.share ?? "report.pdf");
  const told = document.getElementById("shared");
  if (told) told.textContent = outcome === "failed" ? _("The page could not be fetched. Try again with network.") : "";
}

/** @param {HTMLFormElement} form @param {boolean} preview */
async function bringIn(form, preview) {
  const file = /** @type {HTMLInputElement} */ (form.elements.namedItem("file")).files?.[0];
  if (!file) return show([notice(_("Choose a file first."))]);
  busy(form, true);
  show([]);
  try {
    const found = await sendAll(await piecesOf(file), preview);
    show(told(found, preview));
  } catch (error) {
    show(error instanceof Refusal ? error.told() : [notice(_("That did not get through. Nothing is lost: try again."))]);
  } finally {
    busy(form, false);
  }
}

/**
 * A large take-out goes in pieces, so that progress can be seen; each piece counts once, however often it is sent.
 * Everything is looked at before the first piece is stored.
 * @param {Pieces} file @param {boolean} preview @returns {Promise<MovedIn>}
 */
async function sendAll(file, preview) {
  const steps = preview || file.pieces.length === 1 ? [preview] : [true, false];
  const all = steps.length * file.pieces.length;
  let done = 0;
  /** @type {MovedIn} */
  let found = nothing();
  for (const only of steps) {
    found = nothing();
    for (const piece of file.pieces) {
      found = together(found, await send(piece, file.type, only));
      if (progress) [progress.max, progress.value] = [all, (done += 1)];
    }
  }
  return found;
}

/** @param {string} body @param {string} type @param {boolean} preview @returns {Promise<MovedIn>} */
async function send(body, type, preview) {
  const answer = await fetch(`/api/me/import?preview=${preview}`, { method: "POST", body, headers: { "content-type": type } });
  const content = await answer.json();
  if (!answer.ok) throw new Refusal(content);
  return content;
}

/** @param {File} file @returns {Promise<Pieces>} */
async function piecesOf(file) {
  const text = await file.text();
  if (!text.trimStart().startsWith("{")) return { type: "text/csv", pieces: [text] };
  const document = parsed(text);
  const entries = document && Array.isArray(document.entries) ? document.entries : [];
  if (!document || entries.length <= ENTRIES_A_PIECE) return { type: "application/json", pieces: [text] };
  const { format, version } = document;
  const pieces = [JSON.stringify({ ...document, days: [], entries: entries.slice(0, ENTRIES_A_PIECE) })];
  for (let from = ENTRIES_A_PIECE; from < entries.length; from += ENTRIES_A_PIECE) {
    pieces.push(JSON.stringify({ format, version, entries: entries.slice(from, from + ENTRIES_A_PIECE) }));
  }
  return { type: "application/json", pieces };
}

/** @param {string} text @returns {Record<string, unknown> | null} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @returns {MovedIn} */
function nothing() {
  return { parts: {}, days: 0, first_day: null, last_day: null };
}

/** @param {MovedIn} one @param {MovedIn} other @returns {MovedIn} */
function together(one, other) {
  const parts = { ...one.parts };
  for (const [name, counted] of Object.entries(other.parts)) {
    const before = parts[name] ?? { stored: 0, already_here: 0 };
    parts[name] = { stored: before.stored + counted.stored, already_here: before.already_here + counted.already_here };
  }
  const days = [one.first_day, other.first_day, one.last_day, other.last_day].filter((day) => day !== null).sort();
  return { parts, days: one.days + other.days, first_day: days[0] ?? null, last_day: days.at(-1) ?? null };
}

/** @param {MovedIn} found @param {boolean} preview @returns {HTMLElement[]} */
function told(found, preview) {
  const lines = Object.entries(found.parts).map(([name, counted]) => {
    const words = counted.already_here
      ? _("%(new)s new, %(here)s here already", { new: counted.stored, here: counted.already_here })
      : ngettext("%(num)s new", "%(num)s new", counted.stored);
    return row(partWords[name] ?? name, words);
  });
  const heading = element("p", preview ? _("This would be stored:") : _("Stored:"), "lead");
  return lines.length ? [heading, list(lines)] : [notice(_("Nothing in it is new to your diary."))];
}

/** A file that was not taken, and why. */
class Refusal extends Error {
  /** @param {{ detail: string, errors: { message: string }[] }} problem */
  constructor(problem) {
    super(problem.detail);
    this.lines = problem.errors.length ? problem.errors.map((wrong) => wrong.message) : [problem.detail];
  }

  /** @returns {HTMLElement[]} */
  told() {
    const heading = notice(_("Nothing was stored. Please change this in the file:"));
    return [heading, list(this.lines.map((words) => row(words, "")))];
  }
}

/** @param {HTMLElement[]} parts */
function show(parts) {
  said?.replaceChildren(...parts);
}

/** @param {HTMLFormElement} form @param {boolean} is */
function busy(form, is) {
  for (const button of form.querySelectorAll("button")) button.disabled = is;
  if (!progress) return;
  progress.hidden = !is;
  progress.removeAttribute("value");
}

/** @param {string} words @returns {HTMLElement} */
function notice(words) {
  const box = element("div", "", "notice notice--heed");
  box.append(element("p", words));
  return box;
}

/** @param {HTMLElement[]} rows @returns {HTMLElement} */
function list(rows) {
  const all = element("ul", "", "rows");
  all.append(...rows);
  return all;
}

/** @param {string} words @param {string} counted @returns {HTMLElement} */
function row(words, counted) {
  const one = element("li", "", "rows__row");
  one.append(element("span", words), element("span", counted, "soft"));
  return one;
}

/** @param {string} tag @param {string} words @param {string} [classes] @returns {HTMLElement} */
function element(tag, words, classes = "") {
  const made = document.createElement(tag);
  made.textContent = words;
  made.className = classes;
  return made;
}
