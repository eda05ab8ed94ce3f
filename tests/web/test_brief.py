from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from selectolax.lexbor import LexborNode
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.access.care import revoke
from app.access.looks import looks_at
from app.clock import utc_now
from app.home_care.answers import answer_plan
from app.language.saying import day_in_words
from app.models.care import Scope
from app.models.check_in import CheckInSaid, SafetyItem
from app.models.feedback import Feedback
from app.models.patient import PatientProfile
from app.models.plan_answer import PlanAnswerIn, PlanItemAnswer
from app.models.treatment_session import TreatmentSession
from app.treatment.check_ins import check_in
from builders import (
    ALL_SCOPES,
    a_consent,
    a_logged_day,
    a_patient,
    a_plan,
    a_session,
    a_therapist,
    an_expired_consent,
    an_item,
)
from running import AppInside
from web.reading import found, parsed, words_of

LEFT_SHOULDER = {"region": "shoulder", "side": "left", "intensity": 7}


class Briefed:
    """Ana, and Rui, who may see her brief."""

    def __init__(self, app: AppInside, scopes: tuple[Scope, ...] = ALL_SCOPES) -> None:
        self.app = app
        self.rui: UUID = app.write(a_therapist, f"Rui{uuid4().hex}").id
        self.ana: PatientProfile = app.write(a_patient, f"Ana{uuid4().hex}")
        self.consent: UUID = app.write(a_consent, self.rui, self.ana, scopes, now=utc_now())
        self.browser: TestClient = app.browser_of(self.rui)
        self.path = f"/patients/{self.ana.id}/brief"

    def page(self) -> LexborNode:
        return parsed(self.browser.get(self.path))

    def log(self, days_ago: int, **measures: object) -> None:
        now = utc_now() - timedelta(days=days_ago)
        self.app.write(a_logged_day, self.ana, self.ana.day_at(now), now, **measures)

    def something_is_wrong(self) -> None:
        self.app.write(_something_wrong, self.ana, self.rui, utc_now() - timedelta(days=2))

    def plan(self, exercises: int) -> None:
        items = [an_item(title=f"Exercise {number}") for number in range(exercises)]
        self.app.write(a_plan, self.ana, self.rui, *items, now=utc_now() - timedelta(days=1))

    def answer_plan(self, comment: str) -> None:
        self.app.write(a_plan, self.ana, self.rui, an_item(id="tucks"), now=utc_now() - timedelta(days=1))
        said = PlanAnswerIn(version=1, item="tucks", answer=PlanItemAnswer.TOO_MUCH, comment=comment)
        self.app.write(answer_plan, self.ana, said, utc_now())


def _something_wrong(db: Session, ana: PatientProfile, rui: UUID, at: datetime) -> None:
    held = TreatmentSession(patient_id=ana.id, therapist_id=rui, starts_at=at, minutes=50, held_at=at)
    db.add(held)
    db.flush()
    said = Feedback(session_id=held.id, patient_id=ana.id, given_at=at, updated_at=at, something_wrong_at=at)
    db.add(said)


@pytest.fixture
def briefed(standing_app: AppInside) -> Briefed:
    return Briefed(standing_app)


def part(page: LexborNode, heading: str) -> str:
    """What the part of the brief under `heading` says."""
    section = next(one for one in page.css("article section") if words_of(found(one, "h2")) == heading)
    return words_of(section)


def test_the_brief_keeps_its_order(briefed: Briefed) -> None:
    headings = [words_of(heading) for heading in briefed.page().css("article h2")]
    assert headings == [
        "Ticked before the session",
        "Wants today",
        "Where it hurts",
        "Pain",
        "Home care",
        "Sleep",
        "Last notes",
        "Plan",
    ]


def test_places_keep_their_side_and_their_days(briefed: Briefed) -> None:
    briefed.log(1, pain_sites=[LEFT_SHOULDER])
    assert "Left shoulder: 1 of 1 day, up to 7" in part(briefed.page(), "Where it hurts")


def test_a_note_is_quoted_as_it_was_written(briefed: Briefed) -> None:
    briefed.log(0, note="Slept on the sofa.\n<b>Stiff</b> & cold.")
    quote = found(briefed.page(), "blockquote")
    assert quote.text() == "Slept on the sofa.\n<b>Stiff</b> & cold."


