/** The number of entries that wait to be sent, on the icon of the installed app. */

document.addEventListener("aftercare:waiting", (event) => {
  const { waiting } = /** @type {CustomEvent<{waiting: number}>} */ (event).detail;
  // Not every browser has badges, and some refuse them until the app is installed.
  if (waiting > 0) navigator.setAppBadge?.(waiting).catch(() => {});
  else navigator.clearAppBadge?.().catch(() => {});
});
