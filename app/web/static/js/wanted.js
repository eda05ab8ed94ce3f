/** What few people need on a day comes when it is wanted: timers, the shortcut for a glass, the way to the Home Screen. */

import { bringTimer } from "./running_timer.js";

/** Once a day is open. */
export function bringWhatIsWanted() {
  bringTimer();
  bringGlass();
  addEventListener("hashchange", bringGlass);
  addEventListener("storage", bringTimer);
  document.getElementById("log")?.addEventListener("click", ({ target }) => {
    const { dataset } = /** @type {HTMLElement} */ (target);
    if (dataset.timer) import("./timer.js").then(({ startTimer }) => startTimer(dataset));
  });
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    import("./install.js").then(({ offerInstall }) => offerInstall(event));
  });
  if (/iPhone|iPad|Macintosh/.test(navigator.userAgent)) import("./install.js").then(({ offerInstall }) => offerInstall());
}

function bringGlass() {
  if (location.hash === "#glass") import("./add_glass.js").then(({ addGlass }) => addGlass());
}