def test_the_last_line_says_how_much_was_logged(briefed: Briefed) -> None:
    briefed.log(0, pain=3)
    assert words_of(found(briefed.page(), "footer.brief__quality")).startswith("1 of 14 days logged")


def test_without_a_log_nothing_is_made_up(briefed: Briefed) -> None:
    page = briefed.page()
    assert "No place was marked." in part(page, "Where it hurts")
    assert "Too few days to compare" in part(page, "Pain")
    assert part(page, "Sleep") == "Sleep Not logged."
    assert "No note in this time." in part(page, "Last notes")


def test_while_now_has_not_begun_nothing_is_said_not_to_be_logged(briefed: Briefed) -> None:
    briefed.something_is_wrong()
    briefed.log(1, pain=4)
    pain = part(briefed.page(), "Pain")

    assert "now \N{EN DASH}" in pain
    assert "Too early to compare" in pain
    assert "not logged" not in pain


def test_what_is_not_shared_is_named_and_not_shown(standing_app: AppInside) -> None:
    briefed = Briefed(standing_app, (Scope.PLAN,))
    briefed.log(0, pain=9, note="private words")
    page = briefed.page()
    assert part(page, "Pain") == "Pain Not shared."
    assert part(page, "Last notes") == "Last notes Not shared."
    assert "private words" not in words_of(page)


def test_a_plan_that_is_not_shared_is_named_and_not_led_to(standing_app: AppInside) -> None:
    page = Briefed(standing_app, (Scope.NOTES,)).page()

    assert part(page, "Plan") == "Plan Not shared."
    assert "Plan\n- Not shared." in found(page, "#brief-text").text()
    assert page.css("a[href$='/plan']") == []


def test_the_notes_do_not_lead_to_a_plan_that_is_not_shared(standing_app: AppInside) -> None:
    briefed = Briefed(standing_app, (Scope.NOTES,))
    notes = parsed(briefed.browser.get(f"/patients/{briefed.ana.id}/notes"))

    assert notes.css("a[href$='/plan']") == []
    assert len(notes.css("a[href$='/brief']")) == 1


def test_a_plan_that_is_shared_is_led_to(briefed: Briefed) -> None:
    assert words_of(found(briefed.page(), "a[href$='/plan']")) == "Plan"


def test_opening_the_brief_is_a_look_the_patient_sees(briefed: Briefed) -> None:
    briefed.page()
    assert briefed.app.read(looks_at, briefed.ana.id)[0].what == "web:brief:read"


def test_after_revoking_there_is_no_page(briefed: Briefed) -> None:
    briefed.app.write(revoke, briefed.ana.id, briefed.consent, utc_now())
    assert briefed.browser.get(briefed.path).status_code == 404


def test_after_the_last_day_of_consent_there_is_no_page(standing_app: AppInside) -> None:
    rui: UUID = standing_app.write(a_therapist, f"Rui{uuid4().hex}").id
    ana: PatientProfile = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    standing_app.write(an_expired_consent, rui, ana, utc_now())
    assert standing_app.browser_of(rui).get(f"/patients/{ana.id}/brief").status_code == 404


def test_a_stranger_finds_no_page(briefed: Briefed) -> None:
    stranger = briefed.app.browser_of(briefed.app.write(a_therapist, f"Marta{uuid4().hex}").id)
    assert stranger.get(briefed.path).status_code == 404


def test_a_patient_finds_no_page_not_even_about_themselves(briefed: Briefed) -> None:
    assert briefed.app.browser_of(briefed.ana.id).get(briefed.path).status_code in (403, 404)


def test_an_id_that_is_none_leads_nowhere(briefed: Briefed) -> None:
    assert briefed.browser.get("/patients/everybody/brief").status_code == 404


def test_what_was_ticked_as_wrong_stands_first_and_in_the_text(standing_app: AppInside) -> None:
    briefed = Briefed(standing_app, (Scope.NOTES,))
    briefed.something_is_wrong()
    page = briefed.page()
    first = found(page, "article section")

    assert "Ticked “something is wrong”" in words_of(first)
    assert "brief__part--heed" in first.attributes["class"].split()
    assert words_of(page).count("Ticked “something is wrong”") == 2


