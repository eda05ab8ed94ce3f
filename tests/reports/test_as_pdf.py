"""The one page of a report, as data and as PDF."""

from __future__ import annotations

import re
import time
import zlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.access.care import revoke
from app.access.looks import patient_in_care
from app.errors import Invalid, NotFound
from app.language import LANGUAGES, speaking
from app.models.account import Account
from app.models.care import Scope
from app.models.patient import PatientProfile
from app.reports.as_pdf import as_pdf
from app.reports.exporting import Period, Subject
from app.reports.page import NAME_LETTERS, NOTE_LETTERS, Page, PageChart, PageNote, Part, build_page
from builders import NOON, a_consent, a_logged_day, a_plan, a_session, a_therapist, an_item

TODAY = NOON.date()
MONTH = Period(TODAY - timedelta(days=29), TODAY)
MARKUP = '#panic("x") $x$ *bold* _it_ = Heading `raw` <label> @ref [box] // \\ #sys.inputs'


def own_page(db: Session, ana: PatientProfile, period: Period = MONTH) -> Page:
    return build_page(db, Subject.own(ana), period, NOON)


def parts_of(page: Page) -> dict[str, Part]:
    return {part.heading: part for part in page.parts}


def pages_in(pdf: bytes) -> int:
    """Counted in the objects of the file, whether or not they are packed."""
    return sum(len(re.findall(rb"/Type\s*/Page\b(?!s)", text)) for text in [pdf, *unpacked(pdf)])


def lines_in(pdf: bytes) -> int:
    """Heights at which text is set; a word that breaks is set at several."""
    heights = [re.findall(rb"([\d.]+) cm[^\n]*\nBT", text) for text in unpacked(pdf)]
    return len({height for found in heights for height in found})


def unpacked(pdf: bytes) -> list[bytes]:
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return [zlib.decompress(one) for one in packed if one[:1] == b"\x78"]


@pytest.fixture
def page(db: Session, ana: PatientProfile) -> Page:
    for back in range(30):
        a_logged_day(
            db, ana, TODAY - timedelta(days=back), pain=3, stiffness=2, mobility=7, sleep_hours=7.5,
            pain_sites=[{"region": "shoulder", "side": "left"}], note=MARKUP,
        )  # fmt: skip
    return own_page(db, ana)


def test_it_is_one_tagged_page_that_says_it_is_pdf_ua(page: Page) -> None:
    pdf = as_pdf(page)
    assert pages_in(pdf) == 1
    assert b"/StructTreeRoot" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf


@pytest.mark.parametrize("tag", sorted(LANGUAGES))
def test_it_speaks_the_language_of_its_reader(db: Session, ana: PatientProfile, tag: str) -> None:
    a_logged_day(db, ana, TODAY, pain=3)
    with speaking(LANGUAGES[tag]):
        page = own_page(db, ana)
    assert (page.lang, page.dir) == (tag, LANGUAGES[tag].direction)
    assert f"/Lang({tag}".encode() in as_pdf(page).replace(b" ", b"")


def test_what_a_person_wrote_is_never_read_as_markup(page: Page) -> None:
    assert page.notes[0].text == MARKUP
    assert pages_in(as_pdf(replace(page, title=MARKUP, footer=MARKUP))) == 1


def test_a_letter_without_a_font_leaves_a_gap_and_no_error(page: Page) -> None:
    pdf = as_pdf(replace(page, title="\U00013000\u6e21\u8fba"))
    assert pages_in(pdf) == 1
    assert b"/StructTreeRoot" in pdf


def test_as_much_as_there_can_be_still_stands_on_one_page(page: Page) -> None:
    rows = [("Left lower leg (back) " * 2, "123 of 366 days")] * 6
    lines = [f"{'W' * NAME_LETTERS}: target met on 123 of 366 days answered, 20 not logged."] * 10
    parts = [Part("On average", rows[:4], ["A line."]), Part("Where it hurts", rows, [])]
    parts += [Part("Home care", [], lines), Part("Sessions held", [], ["31 September, " * 8])]
    parts += [Part("In their own words", [], ["W" * NOTE_LETTERS] * 2)]
    notes = [PageNote("Wednesday 23 September", "W" * NOTE_LETTERS)] * 3
    chart = PageChart("Ease of movement", page.charts[0].svg, "words")
    full = replace(page, title="W" * NAME_LETTERS, charts=[chart] * 4, parts=parts, notes=notes)
    assert pages_in(as_pdf(full)) == 1


