from __future__ import annotations

import threading

from starlette.testclient import TestClient

from app.database import Database
from app.language import LANGUAGES, _, language_of, preferred_language, speaking, spoken
from builders import PASSWORD
from running import AppInside

GERMAN, ARABIC = LANGUAGES["de"], LANGUAGES["ar"]


def test_a_browser_is_answered_in_the_language_it_wants_most() -> None:
    assert preferred_language("fr, es;q=0.7, de-AT;q=0.9").tag == "de"


def test_a_browser_that_wants_what_we_do_not_speak_is_answered_in_english() -> None:
    assert preferred_language("fr;q=1, xx;q=nonsense, de;q=0").tag == "en"
    assert preferred_language("").tag == "en"


def test_a_locale_is_spoken_by_its_language() -> None:
    assert language_of("de-AT") is GERMAN
    assert language_of("pt-BR").tag == "en"


def test_a_language_is_spoken_for_a_while() -> None:
    with speaking(ARABIC):
        assert spoken() is ARABIC
    assert spoken().tag == "en"


def test_a_message_that_nobody_translated_is_said_in_english() -> None:
    with speaking(GERMAN):
        assert _("%(num)s apples for %(name)s", num=2, name="Ana") == "2 apples for Ana"


async def test_the_thread_of_the_database_speaks_the_language_of_the_request(database: Database) -> None:
    with speaking(ARABIC):
        tag, thread = await database.read(lambda _db: (spoken().tag, threading.current_thread()))
    assert (tag, thread is threading.current_thread()) == ("ar", False)
    assert await database.read(lambda _db: spoken().tag) == "en"


def test_a_page_says_its_language_and_its_direction(standing_app: AppInside) -> None:
    page = standing_app.nobody.get("/sign-in", headers={"Accept-Language": "ar-EG,en;q=0.5"})
    assert '<html lang="ar" dir="rtl">' in page.text


def test_an_account_has_the_language_it_was_made_in(standing_app: AppInside) -> None:
    somebody = {"email": "greta@example.org", "password": PASSWORD, "name": "Greta", "zone": "UTC"}
    account = standing_app.nobody.post(
        "/api/accounts", json={**somebody, "role": "patient"}, headers={"Accept-Language": "de"}
    )
    assert account.json()["locale"] == "de"


def test_a_page_speaks_the_language_of_the_account(anas_phone: TestClient) -> None:
    assert anas_phone.patch("/api/me", json={"locale": "de"}).status_code == 200
    page = anas_phone.get("/help", headers={"Accept-Language": "ar"})
    anas_phone.patch("/api/me", json={"locale": "en"})
    assert '<html lang="de" dir="ltr">' in page.text


def test_from_right_to_left_a_name_in_another_script_keeps_its_direction() -> None:
    with speaking(ARABIC):
        assert _("%(num)s apples for %(name)s", num=2, name="Ana.") == "2 apples for \u2068Ana.\u2069"
