/** Everything Today and a past day need, in one file. */

import "./patient.js";
import "./log.js";
import "./plan_today.js";

import { onFacts } from "./facts.js";

let isAround = false;

// Its times come from the server, so there is nothing to show before it answered.
onFacts(({ session_is_near: isNear, asks_to_stop: asks }) => {
  if (asks) import("./stopped_reminders.js").then(({ ask }) => ask());
  if (isNear && !isAround && document.getElementById("around-sessions")) import("./around_sessions.js");
  isAround ||= isNear;
});