def test_a_long_note_is_quoted_in_short_with_all_of_it_behind(briefed: Briefed) -> None:
    briefed.log(0, note="word " * 399 + "end.")
    fold = found(briefed.page(), "details.brief__rest")

    assert words_of(found(fold, "summary")).endswith("word…")
    assert words_of(found(fold, "blockquote")).endswith("end.")


def test_what_a_patient_says_to_the_plan_is_quoted(briefed: Briefed) -> None:
    briefed.answer_plan("I cannot turn my head that far.")
    page = briefed.page()

    assert "too much I cannot turn my head that far." in part(page, "Plan")
    assert "too much “I cannot turn my head that far.”" in found(page, "#brief-text").text()


def test_of_a_long_plan_the_rest_is_folded(briefed: Briefed) -> None:
    briefed.plan(12)

    assert "and 8 more." in part(briefed.page(), "Plan")


def test_what_is_printed_names_its_days(briefed: Briefed) -> None:
    """It may be read tomorrow, when today is yesterday."""
    briefed.log(0, note="Slept on the sofa.")
    briefed.app.write(a_session, briefed.ana.id, briefed.rui, utc_now() + timedelta(hours=1))
    page = briefed.page()
    said = words_of(found(page, ".brief__window")) + words_of(found(page, "article"))

    assert day_in_words(briefed.ana.day_at(utc_now())) in said
    relative = re.findall("today|yesterday|tomorrow", said.lower().replace("wants today", ""))
    assert relative == []


def test_the_report_is_not_called_the_brief(briefed: Briefed) -> None:
    assert words_of(found(briefed.page(), "a[href$='report.pdf']")) == "Report as PDF"


def test_marking_as_read_is_seen_by_the_patient(briefed: Briefed) -> None:
    briefed.browser.post(f"{briefed.path}/read")
    sharing = parsed(briefed.app.browser_of(briefed.ana.id).get("/sharing"))

    assert "Brief read by Rui" in words_of(sharing)
    assert "today" in words_of(sharing)


def test_marking_as_read_can_be_undone(briefed: Briefed) -> None:
    briefed.browser.post(f"{briefed.path}/read")
    marked = words_of(found(briefed.page(), ".brief__actions"))
    briefed.browser.post(f"{briefed.path}/unread")

    assert "Undo" in marked
    assert "Mark read" in words_of(found(briefed.page(), ".brief__actions"))
    assert "Brief read" not in words_of(parsed(briefed.app.browser_of(briefed.ana.id).get("/sharing")))


def test_what_is_ticked_after_the_reading_can_be_marked_as_read_again(briefed: Briefed) -> None:
    briefed.browser.post(f"{briefed.path}/read")
    said = CheckInSaid(safety_items=[SafetyItem.NIGHT_PAIN])
    briefed.app.write(check_in, briefed.ana, said, utc_now())
    unread = words_of(parsed(briefed.browser.get("/patients")))
    actions = words_of(found(briefed.page(), ".brief__actions"))
    briefed.browser.post(f"{briefed.path}/read")

    assert "Mark read" in actions
    assert "Read today" not in actions
    assert "ticked, not read yet" in unread
    assert "ticked, not read yet" not in words_of(parsed(briefed.browser.get("/patients")))


def test_a_page_left_open_does_not_mark_what_it_does_not_show(briefed: Briefed) -> None:
    form = found(briefed.page(), "form[action*='/brief/read']")
    said = CheckInSaid(safety_items=[SafetyItem.NIGHT_PAIN])
    briefed.app.write(check_in, briefed.ana, said, utc_now())
    briefed.browser.post(form.attributes["action"])
    unread = found(briefed.page(), "form[action*='/brief/read']")
    briefed.browser.post(unread.attributes["action"])

    assert "Read today" in words_of(found(briefed.page(), ".brief__actions"))


def test_the_brief_can_be_taken_along_as_text(briefed: Briefed) -> None:
    briefed.log(1, pain_sites=[LEFT_SHOULDER])

    assert "- Left shoulder: 1 of 1 day, up to 7" in found(briefed.page(), "#brief-text").text()
