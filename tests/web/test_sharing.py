from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from selectolax.lexbor import LexborNode
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.access.care import invite, relationships_of
from app.access.looks import patient_in_care
from app.clock import utc_now
from app.models.care import Scope
from app.models.patient import PatientProfile
from app.web.sharing import read_sharing
from builders import NOON, a_consent, a_patient, a_therapist, an_expired_consent
from running import AppInside
from web.reading import found, labelled, parsed, words_of

TO_DAYS = "api:days:read"


class Shared:
    """Ana, who shares with Rui, and what her Sharing page says."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.ana: PatientProfile = app.write(a_patient, f"Ana{uuid4().hex}")
        self.rui: UUID = app.write(a_therapist, f"Rui{uuid4().hex}").id
        self.id: UUID = app.write(a_consent, self.rui, self.ana, now=utc_now())
        self.browser: TestClient = app.browser_of(self.ana.id)
        self.rui_browser: TestClient = app.browser_of(self.rui)

    def page(self, query: str = "") -> LexborNode:
        return parsed(self.browser.get(f"/sharing{query}"))

    def scopes(self) -> list[Scope]:
        return list(self.app.read(relationships_of, self.ana.id)[0].scopes)

    def change(self, **fields: Any) -> int:
        answer = self.browser.post(f"/sharing/{self.id}/change", data=fields)
        return int(answer.status_code)


@pytest.fixture
def shared(standing_app: AppInside) -> Shared:
    return Shared(standing_app)


def test_the_page_says_what_is_shared(shared: Shared) -> None:
    assert "checked" in labelled(shared.page(), "Your notes").attributes
    assert "Practice by the river" in words_of(found(shared.page(), "main"))


def test_a_scope_can_be_taken_away(shared: Shared) -> None:
    assert shared.change(scope=["measures"]) == 303
    assert shared.scopes() == [Scope.MEASURES]


def test_sharing_nothing_is_not_a_choice(shared: Shared) -> None:
    assert shared.change(scope=[]) == 422
    assert len(shared.scopes()) == 3


@pytest.mark.parametrize("day", ["2020-01-01", "2026-02-30", "soon"])
def test_an_end_that_cannot_be_is_refused(shared: Shared, day: str) -> None:
    assert shared.change(scope=["measures"], expires_on=day) == 422
    assert len(shared.scopes()) == 3


def test_an_end_can_be_chosen(shared: Shared) -> None:
    day = str(shared.ana.day_at(utc_now()) + timedelta(days=30))
    assert shared.change(scope=["measures"], expires_on=day) == 303
    assert labelled(shared.page(), "Until").attributes["value"] == day


def test_one_tap_stops_sharing_at_once(shared: Shared) -> None:
    assert shared.rui_browser.get(f"/api/patients/{shared.ana.id}/days").status_code == 200
    answer = shared.browser.post(f"/sharing/{shared.id}/stop")
    assert shared.rui_browser.get(f"/api/patients/{shared.ana.id}/days").status_code == 404
    page = parsed(shared.browser.get(answer.headers["location"]))
    assert "Sharing has stopped." in words_of(found(page, "main"))
    assert "Nobody but you sees what you log." in words_of(found(page, "main"))


def test_stopping_is_taken_back_from_the_page(shared: Shared) -> None:
    stop = shared.browser.post(f"/sharing/{shared.id}/stop")
    stopped = parsed(shared.browser.get(stop.headers["location"]))
    answer = shared.browser.post(found(stopped, "main .notice form").attributes["action"])
    assert "You are sharing again" in words_of(parsed(shared.browser.get(answer.headers["location"])))
    assert shared.rui_browser.get(f"/api/patients/{shared.ana.id}/days").status_code == 200


def test_whoever_left_the_page_finds_the_way_back_beside_what_has_ended(shared: Shared) -> None:
    shared.browser.post(f"/sharing/{shared.id}/stop")
    again = found(shared.page(), "#ended form").attributes["action"]
    assert shared.browser.post(again).headers["location"] == "/sharing?done=goes-on"
    assert shared.rui_browser.delete(f"/api/care/{shared.id}").status_code == 204
    assert shared.page().css("#ended form") == []


def test_every_look_is_listed_in_words(shared: Shared) -> None:
    shared.rui_browser.get(f"/api/patients/{shared.ana.id}/days")
    look = found(shared.page(), "#looks li")
    assert "opened your daily log" in words_of(look)


def test_somebody_elses_sharing_cannot_be_stopped(shared: Shared, standing_app: AppInside) -> None:
    marta = standing_app.write(a_patient, f"Marta{uuid4().hex}")
    answer = standing_app.browser_of(marta.id).post(f"/sharing/{shared.id}/stop")
    assert answer.status_code == 404
    assert len(shared.scopes()) == 3


def test_a_pasted_link_leads_to_the_invitation(shared: Shared) -> None:
    code, _expires_at = shared.app.write(invite, shared.rui, utc_now())
    answer = shared.browser.post(
        "/sharing/invitation", data={"code": f" https://a.example/invitations/{code} "}
    )
    assert answer.headers["location"] == f"/invitations/{code}"


@pytest.mark.parametrize("code", ["", "hello", "//evil.example", "x" * 42])
def test_what_is_no_invitation_is_said_to_be_none(shared: Shared, code: str) -> None:
    answer = shared.browser.post("/sharing/invitation", data={"code": code})
    assert answer.status_code == 422
    assert labelled(parsed(answer), "Invitation code or link").attributes["value"] == code
    assert "This is not an invitation." in words_of(found(parsed(answer), "main"))


def test_somebody_who_shares_nothing_is_told_how_to_begin(standing_app: AppInside) -> None:
    ana = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    page = parsed(standing_app.browser_of(ana.id).get("/sharing"))
    assert "Your therapist can invite you" in words_of(found(page, "main"))
    assert labelled(page, "Invitation code or link")


def test_consent_that_ran_out_is_listed_as_ended(db: Session) -> None:
    ana, rui = a_patient(db), a_therapist(db)
    an_expired_consent(db, rui.id, ana)
    page = read_sharing(db, ana, NOON, None)
    assert (len(page.sharing), len(page.ended)) == (0, 1)


def test_many_looks_come_in_pages(db: Session) -> None:
    ana, rui = a_patient(db), a_therapist(db)
    a_consent(db, rui.id, ana)
    minutes = [NOON + timedelta(minutes=minute) for minute in range(31)]
    assert len([patient_in_care(db, rui.id, ana.id, TO_DAYS, at) for at in minutes]) == 31
    first = read_sharing(db, ana, NOON, None)
    second = read_sharing(db, ana, NOON, first.older)
    assert (len(first.looks), len(second.looks), second.older) == (30, 2, None)
