/** Entries go out when the network is back, also after the page was closed, where the browser knows how. */

worker.addEventListener("sync", (event) => {
  const sync = /** @type {ExtendableEvent & { tag: string }} */ (event);
  if (sync.tag === "outbox") sync.waitUntil(sendOutbox());
});

/** What fails is tried again with the next event, or when a page is opened. */
async function sendOutbox() {
  const { patient } = (await facts()) ?? {};
  if (!patient) return;
  while ((await aftercare.outbox.flush(patient)).settled > 0);
}
