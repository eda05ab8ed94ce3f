"""What every letter has in common, whatever it is about."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from app.post import Posted, letter_to, post
from app.settings import Settings
from builders import NOON

SETTINGS = Settings(public_url="https://care.example", mail_from="Care <care@care.example>")
ODD = ["ana@[x.example", "ana@x..example", "=?utf-8?q?eve?=@x.example"]
"""Addresses at which the standard library stumbles, or in which it reads another one."""


def a_letter(name: str | None = None, address: str = "ana@x.example") -> EmailMessage:
    return letter_to(address, "Your day", ["One.", "Two."], SETTINGS, NOON, name)


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


@pytest.mark.parametrize("address", ODD)
def test_a_letter_to_an_odd_address_is_lost_and_goes_to_nobody_else(address: str) -> None:
    letter = a_letter(address=address)
    assert (letter["To"], post(letter, SETTINGS)) == (None, Posted.LOST)
