from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from selectolax.lexbor import LexborNode
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.care import Scope
from app.models.patient import PatientProfile
from builders import a_consent, a_device, a_logged_day, a_patient, a_session, a_therapist, an_expired_consent
from running import AppInside
from web.reading import found, parsed, words_of


class Ruis:
    """Rui, his browser, and the patients who share with him."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.id: UUID = app.write(a_therapist, f"Rui{uuid4().hex}").id
        self.browser: TestClient = app.browser_of(self.id)

    def page(self) -> LexborNode:
        return parsed(self.browser.get("/patients"))

    def patient(self, name: str, *scopes: Scope) -> PatientProfile:
        patient: PatientProfile = self.app.write(a_patient, f"{name}{uuid4().hex}")
        self.app.write(a_consent, self.id, patient, scopes or tuple(Scope), now=utc_now())
        return patient

    def log(self, patient: PatientProfile, days_ago: int, pain: int) -> None:
        now = utc_now() - timedelta(days=days_ago)
        self.app.write(a_logged_day, patient, patient.day_at(now), now, pain=pain)


@pytest.fixture
def rui(standing_app: AppInside) -> Ruis:
    return Ruis(standing_app)


def test_an_empty_list_leads_to_inviting(rui: Ruis) -> None:
    page = rui.page()
    assert "Nobody here yet" in words_of(page)
    assert found(page, "main a.button--primary").attributes["href"] == "/invitations"


def test_a_patient_is_named_and_leads_to_the_brief(rui: Ruis) -> None:
    ana = rui.patient("Ana")
    link = found(rui.page(), "a.patient__name")
    assert words_of(link) == ana.name
    assert link.attributes["href"] == f"/patients/{ana.id}/brief"


def test_a_session_today_comes_first(rui: Ruis) -> None:
    rui.patient("Marta")
    ana = rui.patient("Ana")
    rui.log(ana, 0, pain=3)
    rui.app.write(a_session, ana.id, rui.id, utc_now() + timedelta(minutes=1))
    first, *_others = rui.page().css("main section")
    assert words_of(found(first, "h2")) == "Today"
    assert ana.name in words_of(first)


def test_somebody_who_never_logged_is_among_the_silent(rui: Ruis) -> None:
    ana = rui.patient("Ana")
    silent = words_of(found(rui.page(), "#silent"))
    assert ana.name in silent
    assert "nothing yet" in silent


def test_pain_is_told_in_words(rui: Ruis) -> None:
    ana = rui.patient("Ana")
    rui.log(ana, 0, pain=3)
    assert "Too few days to compare: 0 days before, 1 day now." in words_of(rui.page())


def test_what_is_not_shared_says_so(rui: Ruis) -> None:
    rui.patient("Ana", Scope.NOTES)
    assert "Pain not shared" in words_of(rui.page())


def a_phone(db: Session, account_id: UUID, **known: Any) -> None:
    phone = a_device(db, account_id, known.get("last_shown_at", utc_now()))
    for name, value in known.items():
        setattr(phone, name, value)
    db.flush()


YESTERDAY, LAST_WEEK = utc_now() - timedelta(days=1), utc_now() - timedelta(days=7)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        pytest.param({}, "none sent yet", id="a new phone"),
        pytest.param(
            {"last_accepted_at": YESTERDAY, "last_shown_at": YESTERDAY}, "arrive", id="one that shows them"
        ),
        pytest.param(
            {"last_accepted_at": YESTERDAY}, "sent, no sign yet that they arrive", id="a silent one"
        ),
        pytest.param(
            {"last_accepted_at": YESTERDAY, "last_shown_at": LAST_WEEK},
            "not since ",
            id="one that fell silent",
        ),
        pytest.param(
            {"last_accepted_at": YESTERDAY, "forgotten_at": YESTERDAY}, "do not arrive", id="one that is gone"
        ),
        pytest.param(
            {
                "last_accepted_at": YESTERDAY,
                "last_shown_at": LAST_WEEK,
                "endpoint": "https://web.push.apple.com/x",
            },
            "no sign since ",
            id="an iPhone that fell silent",
        ),
    ],
)
def test_whether_reminders_arrive_is_told_by_what_the_phone_said(
    rui: Ruis, known: dict[str, Any], words: str
) -> None:
    ana = rui.patient("Ana")
    rui.app.write(a_phone, ana.id, **known)
    [told] = [pair for pair in rui.page().css("dl.pairs div") if words_of(pair).startswith("Reminders")]
    assert words_of(told).removeprefix("Reminders ").startswith(words)


def test_without_a_phone_no_reminder_was_sent_yet(rui: Ruis) -> None:
    rui.patient("Ana")
    assert "Reminders none sent yet" in words_of(rui.page())


def test_whose_consent_ran_out_is_not_listed(rui: Ruis) -> None:
    ana: PatientProfile = rui.app.write(a_patient, f"Ana{uuid4().hex}")
    rui.app.write(an_expired_consent, rui.id, ana, utc_now())
    assert ana.name not in words_of(rui.page())


def test_a_patient_has_no_patients(standing_app: AppInside) -> None:
    ana = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    assert standing_app.browser_of(ana.id).get("/patients").status_code == 403
