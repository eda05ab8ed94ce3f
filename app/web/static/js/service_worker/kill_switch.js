/**
 * Served in place of the worker when the operator sets AFTERCARE_SERVICE_WORKER=off: it removes the worker and
 * its caches, then opens each page anew from the server. What was not sent yet stays in the phone's database,
 * and the pages send it.
 */

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  for (const name of await caches.keys()) await caches.delete(name);
  await self.registration.unregister();
  for (const client of await self.clients.matchAll({ type: "window" })) {
    // A page that cannot be led is opened anew by its person.
    await client.navigate(client.url).catch(() => {});
  }
}
