"""What a name, a note and an e-mail address can be made of."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from app.clock import zone_names
from app.models.field_types import Email, NoteText, PersonName

name, note, email = TypeAdapter(PersonName), TypeAdapter(NoteText), TypeAdapter(Email)


@pytest.mark.parametrize("good", ["Ana", "Zoë O'Neill-Müller", "علی‌رضا", "李小龍", "José María", "X Æ 12"])
def test_names_of_all_scripts_are_names(good):
    assert name.validate_python(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "   ",
        "\u202eAna",
        "A\u061cna",
        "Ana\u00ad",
        "\u200d",
        "\u3164",
        "A\U000e0041na",
        "A\x00na",
        "A\nna",
        "!!!",
    ],
)
def test_names_without_letters_or_with_hidden_characters_are_refused(bad):
    with pytest.raises(ValidationError):
        name.validate_python(bad)


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c"])
def test_marks_of_direction_around_a_pasted_name_are_left_out(mark):
    assert name.validate_python(f" {mark}علي{mark} ") == "علي"


@pytest.mark.parametrize("override", ["\u202d", "\u202e"])
def test_a_note_cannot_turn_round_what_is_read(override):
    with pytest.raises(ValidationError):
        note.validate_python(f"5 {override}out of 10")


@pytest.mark.parametrize(
    "needed", ["\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u061c", "\u2067", "\u2069"]
)
def test_a_note_may_hold_what_arabic_is_written_with(needed):
    assert note.validate_python(f"الألم{needed} 5") == f"الألم{needed} 5"


@pytest.mark.parametrize(
    "good",
    ["ana@people.example", "o'neill+home@mail.people.example", "a..n.@people.example", "علي@people.example"],
)
def test_addresses_people_really_have_are_addresses(good):
    assert email.validate_python(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        "rui@[people.example",
        "rui@[192.0.2.1]",
        "rui\\@people.example",
        "rui@people..example",
        "=?utf-8?q?eve=40people?=@b.example",
    ],
)
def test_an_address_that_a_letter_would_read_otherwise_is_refused(bad):
    with pytest.raises(ValidationError):
        email.validate_python(bad)


def test_zones_that_mean_here_or_unset_are_no_zones():
    assert not {"localtime", "Factory"} & zone_names()
