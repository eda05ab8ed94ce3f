/** Everything Today and a past day need, in one file. */

import "./patient.js";
import "./log.js";
import "./plan_today.js";
import "./around_sessions.js";
