"""A phone with the service worker, real pushes over the browser's own protocol, and taps on what is shown."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, Worker
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models.daily_log import day_on
from app.models.push import Delivery
from app.reminders.message import Message, compose
from builders import a_delivery, a_device, a_patient, a_reminder
from running import ServedApp

SPY = """() => {
  self.show ??= registration.showNotification.bind(registration);
  self.calls = 0;
  self.shown = new Promise((resolve) => {
    registration.showNotification = async (...all) => {
      await self.show(...all);
      self.calls += 1;
      resolve();
    };
  });
}"""
NOTIFICATIONS = """() => self.shown.then(() => registration.getNotifications()).then((all) => all.map(
  ({ title, body, tag, lang, silent, actions }) =>
    ({ title, body, tag, lang, silent, buttons: actions.map((one) => one.title) })))"""
TAP = """(action) => registration.getNotifications().then(([notification]) =>
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action })))"""
TAP_FIVE_TIMES = """(action) => registration.getNotifications().then(([notification]) => {
  for (let tap = 0; tap < 5; tap += 1) {
    self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action }));
  }
})"""
KEPT_COMMANDS = """async () => {
  const asked = indexedDB.open("aftercare-commands");
  await new Promise((resolve) => (asked.onsuccess = resolve));
  const count = asked.result.transaction("commands").objectStore("commands").count();
  await new Promise((resolve) => (count.onsuccess = resolve));
  asked.result.close();
  return count.result;
}"""


class InstalledApp:
    """A phone on which the service worker runs and controls the page."""

    def __init__(self, page: Page, app: ServedApp) -> None:
        self.page, self.app = page, app
        page.context.grant_permissions(["notifications"], origin=app.url)
        self.protocol = page.context.new_cdp_session(page)
        self._registrations: list[str] = []
        self.protocol.on("ServiceWorker.workerRegistrationUpdated", self._note_registrations)
        self.protocol.send("ServiceWorker.enable")
        page.goto("/offline")
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        page.reload()

    @property
    def worker(self) -> Worker:
        return self.page.context.service_workers[-1]

    def push(self, plain: str) -> list[dict[str, Any]]:
        """Deliver a push message; the notifications on the screen afterwards."""
        message = {"origin": self.app.url, "registrationId": self.registration, "data": plain}
        self.worker.evaluate(SPY)
        self.protocol.send("ServiceWorker.deliverPushMessage", message)
        shown: list[dict[str, Any]] = self.worker.evaluate(NOTIFICATIONS)
        assert self.worker.evaluate("self.calls") == 1
        return shown

    def tap(self, action: str, taps: str = TAP) -> list[dict[str, Any]]:
        """Tap a button; the notifications on the screen once one has answered."""
        self.worker.evaluate(SPY)
        self.worker.evaluate(taps, action)
        answered: list[dict[str, Any]] = self.worker.evaluate(NOTIFICATIONS)
        return answered

    def after(self, happens: Callable[[], object]) -> list[dict[str, Any]]:
        """The notifications on the screen once one was shown because of what happens."""
        self.worker.evaluate(SPY)
        happens()
        shown: list[dict[str, Any]] = self.worker.evaluate(NOTIFICATIONS)
        return shown

    @property
    def registration(self) -> str:
        return self._registrations[0]

    def _note_registrations(self, said: dict[str, Any]) -> None:
        self._registrations += [one["registrationId"] for one in said["registrations"]]


def declared(**notification: Any) -> str:
    """A Declarative Web Push message as the server sends it."""
    return json.dumps({"web_push": 8030, "notification": notification, "mutable": False})


def a_sent_delivery(db: Session, kind: str = "check_in") -> UUID:
    """A reminder that was just handed to a push service."""
    ana, now = a_patient(db, zone="UTC"), utc_now()
    reminder = a_reminder(db, ana.id, now=now)
    reminder.kind = kind
    return a_delivery(db, reminder, a_device(db, ana.id, now), now).id


def message_of(app: ServedApp, delivery_id: UUID, *, detail: bool = False) -> str:
    """What the app sends for this delivery."""

    def composed(db: Session) -> str:
        one = db.get_one(Delivery, delivery_id)
        message = Message(one.id, one.kind, one.counts_for, None, detail)
        return compose(message, public_url=app.url, key=app.app.state.secrets.key).decode()

    return app.read(composed)


def heard(db: Session, delivery_id: UUID) -> list[str]:
    """What is known of a delivery: shown, opened, and the action that was taken."""
    delivery = db.get_one(Delivery, delivery_id)
    known = {"shown": delivery.shown_at, "opened": delivery.opened_at, delivery.action: delivery.acted_at}
    return [str(event) for event, at in known.items() if at is not None]


def glasses(db: Session, delivery_id: UUID) -> int | None:
    """The water of the day the reminder asked about."""
    delivery = db.get_one(Delivery, delivery_id)
    day = day_on(db, delivery.account_id, delivery.counts_for)
    return day.water_glasses if day else None


def eventually(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_so()
