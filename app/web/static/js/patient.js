/** What every page of a patient needs. */

import "./register_worker.js";
import "./app_open.js";
