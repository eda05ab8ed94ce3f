/**
 * What was answered on notifications and waits for the worker to send it. It needs nobody to be signed in: each
 * carries a token of its own.
 */

const NAME = "aftercare-commands";
const STORE = "commands";
const SENT_WITHIN = 15000;

/** Has the worker send what waits, and answers how many answers still do. @returns {Promise<number>} */
export async function sendCommands() {
  if ((await answersWaiting()) > 0) await askWorker();
  return answersWaiting();
}

/** That a notification was shown or opened is no answer. */
async function answersWaiting() {
  /** @type {{ said: Record<string, string> }[]} */
  const commands = await everything();
  return commands.filter(({ said }) => ["acted", "undone"].includes(said.event)).length;
}

async function askWorker() {
  const registration = await navigator.serviceWorker?.getRegistration();
  const { port1: here, port2: there } = new MessageChannel();
  await new Promise((resolve) => {
    here.onmessage = resolve;
    setTimeout(resolve, SENT_WITHIN);
    if (registration?.active) registration.active.postMessage("send", [there]);
    else resolve(null);
  });
  here.close();
}

/** Looking must not leave a database behind where nothing was kept. @returns {Promise<any[]>} */
async function everything() {
  const databases = await globalThis.indexedDB?.databases?.().catch(() => []);
  if (!databases?.some(({ name }) => name === NAME)) return [];
  return new Promise((resolve) => {
    const request = indexedDB.open(NAME);
    request.onerror = () => resolve([]);
    request.onsuccess = () => {
      const all = request.result.transaction(STORE).objectStore(STORE).getAll();
      all.onsuccess = () => resolve(all.result);
      all.onerror = () => resolve([]);
      request.result.close();
    };
  });
}
