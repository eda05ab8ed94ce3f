/** Everything Today and a past day need, in one file. */

import "./patient.js";
import "./log.js";
import "./plan_today.js";
import "./around_sessions.js";

import { onFacts } from "./facts.js";

onFacts(({ asks_to_stop: asks }) => {
  if (asks) import("./stopped_reminders.js").then(({ ask }) => ask());
});
