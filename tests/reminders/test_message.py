from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from app.language import LANGUAGES, Language, _, speaking
from app.models.push import TEST
from app.models.reminder import ReminderKind
from app.reminders.message import LONGEST, NEUTRAL, Message, compose, token_fits, token_of, topic_of
from app.reports.places import REGION_WORDS

KEY = bytes(range(32))
DELIVERY = UUID("5f0c1c8e-3f0b-4f6e-9a55-0d6f3a3d2b11")
ANAS_CHECK_IN = Message(DELIVERY, ReminderKind.CHECK_IN, date(2026, 11, 23), None, detail=False)
KINDS = [*ReminderKind, TEST]


def said(message: Message) -> dict[str, Any]:
    return json.loads(compose(message, public_url="https://care.example", key=KEY))  # type: ignore[no-any-return]


def test_a_message_is_declarative_web_push() -> None:
    content = said(ANAS_CHECK_IN)
    assert content["web_push"] == 8030
    assert {"title", "body", "navigate", "tag", "lang"} <= content["notification"].keys()


@pytest.mark.parametrize("kind", list(ReminderKind))
def test_the_lock_screen_says_only_that_a_check_in_is_ready(kind: ReminderKind) -> None:
    notification = said(replace(ANAS_CHECK_IN, kind=kind, text="Stretch the left shoulder"))["notification"]
    assert (notification["title"], notification["body"]) == ("Your check-in is ready", "Tap to open.")


def test_a_device_that_asked_for_detail_shows_the_patients_own_text() -> None:
    own = replace(ANAS_CHECK_IN, kind=ReminderKind.CUSTOM, text="Pillow under the knees", detail=True)
    assert said(own)["notification"]["body"] == "Pillow under the knees"


def test_a_tap_opens_this_very_installation() -> None:
    page, _, token = said(ANAS_CHECK_IN)["notification"]["navigate"].partition("#")
    assert page == f"https://care.example/today?delivery={DELIVERY}"
    assert token == token_of(DELIVERY, KEY)


@pytest.mark.parametrize(
    ("kind", "words", "does"),
    [
        (ReminderKind.WATER, "One tap adds it to today.", "add_glass"),
        (ReminderKind.STRETCH, "A few minutes are enough. Tap when it is done.", "done"),
        (ReminderKind.EXERCISE, "Tap when they are done.", "done"),
        (ReminderKind.SLEEP, "Bedtime is coming up. Tap when you begin.", "done"),
    ],
)
def test_without_buttons_a_tap_does_what_the_words_say(kind: ReminderKind, words: str, does: str) -> None:
    notification = said(replace(ANAS_CHECK_IN, kind=kind, detail=True))["notification"]
    assert notification["body"] == words
    assert f"/did/{DELIVERY}?action={does}#" in notification["navigate"]


@pytest.mark.parametrize(
    ("kind", "asks"), [(ReminderKind.WATER, "add_glass"), (ReminderKind.STRETCH, "done")]
)
def test_words_that_name_nothing_do_nothing_by_themselves(kind: ReminderKind, asks: str) -> None:
    notification = said(replace(ANAS_CHECK_IN, kind=kind))["notification"]
    assert f"/did/{DELIVERY}?ask={asks}#" in notification["navigate"]


@pytest.mark.parametrize(
    ("kind", "buttons"),
    [
        (ReminderKind.WATER, ["add_glass", "later"]),
        (ReminderKind.STRETCH, ["done", "later"]),
        (ReminderKind.EXERCISE, ["done", "later"]),
        (ReminderKind.SLEEP, ["done", "later"]),
        (ReminderKind.CUSTOM, ["done", "later"]),
        (ReminderKind.CHECK_IN, ["later"]),
        (TEST, []),
    ],
)
def test_each_kind_has_the_buttons_that_make_sense(kind: str, buttons: list[str]) -> None:
    actions = said(replace(ANAS_CHECK_IN, kind=kind))["notification"]["actions"]
    assert [action["action"] for action in actions] == buttons


@pytest.mark.parametrize("kind", KINDS)
def test_every_action_has_a_name_a_label_and_a_page(kind: str) -> None:
    actions = said(replace(ANAS_CHECK_IN, kind=kind))["notification"]["actions"]
    assert all(action.keys() == {"action", "title", "navigate"} for action in actions)


@pytest.mark.parametrize("kind", list(ReminderKind))
def test_reminders_of_all_kinds_have_the_same_length(kind: ReminderKind) -> None:
    detailed = replace(ANAS_CHECK_IN, kind=kind, detail=True)
    assert len(compose(detailed, public_url="https://care.example", key=KEY)) == 1024


def test_the_longest_text_still_fits_every_push_service() -> None:
    long = replace(ANAS_CHECK_IN, kind=ReminderKind.CUSTOM, text="\u2603" * 200, detail=True)
    assert len(compose(long, public_url="https://care.example", key=KEY)) <= LONGEST


def test_a_token_fits_its_own_delivery_only() -> None:
    token = token_of(DELIVERY, KEY)
    assert token_fits(token, DELIVERY, KEY)
    assert not token_fits(token, UUID(int=1), KEY)
    assert not token_fits(token, DELIVERY, bytes(32))
    assert not token_fits("\u2603", DELIVERY, KEY)


def test_a_topic_has_32_characters_and_tells_nothing() -> None:
    topic = topic_of(DELIVERY, KEY)
    assert len(topic) == 32
    assert topic != token_of(DELIVERY, KEY)
    assert topic == topic_of(DELIVERY, KEY)


@pytest.mark.parametrize(
    ("locale", "title"),
    [("de-AT", "Dein Tages-Check ist bereit"), ("es", "Tu registro de hoy está listo"), ("pt", NEUTRAL[0])],
)
def test_a_message_speaks_the_language_of_who_reads_it(locale: str, title: str) -> None:
    notification = said(replace(ANAS_CHECK_IN, locale=locale))["notification"]
    assert (notification["title"], notification["lang"]) == (title, locale[:2] if locale != "pt" else "en")


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_in_arabic_fits_into_what_every_push_service_takes(kind: str) -> None:
    message = replace(ANAS_CHECK_IN, kind=kind, detail=True, locale="ar")
    assert len(compose(message, public_url="https://care.example", key=KEY)) <= LONGEST


TELLING = (*REGION_WORDS.values(), "Pain", "Stiffness", "Water", "Sleep", "pain", "session", "exercises")
"""What would tell a passer-by something: a place of the body, a measure, that somebody is treated."""


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda language: language.tag)
@pytest.mark.parametrize("kind", list(ReminderKind))
def test_in_no_language_does_a_lock_screen_tell_a_passer_by_anything(
    kind: ReminderKind, language: Language
) -> None:
    """Whatever the message is about, it reads the same: no symptom, place, score, clinic or person."""
    told = replace(ANAS_CHECK_IN, kind=kind, text="Rui, left knee, 7 of 10", locale=language.tag)
    shown = said(told)["notification"]
    with speaking(language):
        assert (shown["title"], shown["body"]) == (_(NEUTRAL[0]), _(NEUTRAL[1]))
        words = f"{shown['title']} {shown['body']}".casefold()
        assert {word for word in TELLING if _(word).casefold() in words} == set()
    assert not any(letter.isdigit() for letter in words)
    assert "knee" not in json.dumps(shown)
