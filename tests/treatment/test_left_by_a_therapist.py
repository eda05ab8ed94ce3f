"""What stays with a patient once a therapist has erased their account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.access.accounts import erase_account
from app.access.looks import SharedPatient
from app.errors import NotFound
from app.models.account import Account
from app.models.aftercare import STANDARD
from app.models.brief_read import who_ticked_unread
from app.models.care import Scope
from app.models.check_in import CheckInSaid, SafetyItem
from app.models.patient import PatientProfile
from app.models.treatment_session import SessionChange, TreatmentSession
from app.reminders.aftercare import plan_sequences, start_sequence
from app.reminders.dispatch import claim_due, next_due_at
from app.treatment.after import around_sessions
from app.treatment.check_ins import check_in, session_spoken_of
from app.treatment.seen import Caller, SessionSeen, sessions_of, who_sees_ticks
from app.treatment.sessions import change
from builders import NOON, a_consent, a_device, a_session, a_therapist, a_treated_session

DAY = timedelta(days=1)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def held(db: Session, ana: PatientProfile, rui: Account) -> TreatmentSession:
    """A session that Rui wrote about for himself, with its steps on their way."""
    a_device(db, ana.id)
    a_consent(db, rui.id, ana)
    session = a_treated_session(db, ana.id, rui.id)
    plan_sequences(db, ana, NOON)
    return session


def erased(db: Session, therapist: Account) -> None:
    erase_account(db, therapist.id, LATER)
    db.expire_all()


def seen_by(db: Session, ana: PatientProfile) -> list[SessionSeen]:
    return sessions_of(db, Caller.patient_self(ana)).sessions


def test_a_session_stays_with_the_patient_under_the_name_of_who_gave_it(
    db: Session, ana: PatientProfile, rui: Account, held: TreatmentSession
) -> None:
    erased(db, rui)
    (seen,) = seen_by(db, ana)
    assert (seen.id, seen.therapist_name, seen.held_at) == (held.id, "Rui", NOON)


def test_no_other_therapist_begins_to_know_of_it(
    db: Session, ana: PatientProfile, rui: Account, held: TreatmentSession
) -> None:
    sofia = SharedPatient(ana, frozenset(Scope), a_therapist(db, "Sofia").id)
    erased(db, rui)
    assert sessions_of(db, Caller.therapist_of(sofia)).sessions == []


def test_what_only_the_therapist_could_read_goes_with_them(
    db: Session, rui: Account, held: TreatmentSession
) -> None:
    held.done = "Slow strokes."
    erased(db, rui)
    assert (held.findings, held.done) == (None, None)


def test_what_the_patient_could_read_stays_with_them(
    db: Session, ana: PatientProfile, rui: Account, held: TreatmentSession
) -> None:
    held.visibility = "shared"
    erased(db, rui)
    assert seen_by(db, ana)[0].findings == "Left side tighter than right."


def test_nobody_waits_for_what_was_booked(db: Session, ana: PatientProfile, rui: Account) -> None:
    begun = a_session(db, ana.id, rui.id, NOON)
    booked = a_session(db, ana.id, rui.id, NOON + DAY)
    cancelled = a_session(db, ana.id, rui.id, NOON + 2 * DAY)
    cancelled.cancel(at=NOON)
    with_another = a_session(db, ana.id, a_therapist(db, "Sofia").id, NOON + 3 * DAY)
    erased(db, rui)
    found = [one.cancelled_at for one in (begun, booked, cancelled, with_another)]
    assert found == [None, LATER, NOON, None]


def test_no_step_comes_any_more(
    db: Session, ana: PatientProfile, rui: Account, held: TreatmentSession
) -> None:
    erased(db, rui)
    due = next_due_at(db)
    assert due is not None
    assert claim_due(db, due, 0, 256) == []
    assert around_sessions(db, ana, LATER).aftercare == []


def test_what_the_patient_keeps_alone_takes_no_steps_from_it(
    db: Session, ana: PatientProfile, rui: Account, held: TreatmentSession
) -> None:
    alone = a_session(db, ana.id, None, NOON - 2 * DAY, NOON - DAY)
    start_sequence(db, ana, alone, STANDARD, None, NOON - DAY)
    erased(db, rui)
    plan_sequences(db, ana, LATER)
    assert [one.session_id for one in around_sessions(db, ana, LATER).aftercare] == [alone.id]


def test_what_is_ticked_next_is_for_whoever_treats_the_patient_still(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    sofia = a_therapist(db, "Sofia")
    a_consent(db, sofia.id, ana)
    a_session(db, ana.id, rui.id, NOON + DAY)
    check_in(db, ana, CheckInSaid(request="The left side."), NOON)
    erased(db, rui)
    assert who_sees_ticks(db, ana, session_spoken_of(db, ana, LATER), LATER) == ["Sofia"]
    check_in(db, ana, CheckInSaid(safety_items=[SafetyItem.NIGHT_PAIN]), LATER)
    assert who_ticked_unread(db, sofia.id) == {ana.id}


def test_nobody_is_promised_to_see_what_is_ticked_about_it(
    db: Session, ana: PatientProfile, rui: Account, held: TreatmentSession
) -> None:
    a_consent(db, a_therapist(db, "Sofia").id, ana)
    erased(db, rui)
    assert who_sees_ticks(db, ana, held.id, LATER) == []


def test_it_is_no_session_of_the_patients_own(
    db: Session, ana: PatientProfile, rui: Account, held: TreatmentSession
) -> None:
    erased(db, rui)
    with pytest.raises(NotFound):
        change(db, Caller.patient_self(ana), held.id, SessionChange(held_at=None), LATER)


def test_what_they_had_booked_does_not_come_back(db: Session, ana: PatientProfile, rui: Account) -> None:
    booked = a_session(db, ana.id, rui.id, NOON + DAY)
    erased(db, rui)
    with pytest.raises(NotFound):
        change(db, Caller.patient_self(ana), booked.id, SessionChange(cancelled=False), LATER)
