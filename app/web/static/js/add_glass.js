/** The app's shortcut "+1 glass" opens Today with `#glass`: it is done at once, and can be taken back. */

import { isInstalled } from "./device.js";
import { add } from "./diary.js";


/** Once a day is open. */
export function addGlass() {
  // Asked for once: reloading adds nothing.
  history.replaceState(null, "", location.pathname + location.search);
  const button = /** @type {HTMLElement | null} */ (document.querySelector("button[value='water_glasses:1']"));
  button?.focus();
  button?.scrollIntoView({ block: "center" });
  // Outside the installed app anybody's link may lead here; then the person taps.
  if (isInstalled()) add("water_glasses", 1);
}
