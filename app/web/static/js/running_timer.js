/** A timer that runs, or ended and was not answered, here or in another tab. It must be seen wherever somebody is. */

export function bringTimer() {
  if (localStorage.getItem("aftercare-timer")) import("./timer.js");
}
