/** What every page of a patient needs. */

import "./register_worker.js";
import "./app_open.js";

import { bringTimer } from "./running_timer.js";

// The log brings it itself, once its day is open.
if (!document.getElementById("log")) {
  bringTimer();
  addEventListener("storage", bringTimer);
}
