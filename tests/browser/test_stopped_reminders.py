"""Today as the phone keeps it has no personal word, so the question about a stopped reminder comes later."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models.patient import PatientProfile
from app.models.reminder import Reminder
from builders import a_patient, a_reminder, ignored_for_long
from running import ServedApp


def somebody_who_ignores(db: Session) -> tuple[PatientProfile, UUID]:
    ana = a_patient(db, zone="UTC")
    check_in = a_reminder(db, ana.id, now=utc_now())
    ignored_for_long(db, ana.id, check_in.id)
    return ana, check_in.id


def is_on(db: Session, reminder_id: UUID) -> bool:
    return db.get_one(Reminder, reminder_id).switched_off_at is None


def test_the_kept_today_asks_whether_to_stop(served_app: ServedApp, phone_of: Callable[[UUID], Page]) -> None:
    ana, check_in = served_app.write(somebody_who_ignores)
    page = phone_of(ana.id)
    page.goto("/offline")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.goto("/today")
    expect(page.locator("html")).to_have_attribute("data-filled", "")
    question = page.get_by_role("group", name="Check-in")
    expect(question).to_contain_text("Shall we stop?", timeout=15_000)
    question.get_by_role("button", name="Yes, stop").tap()
    expect(page.locator("#yours")).to_contain_text("off")
    assert not served_app.read(is_on, check_in)
