/**
 * What notifications have to tell the server: kept first, sent in order, forgotten when it is settled.
 * Each may be sent twice; the server does it once.
 */

/**
 * @typedef {{ ticket: Ticket, said: Record<string, string>, tag?: string }} Command
 *   `tag` names the notification that is replaced by the answer.
 * @typedef {"done" | "refused" | "kept"} Outcome
 */

const STORE = "commands";
const SEND_WITHIN = 15000;
/** @type {Map<IDBValidKey, Outcome>} What was settled, by whichever round of sending came to it first. */
const settled = new Map();

worker.addEventListener("sync", (event) => {
  if (/** @type {any} */ (event).tag === "outbox") return;
  /** @type {ExtendableEvent} */ (event).waitUntil(sendCommands());
});

// Whatever woke this worker, what was kept before can go out now.
sendCommands().catch(() => {});

/**
 * @param {Ticket} ticket
 * @param {Record<string, string>} news
 */
async function report(ticket, news) {
  if (ticket.delivery) await carryOut({ ticket, said: { ...news, at: new Date().toISOString() } });
  else await sendCommands();
}

/**
 * @param {Command} command
 * @returns {Promise<Outcome>}
 */
async function carryOut(command) {
  const key = await change((commands) => commands.add(command));
  if (key === null) return sendOne(command);
  await sendCommands();
  const outcome = settled.get(key) ?? "kept";
  settled.delete(key);
  return outcome;
}

/** One worker and one tap at a time, so that an undo never overtakes what it undoes. */
async function sendCommands() {
  return navigator.locks ? navigator.locks.request("aftercare-commands", sendInOrder) : sendInOrder();
}

async function sendInOrder() {
  const keys = (await change((commands) => commands.getAllKeys())) ?? [];
  const waiting = new Set();
  for (const key of keys) {
    const command = await change((commands) => commands.get(key));
    if (!command || waiting.has(command.ticket.delivery)) continue;
    const outcome = await sendOne(command);
    if (outcome === "kept") waiting.add(command.ticket.delivery);
    else {
      settled.set(key, outcome);
      await change((commands) => commands.delete(key));
    }
  }
  if (waiting.size > 0) await askForSync();
}

/**
 * @param {Command} command
 * @returns {Promise<Outcome>}
 */
async function sendOne(command) {
  const { ticket, said, tag } = command;
  try {
    const answer = await fetch(`/api/deliveries/${encodeURIComponent(ticket.delivery ?? "")}/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token: ticket.token, ...said }),
      signal: AbortSignal.timeout(SEND_WITHIN),
    });
    if (answer.ok && tag !== undefined) await showAnswer(command, await answer.json());
    if (answer.ok) return "done";
    return answer.status < 500 && ![408, 429].includes(answer.status) ? "refused" : "kept";
  } catch {
    return "kept";
  }
}

/** Has the browser wake this worker when there is a network again, where it knows how. */
async function askForSync() {
  const { sync } = /** @type {any} */ (worker.registration);
  await sync?.register("commands").catch(() => {});
}

/**
 * One step on what is kept, answered after it is safely written; null where nothing can be kept.
 *
 * @param {(commands: IDBObjectStore) => IDBRequest} step
 * @returns {Promise<any>}
 */
async function change(step) {
  const database = await opened();
  if (!database) return null;
  return new Promise((resolve) => {
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    const request = step(transaction.objectStore(STORE));
    transaction.oncomplete = () => {
      database.close();
      resolve(request.result);
    };
    transaction.onabort = () => resolve(null);
  });
}

/** @returns {Promise<IDBDatabase | null>} */
function opened() {
  return new Promise((resolve) => {
    if (!self.indexedDB) return resolve(null);
    const request = indexedDB.open("aftercare-commands", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  });
}
