/** Telling the server what became of a delivery. The token came with the notification, behind the `#`. */

/**
 * @typedef {{title: string, body: string, action: string | null, can_undo: boolean, asks_again_at: string | null}} DeliveryNow
 * @typedef {{event: "shown" | "opened" | "acted" | "undone", action?: string}} Happening
 */

/** @returns {string} empty when this page was not opened by a notification */
export function tokenHere() {
  const token = location.hash.slice(1);
  return /^[\w-]{32}$/.test(token) ? token : "";
}

/**
 * @param {string} delivery
 * @param {string} token
 * @param {Happening} happening
 * @returns {Promise<DeliveryNow>} throws when the server did not take it
 */
export async function tell(delivery, token, happening) {
  const answer = await fetch(`/api/deliveries/${encodeURIComponent(delivery)}/events`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token, ...happening, at: new Date().toISOString() }),
    keepalive: true,
    signal: AbortSignal.timeout(15000),
  });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
  return answer.json();
}

/** A notification that the phone showed by itself opens its page without our worker, so the page says so. */
export function sayOpened() {
  const delivery = new URLSearchParams(location.search).get("delivery");
  const token = tokenHere();
  if (!delivery || !token) return;
  history.replaceState(history.state, "", location.pathname);
  tell(delivery, token, { event: "opened" }).catch(() => {});
}
