/** How what waits in a fold looks. A page that was whole from the start has it already. */

import { partOfKeptPage } from "./parts.js";

const SHEET = "fold-styles";
/** @type {Promise<void> | undefined} */
let brought;

/** Answers when it is there, or cannot come: then the words stand without it. */
export function bringStyles() {
  brought ??= bring().catch(() => {});
  return brought;
}

async function bring() {
  if (document.getElementById(SHEET)) return;
  const link = await partOfKeptPage(SHEET);
  document.head.append(link);
  await new Promise((resolve) => {
    link.onload = resolve;
    link.onerror = resolve;
  });
}
