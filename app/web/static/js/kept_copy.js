/** A page from the last copy says how old it is. */

import { momentInWords } from "./days_in_words.js";
import { _ } from "./words.js";

const notice = document.getElementById("kept-at");

/** @param {string} keptAt */
export function sayHowOld(keptAt) {
  if (!notice) return;
  notice.textContent = _("There is no connection. This is how it was on %(moment)s.", { moment: momentInWords(keptAt) });
  notice.hidden = false;
}
