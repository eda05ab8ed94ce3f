/** How much room a long note has left. Few are long, so it comes only then. */

import { ngettext } from "./words.js";

/** @param {HTMLTextAreaElement} note @param {boolean} isLong @param {number} left */
export function tellRoom(note, isLong, left) {
  const line = document.getElementById("note-room") ?? lineBelow(note);
  const words = left < 0
    ? ngettext("%(num)s character too many. Shorten your note, then it is saved.", "%(num)s characters too many. Shorten your note, then it is saved.", -left)
    : ngettext("%(num)s character left", "%(num)s characters left", left);
  line.textContent = isLong ? words : "";
}

/** @param {HTMLTextAreaElement} note */
function lineBelow(note) {
  const line = document.createElement("p");
  Object.assign(line, { id: "note-room", className: "field__hint", role: "status" });
  note.after(line);
  note.setAttribute("aria-describedby", "note-hint note-room");
  return line;
}