def test_a_word_of_three_hundred_letters_stays_on_the_page(page: Page) -> None:
    short, long = (replace(page, notes=[PageNote("Today", "W" * letters)]) for letters in (3, 300))

    assert lines_in(as_pdf(long)) >= lines_in(as_pdf(short)) + 3


def test_a_page_is_set_within_sixty_milliseconds_once_warm(page: Page) -> None:
    as_pdf(page)
    spent = []
    for number in range(5):
        began = time.process_time()
        as_pdf(replace(page, title=f"Ana {number}"))
        spent.append(time.process_time() - began)
    assert min(spent) < 0.06


def test_a_left_shoulder_stays_left(page: Page) -> None:
    assert parts_of(page)["Where it hurts"].rows == [("Left shoulder", "30 of 30 days")]


def test_a_day_that_was_not_logged_is_nowhere_zero(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, pain=4)
    page = own_page(db, ana)
    assert parts_of(page)["On average"].rows[:2] == [
        ("Pain", "4.0 on 1 day, from 4 to 4"),
        ("Stiffness", "not logged"),
    ]
    assert [chart.title for chart in page.charts] == ["Pain"]
    assert "Logged on 1 of 30 days" in page.charts[0].alt


def test_a_day_alone_between_gaps_is_drawn(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, pain=3)
    drawn = b"".join(unpacked(as_pdf(own_page(db, ana))))
    assert re.search(rb"\D4 w [^S]*? m [\d. -]+ l\nS", drawn)


def test_why_something_was_not_done_is_said_too(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, an_item(id="tucks"), now=NOON - timedelta(days=2))
    a_logged_day(db, ana, TODAY, plan_items={"tucks": "hurts"})

    assert parts_of(own_page(db, ana))["Home care"].lines[-1].endswith("; hurts (1).")


def test_an_exercise_that_hurts_is_on_the_page_however_many_there_are(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    items = [an_item(id=f"item-{number}", title=f"Exercise {number}") for number in range(12)]
    a_plan(db, ana, rui.id, *items, now=NOON - timedelta(days=2))
    a_logged_day(db, ana, TODAY, plan_items={"item-11": "hurts"})

    assert any(line.startswith("Exercise 11") for line in parts_of(own_page(db, ana))["Home care"].lines)


def test_hours_of_sleep_are_not_said_to_go_to_ten(page: Page) -> None:
    assert parts_of(page)["On average"].lines[0].startswith("Sleep is in hours")


def test_what_is_not_shared_is_not_on_it(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_consent(db, rui.id, ana, (Scope.NOTES,))
    a_logged_day(db, ana, TODAY, pain=4, note="Slept badly.")
    subject = Subject.shared(patient_in_care(db, rui.id, ana.id, "api:report.pdf:read", NOON))
    page = build_page(db, subject, MONTH, NOON)
    assert (page.charts, page.parts, [note.text for note in page.notes]) == ([], [], ["Slept badly."])


def test_it_says_nothing_of_another_therapist(db: Session, ana: PatientProfile, rui: Account) -> None:
    eva = a_therapist(db, "Eva")
    a_consent(db, rui.id, ana)
    a_plan(db, ana, eva.id, an_item(title="Hop on one leg"), now=NOON - timedelta(days=3))
    a_session(db, ana.id, eva.id, NOON, held_at=NOON)
    subject = Subject.shared(patient_in_care(db, rui.id, ana.id, "api:report.pdf:read", NOON))
    page = build_page(db, subject, MONTH, NOON)
    assert "Hop" not in str(page.parts)
    assert "Sessions held" not in parts_of(page)


def test_after_it_was_revoked_there_is_no_page(db: Session, ana: PatientProfile, rui: Account) -> None:
    relationship_id = a_consent(db, rui.id, ana)
    subject = Subject.shared(patient_in_care(db, rui.id, ana.id, "api:report.pdf:read", NOON))
    revoke(db, ana.id, relationship_id, NOON)
    with pytest.raises(NotFound):
        build_page(db, subject, MONTH, NOON)


def test_more_than_a_year_does_not_fit(db: Session, ana: PatientProfile) -> None:
    with pytest.raises(Invalid):
        own_page(db, ana, Period(TODAY - timedelta(days=366), TODAY))
