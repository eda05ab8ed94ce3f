"""What the server holds of one patient's days, and what her phone keeps of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, expect

from app.access.sign_ins import sign_ins_of
from app.clock import utc_now
from app.front_desk import end_browser
from app.models.daily_log import LogEntry, day_on, entries_about
from app.models.patient import PatientProfile
from browser.installed import eventually
from builders import a_patient, an_entry
from running import ServedApp

# Opened before the page has made it, a database would be made here, empty and in the way of the page's.
_OPENED = """new Promise((resolve) => {
  const request = indexedDB.open("aftercare");
  request.onupgradeneeded = () => request.transaction.abort();
  request.onerror = () => resolve(null);
  request.onsuccess = () => resolve(request.result);
})"""
PUT_ALL = f"""async (entries) => {{
  const database = await {_OPENED};
  if (database === null) return false;
  const transaction = database.transaction("entries", "readwrite");
  for (const entry of entries) transaction.objectStore("entries").put(entry);
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
  return true;
}}"""
GET_ALL = f"""async () => {{
  const database = await {_OPENED};
  const all = database.transaction("entries").objectStore("entries").getAll();
  await new Promise((resolve) => (all.onsuccess = resolve));
  database.close();
  return all.result;
}}"""
FACTS = f"""async () => {{
  const database = await {_OPENED};
  if (database === null) return null;
  const kept = database.transaction("kept").objectStore("kept").get("facts");
  await new Promise((resolve) => (kept.onsuccess = resolve));
  database.close();
  return kept.result?.facts ?? null;
}}"""
EVERYTHING_KEPT = """async () => ({
  caches: await caches.keys(),
  databases: (await indexedDB.databases()).map(({ name }) => name),
  local: Object.keys(localStorage),
  session: Object.keys(sessionStorage),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING: dict[str, Any] = {"caches": [], "databases": [], "local": [], "session": [], "workers": 0}


class Diary:
    """What the server holds of one patient, and entries as her phone keeps them."""

    def __init__(self, app: ServedApp, name: str) -> None:
        self.app = app
        self.patient: PatientProfile = app.write(a_patient, name, zone="UTC")
        self.today = self.patient.day_at(utc_now())

    def measures(self, *names: str, day: date | None = None) -> list[Any]:
        found = self.app.read(day_on, self.patient.id, day or self.today)
        return [getattr(found, name, None) for name in names]

    def history(self, day: date | None = None) -> list[LogEntry]:
        """The entries about a day, in the order they fold."""
        return self.app.read(entries_about, self.patient.id, day or self.today)

    def entries(self) -> int:
        return len(self.history())

    def days_ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def waiting(self, count: int, **said: Any) -> list[dict[str, Any]]:
        """So many entries as the phone keeps them."""
        patient = str(self.patient.id)
        return [an_entry(self.today, at=utc_now(), patient=patient, **said) for _ in range(count)]


def opened(page: Page, path: str = "/today") -> Page:
    page.goto(path)
    expect(status(page)).to_have_text("Each tap is saved by itself.")
    return page


def installed_on(page: Page) -> Page:
    """The phone once the worker has everything it keeps, and the page knows whose phone it is."""
    opened(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    assert eventually(lambda: page.evaluate(FACTS) is not None)
    return page


def put_all(page: Page, entries: list[dict[str, Any]]) -> None:
    """Keep these entries on the phone, once it keeps anything."""
    assert eventually(lambda: bool(page.evaluate(PUT_ALL, entries)))


def status(page: Page) -> Any:
    return page.locator("#save-status")


def saved(page: Page) -> None:
    expect(status(page)).to_have_text("Saved", timeout=20_000)


def tap(page: Page, answer: str, question: str = "On average over the last 24 hours") -> None:
    page.get_by_role("group", name=question).get_by_role("radio", name=answer, exact=True).check(force=True)


def send_again(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('online'))")


def sign_in(page: Page, app: ServedApp, diary: Diary) -> None:
    name, value = app.cookie_of(diary.patient.id)
    page.context.add_cookies([{"name": name, "value": value, "url": app.url}])


def signed_out_by_the_server(app: ServedApp, patient_id: UUID) -> None:
    """As from another device, under "Where you are signed in"."""
    for one in app.read(sign_ins_of, patient_id, patient_id, utc_now()):
        app.write(end_browser, patient_id, one.id, utc_now())
