"""The page a tap opens where notifications have no buttons, without its script."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.daily_log import day_on
from app.models.patient import PatientProfile
from app.models.push import Delivery
from builders import a_delivery, a_device, a_patient, a_reminder
from running import AppInside
from web.reading import found, parsed, words_of


@pytest.fixture
def ana(standing_app: AppInside) -> PatientProfile:
    profile: PatientProfile = standing_app.write(a_patient, f"Ana{uuid4().hex}", now=utc_now())
    return profile


@pytest.fixture
def browser(standing_app: AppInside, ana: PatientProfile) -> TestClient:
    return standing_app.browser_of(ana.id)


@pytest.fixture
def water(standing_app: AppInside, ana: PatientProfile) -> UUID:
    delivery_id: UUID = standing_app.write(a_water_reminder, ana)
    return delivery_id


def a_water_reminder(db: Session, ana: PatientProfile) -> UUID:
    now = utc_now()
    reminder = a_reminder(db, ana.id, now=now)
    reminder.kind = "water"
    delivery = a_delivery(db, reminder, a_device(db, ana.id, now), now)
    delivery.counts_for = ana.day_at(now)
    db.flush()
    return delivery.id


def glasses(db: Session, delivery_id: UUID) -> int | None:
    delivery = db.get_one(Delivery, delivery_id)
    day = day_on(db, delivery.account_id, delivery.counts_for)
    return day.water_glasses if day else None


def test_looking_at_the_page_changes_nothing(
    standing_app: AppInside, browser: TestClient, water: UUID
) -> None:
    before = standing_app.stored()
    page = parsed(browser.get(f"/did/{water}?action=add_glass"))
    assert words_of(found(page, "h1")) == "A glass of water?"
    assert standing_app.stored() == before


def test_its_button_adds_one_glass_however_often_it_is_sent(
    standing_app: AppInside, browser: TestClient, water: UUID
) -> None:
    for_now = [browser.post(f"/did/{water}", data={"action": "add_glass"}) for _tap in range(5)]
    assert {answer.headers["location"] for answer in for_now} == {f"/did/{water}"}
    assert standing_app.read(glasses, water) == 1
    assert words_of(found(parsed(browser.get(f"/did/{water}")), "h1")) == "1 of 8 glasses"


def test_undo_is_offered_once(standing_app: AppInside, browser: TestClient, water: UUID) -> None:
    browser.post(f"/did/{water}", data={"action": "add_glass"})
    assert "hidden" not in found(parsed(browser.get(f"/did/{water}")), "#did-undo").attributes
    browser.post(f"/did/{water}", data={"event": "undone"})
    page = parsed(browser.get(f"/did/{water}"))
    assert words_of(found(page, "h1")) == "Taken back"
    assert words_of(found(page, "#did-body")) == "0 of 8 glasses"
    assert "hidden" in found(page, "#did-undo").attributes


def ends_soon(db: Session, delivery_id: UUID) -> None:
    db.get_one(Delivery, delivery_id).valid_until = utc_now() + timedelta(minutes=10)


def test_later_is_offered_no_more_once_it_was_too_late_for_it(
    standing_app: AppInside, browser: TestClient, water: UUID
) -> None:
    standing_app.write(ends_soon, water)
    browser.post(f"/did/{water}", data={"action": "later"})
    page = parsed(browser.get(f"/did/{water}?ask=add_glass"))
    assert "too late" in words_of(found(page, "#did-body"))
    assert words_of(found(page, "#did-buttons")) == "+1 glass"


def test_a_stranger_sees_buttons_but_nothing_of_the_person(
    standing_app: AppInside, browser: TestClient, water: UUID
) -> None:
    browser.post(f"/did/{water}", data={"action": "add_glass"})
    bea = standing_app.browser_of(standing_app.write(a_patient, f"Bea{uuid4().hex}").id)
    page = parsed(bea.get(f"/did/{water}?ask=add_glass"))
    assert words_of(found(page, "h1")) == "A glass of water?"
    assert bea.post(f"/did/{water}", data={"action": "add_glass"}).status_code == 404


def test_nobody_signed_in_is_led_to_sign_in_and_back(standing_app: AppInside, water: UUID) -> None:
    standing_app.nobody.cookies.clear()
    assert standing_app.nobody.get(f"/did/{water}?ask=add_glass").status_code == 200
    answer = standing_app.nobody.post(f"/did/{water}", data={"action": "add_glass"})
    assert answer.headers["location"].startswith("/sign-in")


def test_a_page_about_no_reminder_or_no_action_is_not_there(browser: TestClient, water: UUID) -> None:
    assert browser.get(f"/did/{uuid4()}?action=add_glass").status_code == 404
    assert browser.get(f"/did/{water}?action=explode").status_code == 404
    assert browser.get(f"/did/{water}?ask=explode").status_code == 404


def test_what_no_button_says_is_refused(browser: TestClient, water: UUID) -> None:
    assert browser.post(f"/did/{water}", data={"action": "erase"}).status_code == 422
