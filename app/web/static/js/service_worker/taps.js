/** What a tap does: a button does its thing without a page, the notification itself opens one. */

worker.addEventListener("notificationclick", (event) => {
  const { notification, action } = event;
  notification.close();
  event.waitUntil(follow(shownBy(notification), action, notification.tag));
});

/**
 * What was kept with a notification. One the browser showed by itself has nothing of ours.
 *
 * @param {Notification} notification
 * @returns {Shown}
 */
function shownBy(notification) {
  const { navigate, ticket, actions } = record(notification.data);
  const own = /** @type {Record<string, string>} */ (record(actions));
  return { navigate: ownAddress(navigate), ticket: ticketIn(ticket), actions: own };
}

/**
 * @param {Shown} shown
 * @param {string} action
 * @param {string} tag
 */
async function follow(shown, action, tag) {
  await markBadge(0);
  if (action && shown.ticket.delivery) return act(shown, action, tag);
  await Promise.all([open(pageOf(shown, action)), report(shown.ticket, { event: "opened" })]);
}

/**
 * Do what the button says. Without a network it is kept and sent later; what the server refuses opens the
 * page of the button, which can say why.
 *
 * @param {Shown} shown
 * @param {string} action
 * @param {string} tag
 */
async function act(shown, action, tag) {
  /** @type {Record<string, string>} */
  const said = action === "undo" ? { event: "undone" } : { event: "acted", action };
  const command = { ticket: shown.ticket, said: { ...said, at: new Date().toISOString() }, tag };
  const outcome = await carryOut(command);
  if (outcome === "refused") await open(ownAddress(shown.actions[action] ?? shown.navigate));
  if (outcome === "kept") await sayKept(command, action !== "undo");
}

/** @param {Command} command @param {boolean} can_undo */
async function sayKept(command, can_undo) {
  await chooseLanguage();
  await showAnswer(command, { title: _("Kept on this phone"), body: _("It is sent when there is a connection."), can_undo });
}

/**
 * The page of the thing itself is for browsers without buttons; where there are some, a tap beside them
 * only looks.
 *
 * @param {Shown} shown
 * @param {string} action
 */
function pageOf(shown, action) {
  const hasButtons = Object.keys(shown.actions).length > 0 && hasActions();
  if (!action && hasButtons && shown.ticket.delivery) return `${HOME}?delivery=${shown.ticket.delivery}`;
  return ownAddress(shown.actions[action] ?? shown.navigate);
}

function hasActions() {
  return "Notification" in self && /** @type {any} */ (Notification).maxActions > 0;
}

/**
 * Bring an open window to the address, or open one.
 *
 * @param {string} address
 */
async function open(address) {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const client of windows) {
    try {
      await client.navigate(address);
      await client.focus();
      return;
    } catch {
      // A window this worker does not control cannot be led; the next one perhaps can.
    }
  }
  await worker.clients.openWindow(address).catch(() => null);
}
