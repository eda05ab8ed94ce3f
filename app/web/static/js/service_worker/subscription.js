/** A browser may renew its push subscription by itself; then the server is told at once. */

worker.addEventListener("pushsubscriptionchange", (event) => {
  const { oldSubscription, newSubscription } = /** @type {any} */ (event);
  /** @type {ExtendableEvent} */ (event).waitUntil(renew(oldSubscription, newSubscription).catch(() => {}));
});

/**
 * What fails here is repaired when Aftercare is opened next.
 *
 * @param {PushSubscription | null} old
 * @param {PushSubscription | null} renewed
 */
async function renew(old, renewed) {
  const fresh = renewed ?? (await worker.registration.pushManager.getSubscription()) ?? (await subscribeAgain(old));
  await fetch("/api/push/subscriptions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...fresh.toJSON(), ...(old ? { replaces: old.endpoint } : {}) }),
    signal: AbortSignal.timeout(SEND_WITHIN),
  });
}

/** @param {PushSubscription | null} old */
async function subscribeAgain(old) {
  const applicationServerKey = old?.options?.applicationServerKey ?? (await serverKey());
  return worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
}

/** @returns {Promise<string>} base64url, as browsers take it */
async function serverKey() {
  const answer = await fetch("/api/push/key");
  return (await answer.json()).public_key;
}
