"""What every letter has in common, whatever it is about."""

from __future__ import annotations

from email.message import EmailMessage

from app.post import letter_to
from app.settings import Settings
from builders import NOON

SETTINGS = Settings(public_url="https://care.example", mail_from="Care <care@care.example>")


def a_letter(name: str | None = None) -> EmailMessage:
    return letter_to("ana@x.example", "Your day", ["One.", "Two."], SETTINGS, NOON, name)


def test_a_letter_says_from_whom_to_whom_and_that_no_person_wrote_it() -> None:
    letter = a_letter()
    assert (letter["From"], letter["To"]) == ("Care <care@care.example>", "ana@x.example")
    assert (letter["Subject"], letter["Auto-Submitted"]) == ("Your day", "auto-generated")
    assert letter["Date"].datetime == NOON
    assert letter.get_content() == "One.\n\nTwo.\n"


def test_a_letter_with_a_name_has_the_same_id_whenever_it_is_written() -> None:
    assert a_letter("today")["Message-ID"] == a_letter("today")["Message-ID"] == "<today@care.example>"


def test_a_letter_without_a_name_has_an_id_of_its_own() -> None:
    assert a_letter()["Message-ID"] != a_letter()["Message-ID"]
