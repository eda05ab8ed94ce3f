/** What the plan says is enough on a bad day. Few days are, so it comes only then. */

import { copyOf, write } from "./cards.js";
import { part } from "./parts.js";
import { _ } from "./words.js";

/**
 * @param {import("./plan_today.js").BadDay[]} told
 * @param {(item: { kind: string, title: string }) => string} nameOf
 * @returns {Promise<HTMLElement[]>}
 */
export async function badDayCards(told, nameOf) {
  await part("plan-bad-day");
  return told.map(({ words, items, asked_by: by }) => {
    const card = copyOf("plan-bad-day-card");
    write(card, "[data-words]", words);
    card.querySelector("ul")?.append(...items.map((item) => lineOf(nameOf(item), item.bad_day)));
    write(card, "[data-by]", _("Asked by %(name)s", { name: by }));
    return card;
  });
}

/** @param {string} title @param {string} how */
function lineOf(title, how) {
  const line = copyOf("plan-bad-day-line");
  write(line, "[data-title]", title);
  write(line, "[data-how]", how);
  return line;
}
