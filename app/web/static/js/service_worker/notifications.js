/** Showing what was pushed, and the answer to a tap. */

/**
 * @typedef {{ delivery?: string, token?: string }} Ticket  What lets a notification report back.
 * @typedef {{ navigate: string, ticket: Ticket, actions: Record<string, string> }} Shown
 */

worker.addEventListener("push", (event) => {
  event.waitUntil(showOne(event.data));
});

/**
 * Show exactly one notification, whatever was pushed: a phone withdraws permission after silent pushes.
 *
 * @param {PushMessageData | null} pushed
 */
async function showOne(pushed) {
  await chooseLanguage();
  const title = _("Your check-in is ready");
  const said = notificationIn(pushed);
  const shown = {
    navigate: ownAddress(said.navigate),
    ticket: ticketIn(said.data),
    actions: addressesOf(said.actions),
  };
  try {
    await worker.registration.showNotification(text(said.title, title), options(said, shown));
  } catch {
    await worker.registration.showNotification(title, options({}, shown));
  }
  await Promise.all([markBadge(said.app_badge), report(shown.ticket, { event: "shown" })]);
}

/**
 * The notification in a Declarative Web Push message, or an empty one.
 *
 * @param {PushMessageData | null} pushed
 * @returns {Record<string, unknown>}
 */
function notificationIn(pushed) {
  try {
    return record(record(pushed?.json()).notification);
  } catch {
    return {};
  }
}

/**
 * @param {Record<string, unknown>} said
 * @param {Shown} shown
 * @returns {NotificationOptions}
 */
function options(said, shown) {
  const tag = text(said.tag, "aftercare");
  const lines = { body: text(said.body, _("Tap to open.")), lang: text(said.lang, language), icon: shell.icon, badge: shell.badge };
  const own = { actions: buttons(said.actions), data: shown };
  return /** @type {NotificationOptions} */ ({ ...lines, ...own, tag, silent: said.silent === true });
}

/**
 * Replaces the notification that was tapped: "2 of 8 glasses", with Undo while there is something to undo.
 *
 * @param {Command} command
 * @param {{ title: string, body: string, can_undo: boolean }} answer
 */
async function showAnswer({ ticket, tag }, { title, body, can_undo }) {
  await chooseLanguage();
  const shown = { navigate: HOME, ticket, actions: { undo: `/did/${ticket.delivery}` } };
  const lines = { body, lang: language, icon: shell.icon, badge: shell.badge, tag, data: shown, silent: true };
  const actions = can_undo ? [{ action: "undo", title: _("Undo") }] : [];
  await worker.registration.showNotification(title, /** @type {NotificationOptions} */ ({ ...lines, actions }));
}

/**
 * @param {unknown} actions
 * @returns {{ action: string, title: string }[]}
 */
function buttons(actions) {
  return list(actions).map(({ action, title }) => ({ action: text(action, ""), title: text(title, _("Open")) }));
}

/**
 * Where each action leads.
 *
 * @param {unknown} actions
 * @returns {Record<string, string>}
 */
function addressesOf(actions) {
  return Object.fromEntries(list(actions).map(({ action, navigate }) => [text(action, ""), ownAddress(navigate)]));
}

/**
 * @param {unknown} said
 * @returns {Ticket}
 */
function ticketIn(said) {
  const { delivery, token } = record(said);
  return typeof delivery === "string" && typeof token === "string" ? { delivery, token } : {};
}

/** @param {unknown} count */
async function markBadge(count) {
  if (typeof count !== "number" || !("setAppBadge" in navigator)) return;
  await navigator.setAppBadge(count).catch(() => {});
}
