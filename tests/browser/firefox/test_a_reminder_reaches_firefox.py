"""The whole way of a reminder: real subscribe(), the app's own worker, real decryption, a notification."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import utc_now
from app.migrate import migrate
from app.models.daily_log import day_on
from app.models.patient import Patient, PatientProfile
from app.models.push import Delivery
from app.models.reminder import Reminder
from app.settings import Settings
from browser.firefox.firefox import Firefox, firefox
from browser.firefox.push_peer import PushPeer, push_peer
from builders import a_patient, a_reminder
from running import ServedApp, free_port, served

IS_SHOWN = "return !document.getElementById(given[0]).hidden"
TAP = "document.getElementById(given[0]).click()"
TAP_BUTTON = """
  const button = [...document.querySelectorAll("button")].find((one) => one.textContent === given[0]);
  if (!button?.checkVisibility()) return false;
  button.click();
  return true;
"""
NOTIFICATIONS = """
  const registration = await navigator.serviceWorker.ready;
  const shown = await registration.getNotifications();
  return shown.map(({ title, body, tag }) => ({ title, body, tag }));
"""
CLEAR = """
  const registration = await navigator.serviceWorker.ready;
  for (const shown of await registration.getNotifications()) shown.close();
"""
CLICK_THE_ALERT = """
  const alert = Services.wm.getMostRecentWindow("alert:alert");
  if (!alert) return false;
  alert.document.getElementById("alertBox").click();
  return true;
"""


@dataclass
class Bench:
    """Ana's Firefox at the running app, and the push service between them."""

    app: ServedApp
    peer: PushPeer
    browser: Firefox
    ana: PatientProfile

    def turn_reminders_on(self) -> None:
        self.browser.open(f"{self.app.url}/reminders/turn-on")
        wait_until(lambda: self.browser.run(IS_SHOWN, "turn-on"))
        self.browser.run(TAP, "turn-on")
        wait_until(lambda: self.states() == ["shown"], seconds=40)

    def show_one_now(self, kind: str) -> None:
        """A reminder falls due, and Firefox shows it."""
        self.browser.run(CLEAR)
        self.app.write(a_reminder_due_now, self.ana, kind)
        self.app.wake_worker()
        wait_until(lambda: self.states() == ["shown", "shown"])

    def phone_state(self) -> str:
        return str(self.browser.run("return document.getElementById('phone-state').textContent"))

    def notifications(self) -> list[dict[str, Any]]:
        return list(self.browser.run(NOTIFICATIONS))

    def states(self) -> list[str]:
        return self.app.read(states_of_deliveries)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Reminders were just turned on. For all tests, because a Firefox takes long to start."""
    with a_bench(tmp_path_factory.mktemp("bench")) as ready:
        yield ready


@pytest.fixture
def bench_without_buttons(tmp_path: Path) -> Iterator[Bench]:
    """As Firefox was before version 152, and as an iPhone is."""
    with a_bench(tmp_path, dom__webnotifications__actions__enabled=False) as ready:
        yield ready


@contextmanager
def a_bench(tmp_path: Path, **prefs: bool) -> Iterator[Bench]:
    port = free_port()
    with push_peer() as peer:
        settings = Settings(
            data=tmp_path / "data",
            port=port,
            public_url=f"http://localhost:{port}",
            push_extra_hosts=(peer.host,),
            reminder_jitter=0,
        )
        settings.data.mkdir()
        migrate(settings.sqlalchemy_url)
        with served(settings) as app, firefox(tmp_path / "profile", peer.port, **prefs) as browser:
            ana = app.write(a_patient_without_quiet_hours)
            browser.open(f"{app.url}/sign-in")
            browser.sign_in(*app.cookie_of(ana.id))
            browser.grant_notifications()
            ready = Bench(app, peer, browser, ana)
            ready.turn_reminders_on()
            yield ready


def a_patient_without_quiet_hours(db: Session) -> PatientProfile:
    ana = a_patient(db, zone="UTC", now=utc_now())
    patient = db.get_one(Patient, ana.id)
    patient.quiet_from = patient.quiet_until
    db.flush()
    return ana


def states_of_deliveries(db: Session) -> list[str]:
    return list(db.scalars(select(col(Delivery.state))))


def kinds_opened(db: Session) -> list[str]:
    return list(db.scalars(select(col(Delivery.kind)).where(col(Delivery.opened_at).is_not(None))))


def stretching_of(db: Session, ana: PatientProfile) -> int | None:
    day = day_on(db, ana.id, ana.day_at(utc_now()))
    return day.stretching_minutes if day else None


def a_reminder_due_now(db: Session, ana: PatientProfile, kind: str) -> Reminder:
    a_minute_ago = utc_now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    reminder = a_reminder(db, ana.id, time=f"{a_minute_ago:%H:%M}", now=a_minute_ago)
    reminder.kind, reminder.due_at = kind, a_minute_ago
    db.flush()
    return reminder


def wait_until(holds: Callable[[], Any], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.05)


def test_turning_reminders_on_ends_with_a_test_that_arrived(bench: Bench) -> None:
    wait_until(lambda: "The test arrived" in bench.phone_state())
    assert bench.peer.violations == []
    assert [shown["title"] for shown in bench.notifications()] == ["This is a test"]


def test_a_due_check_in_is_shown_and_the_tap_opens_today(bench: Bench) -> None:
    bench.show_one_now("check_in")
    assert [shown["title"] for shown in bench.notifications()] == ["Your check-in is ready"]
    wait_until(lambda: bench.browser.run_in_browser(CLICK_THE_ALERT))
    wait_until(lambda: any("/today?delivery=" in address for address in bench.browser.addresses()))
    wait_until(lambda: bench.app.read(kinds_opened) == ["check_in"])


def test_a_firefox_without_buttons_opens_a_page_that_does_it(bench_without_buttons: Bench) -> None:
    bench = bench_without_buttons
    bench.show_one_now("stretch")
    wait_until(lambda: bench.browser.run_in_browser(CLICK_THE_ALERT))
    wait_until(lambda: any("/did/" in address for address in bench.browser.addresses()))
    bench.browser.show("/did/")
    assert bench.app.read(stretching_of, bench.ana) is None
    wait_until(lambda: bench.browser.run(TAP_BUTTON, "Done"))
    wait_until(lambda: bench.app.read(stretching_of, bench.ana) == 5)
    wait_until(lambda: bench.browser.run(TAP_BUTTON, "Undo"))
    wait_until(lambda: bench.app.read(stretching_of, bench.ana) is None)
