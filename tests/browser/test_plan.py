"""The plan in a real browser: taps are kept and sent like those of the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models.daily_log import Day, day_on
from app.models.patient import PatientProfile
from builders import a_patient, a_plan, a_therapist, an_item
from running import ServedApp

pytestmark = pytest.mark.service_worker(False)

NECK = an_item("stretch", "Neck", id="neck", target={"min": 10}, bad_day="Half as long")
TUCKS = an_item(id="tucks", dose="10 times")


def somebody_with_a_plan(db: Session) -> PatientProfile:
    ana, rui = a_patient(db, zone="UTC"), a_therapist(db, now=utc_now())
    a_plan(db, ana, rui.id, NECK, TUCKS, now=utc_now(), flare="A warm cloth is enough.")
    return ana


@pytest.fixture
def ana(served_app: ServedApp) -> PatientProfile:
    profile: PatientProfile = served_app.write(somebody_with_a_plan)
    return profile


@pytest.fixture
def plan(phone_of: Callable[[UUID], Page], ana: PatientProfile) -> Page:
    page = phone_of(ana.id)
    page.goto("/plan")
    expect(page.locator("#save-status")).to_have_text("Each tap is saved by itself.")
    return page


def item(page: Page, name: str) -> Any:
    return page.get_by_role("form", name=name, exact=True)


def stored(app: ServedApp, ana: PatientProfile) -> Day | None:
    return app.read(day_on, ana.id, ana.day_at(utc_now()))


def saved(page: Page) -> None:
    expect(page.locator("#save-status")).to_have_text("Saved", timeout=30_000)


def test_the_bar_covers_nothing_before_the_first_tap(plan: Page) -> None:
    bar = plan.locator("#save-bar")
    expect(bar).to_have_css("clip-path", "inset(100%)")
    item(plan, "Chin tucks").get_by_role("button", name="Done").tap()
    expect(bar).to_have_css("clip-path", "none")


def test_a_tap_is_saved_in_place(plan: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    item(plan, "Chin tucks").get_by_role("button", name="Done").tap()
    saved(plan)
    expect(item(plan, "Chin tucks")).to_contain_text("Done today")
    day = stored(served_app, ana)
    assert day is not None
    assert day.plan_items == {"tucks": "done"}


def test_done_and_its_minutes_are_taken_back_together(
    plan: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    item(plan, "Neck").get_by_role("button", name="Done").tap()
    saved(plan)
    day = stored(served_app, ana)
    assert day is not None
    assert (day.plan_items, day.stretching_minutes) == ({"neck": "done"}, 10)
    plan.get_by_role("button", name="Undo").tap()
    expect(item(plan, "Neck").locator("[data-said]")).to_be_hidden()
    saved(plan)
    assert stored(served_app, ana) is None


def test_five_taps_on_done_are_one(plan: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    done = item(plan, "Neck").get_by_role("button", name="Done")
    done.tap()
    done.dblclick()
    saved(plan)
    day = stored(served_app, ana)
    assert day is not None
    assert day.stretching_minutes == 10


def test_another_answer_takes_the_minutes_of_done_back_also_later_and_elsewhere(
    plan: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    plan.goto("/today")
    plan.get_by_role("button", name="Stretching: +5 minutes").tap()
    plan.locator("#plan-today").get_by_role("button", name="Done").tap()
    saved(plan)
    day = stored(served_app, ana)
    assert day is not None
    assert day.stretching_minutes == 10
    plan.goto("/plan")
    expect(plan.locator("#save-status")).to_have_text("Each tap is saved by itself.")
    item(plan, "Neck").get_by_text("Not today").tap()
    item(plan, "Neck").get_by_role("button", name="It hurts").tap()
    saved(plan)
    day = stored(served_app, ana)
    assert day is not None
    assert (day.plan_items, day.stretching_minutes) == ({"neck": "hurts"}, 5)


def test_an_answer_can_be_cleared_when_undo_has_gone(
    plan: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    item(plan, "Neck").get_by_role("button", name="Done").tap()
    saved(plan)
    plan.reload()
    expect(plan.locator("#save-status")).to_have_text("Each tap is saved by itself.")
    item(plan, "Neck").get_by_role("button", name="Clear").tap()
    saved(plan)
    assert stored(served_app, ana) is None


def test_a_tap_without_a_network_is_sent_when_there_is_one(
    plan: Page, served_app: ServedApp, ana: PatientProfile, complaints: list[str]
) -> None:
    plan.context.set_offline(True)
    item(plan, "Chin tucks").get_by_text("Not today").tap()
    item(plan, "Chin tucks").get_by_role("button", name="It hurts").tap()
    expect(plan.locator("#save-status")).to_have_text("Saved on this phone")
    plan.context.set_offline(False)
    saved(plan)
    day = stored(served_app, ana)
    assert day is not None
    assert day.plan_items == {"tucks": "hurts"}
    complaints.clear()


def test_a_double_tap_on_today_answers_one_item(
    plan: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    plan.goto("/today")
    place = plan.locator("#plan-today").get_by_role("button", name="Done")
    place.tap(trial=True)  # once the card has come from the server, which puts another in its place
    box = place.bounding_box()
    assert box is not None
    plan.touchscreen.tap(box["x"] + 20, box["y"] + 20)
    plan.touchscreen.tap(box["x"] + 20, box["y"] + 20)
    expect(plan.locator("#plan-today")).to_contain_text("Chin tucks")
    saved(plan)
    day = stored(served_app, ana)
    assert day is not None
    assert day.plan_items == {"neck": "done"}


def test_today_offers_the_next_thing_and_a_bad_day_what_is_enough(plan: Page) -> None:
    plan.goto("/today")
    card = plan.locator("#plan-today")
    expect(card).to_contain_text("Neck")
    card.get_by_role("button", name="Done").tap()
    expect(card).to_contain_text("Chin tucks")
    plan.locator(".bad-day").tap()
    expect(card).to_contain_text("A warm cloth is enough.")
    expect(card).to_contain_text("Half as long")
