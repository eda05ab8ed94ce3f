from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from selectolax.lexbor import LexborNode
from starlette.testclient import TestClient

from app.access.accounts import Me, me
from app.models.patient import PatientProfile
from builders import a_patient, a_therapist
from running import AppInside
from web.reading import found, labelled, parsed, words_of


class Anas:
    """Ana and her browser."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.profile: PatientProfile = app.write(a_patient, f"Ana{uuid4().hex}")
        self.browser: TestClient = app.browser_of(self.profile.id)

    def page(self, query: str = "") -> LexborNode:
        return parsed(self.browser.get(f"/account{query}"))

    def stored(self) -> Me:
        return self.app.read(me, self.profile.id)


@pytest.fixture
def ana(standing_app: AppInside) -> Anas:
    return Anas(standing_app)


def test_the_form_shows_what_is_stored(ana: Anas) -> None:
    page = ana.page()
    assert labelled(page, "Your name").attributes["value"] == ana.profile.name
    assert found(page, "select#zone option[selected]").attributes["value"] == "Europe/Lisbon"
    assert labelled(page, "Your day starts at").attributes["value"] == "03:00"


def test_name_zone_and_start_of_day_can_be_changed(ana: Anas) -> None:
    said = {"name": "Ana Maria", "zone": "America/Sao_Paulo", "day_starts_at": "04:30"}
    answer = ana.browser.post("/account", data=said)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?saved=yes")
    assert (ana.stored().name, ana.stored().zone, ana.stored().day_starts_at) == tuple(said.values())


def test_an_empty_name_is_not_saved_and_the_rest_stays_as_typed(ana: Anas) -> None:
    answer = ana.browser.post("/account", data={"name": " ", "zone": "Asia/Tokyo", "day_starts_at": "05:00"})
    page = parsed(answer)
    assert answer.status_code == 422
    assert words_of(found(page, "#name-error")) == "Write your name."
    assert found(page, "select#zone option[selected]").attributes["value"] == "Asia/Tokyo"
    assert ana.stored().zone == "Europe/Lisbon"


def test_a_time_that_is_none_is_asked_for_again(ana: Anas) -> None:
    answer = ana.browser.post("/account", data={"day_starts_at": "27:00"})
    assert answer.status_code == 422
    assert words_of(found(parsed(answer), "#day_starts_at-error")) == "Choose a time such as 03:00."


def test_every_browser_signed_in_is_listed_and_this_one_is_named(ana: Anas) -> None:
    ana.app.browser_of(ana.profile.id)
    rows = ana.page().css("#sign-ins li")
    assert len(rows) == 2
    assert [words_of(tag) for row in rows if (tag := row.css_first("span.tag"))] == ["this one"]


def test_another_browser_can_be_signed_out(ana: Anas) -> None:
    other = ana.app.browser_of(ana.profile.id)
    ana.browser.post(found(ana.page(), "#sign-ins form").attributes["action"])
    assert other.get("/account").status_code == 303
    assert len(ana.page().css("#sign-ins li")) == 1


def test_nobody_signs_out_somebody_else(ana: Anas, standing_app: AppInside) -> None:
    stranger = Anas(standing_app)
    ana.app.browser_of(ana.profile.id)
    answer = stranger.browser.post(found(ana.page(), "#sign-ins form").attributes["action"])
    assert answer.status_code == 404
    assert len(ana.page().css("#sign-ins li")) == 2


def test_a_sign_in_that_never_was_is_not_there(ana: Anas) -> None:
    assert ana.browser.post(f"/account/sign-ins/{uuid4()}/end").status_code == 404


def test_a_therapist_has_an_account_without_a_start_of_day(standing_app: AppInside) -> None:
    rui: UUID = standing_app.write(a_therapist, f"Rui{uuid4().hex}").id
    page = parsed(standing_app.browser_of(rui).get("/account"))
    assert page.css("#day_starts_at") == []
    assert words_of(found(page, "a[aria-current=page]")) == "Account"


def test_a_language_can_be_chosen_and_the_next_page_speaks_it(ana: Anas) -> None:
    ana.browser.post("/account", data={"locale": "ar"})
    page = ana.page()
    assert (ana.stored().locale, found(page, "html").attributes["dir"]) == ("ar", "rtl")
    assert found(page, "select#locale option[selected]").attributes["value"] == "ar"


def test_a_language_that_is_none_is_asked_for_again(ana: Anas) -> None:
    page = parsed(ana.browser.post("/account", data={"locale": "Klingon!"}))
    assert words_of(found(page, "#locale-error")) == "Choose a language from the list."
