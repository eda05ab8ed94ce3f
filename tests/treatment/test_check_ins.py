from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.looks import SharedPatient
from app.models.account import Account
from app.models.care import Scope
from app.models.check_in import ActivityScored, CheckIn, CheckInSaid, IntakeIn, NamedActivity
from app.models.patient import PatientProfile
from app.models.treatment_session import BookSession, SessionChange, SessionHeld, TreatmentSession
from app.reports.before_session import said_before
from app.treatment.check_ins import check_in, check_in_for_next, session_spoken_of
from app.treatment.intake import current_activities, write_intake
from app.treatment.seen import Caller
from app.treatment.sessions import book, change, hold
from builders import NOON, a_consent, a_session, a_therapist

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
SOCKS, FILM, STAIRS, GARDEN = "Putting on socks", "Sitting through a film", "Stairs", "The garden"


def scored(**scores: int) -> CheckInSaid:
    names = {"socks": SOCKS, "film": FILM, "stairs": STAIRS, "garden": GARDEN}
    return CheckInSaid(
        activities=[ActivityScored(name=names[name], score=score) for name, score in scores.items()]
    )


def names_of(db: Session, ana: PatientProfile) -> list[str]:
    return sorted(one.name for one in current_activities(db, ana.id))


def held(db: Session, session: TreatmentSession) -> None:
    session.held_at = session.starts_at + timedelta(minutes=50)
    db.flush()


def test_an_activity_named_again_keeps_its_series(db: Session, ana: PatientProfile) -> None:
    write_intake(db, ana, IntakeIn(hard_activities=[SOCKS, FILM]), NOON)
    (before,) = [one.id for one in current_activities(db, ana.id) if one.name == SOCKS]
    write_intake(db, ana, IntakeIn(hard_activities=["putting on  socks", STAIRS]), NOON + DAY)
    after = {one.id: one for one in current_activities(db, ana.id)}
    assert before in after
    assert names_of(db, ana) == [SOCKS, STAIRS]


def test_an_activity_that_was_replaced_starts_anew_when_it_comes_back(
    db: Session, ana: PatientProfile
) -> None:
    write_intake(db, ana, IntakeIn(hard_activities=[SOCKS]), NOON)
    check_in(db, ana, scored(socks=3), NOON)
    write_intake(db, ana, IntakeIn(hard_activities=[FILM]), NOON + DAY)
    write_intake(db, ana, IntakeIn(hard_activities=[SOCKS]), NOON + 2 * DAY)
    ended = db.scalars(select(NamedActivity).where(col(NamedActivity.ended_at).is_not(None))).all()
    assert sorted(one.name for one in ended) == [SOCKS, FILM]
    assert check_in_for_next(db, ana, NOON + 2 * DAY).asked_activities[0].last is None


def test_activities_keep_the_order_they_were_named_in(db: Session, ana: PatientProfile) -> None:
    names = ["Stairs", "Carrying", "Putting on socks"]
    said = write_intake(db, ana, IntakeIn(hard_activities=names), NOON)

    assert said.hard_activities == names
    assert [one.name for one in check_in_for_next(db, ana, NOON).asked_activities] == names


def test_a_fourth_activity_takes_the_place_of_one_that_was_not_scored(
    db: Session, ana: PatientProfile
) -> None:
    write_intake(db, ana, IntakeIn(hard_activities=[SOCKS, FILM, STAIRS]), NOON)
    check_in(db, ana, scored(socks=3, film=4, garden=5), NOON)
    assert names_of(db, ana) == [SOCKS, FILM, GARDEN]


def test_a_score_is_shown_beside_the_one_before_it(db: Session, ana: PatientProfile, rui: Account) -> None:
    first = a_session(db, ana.id, rui.id, NOON + DAY)
    check_in(db, ana, scored(socks=3), NOON)
    held(db, first)
    a_session(db, ana.id, rui.id, NOON + 15 * DAY)
    check_in(db, ana, scored(socks=5), NOON + 14 * DAY)
    seen = check_in_for_next(db, ana, NOON + 14 * DAY)
    assert ([one.score for one in seen.activities], seen.asked_activities[0].last) == ([5], 3)


def test_what_was_said_before_a_session_was_booked_is_said_for_it(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    check_in(db, ana, CheckInSaid(request="The left side."), NOON)
    booked = a_session(db, ana.id, rui.id, NOON + 3 * DAY)
    check_in(db, ana, CheckInSaid(request="The left hip."), NOON + DAY)
    assert [(one.session_id, one.request) for one in db.scalars(select(CheckIn))] == [
        (booked.id, "The left hip.")
    ]


def test_the_check_in_is_for_whichever_therapist_comes_first(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_session(db, ana.id, rui.id, NOON + 5 * DAY)
    sooner = a_session(db, ana.id, a_therapist(db, "Sofia").id, NOON + 2 * DAY)
    assert check_in(db, ana, CheckInSaid(request="Neck."), NOON).session_id == sooner.id


def test_overall_change_is_asked_from_four_weeks_after_the_first_session(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    held(db, a_session(db, ana.id, rui.id, NOON))
    first = NOON + timedelta(minutes=50)
    assert not check_in_for_next(db, ana, NOON - DAY).asks_overall_change
    assert not check_in_for_next(db, ana, first + 4 * WEEK - DAY).asks_overall_change
    assert check_in_for_next(db, ana, first + 4 * WEEK).asks_overall_change


def test_overall_change_is_asked_again_after_four_weeks(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    held(db, a_session(db, ana.id, rui.id, NOON))
    coming = a_session(db, ana.id, rui.id, NOON + 5 * WEEK + DAY)
    said = check_in(db, ana, CheckInSaid(overall_change=3), NOON + 5 * WEEK)
    held(db, coming)
    assert said.asks_overall_change
    assert not check_in_for_next(db, ana, NOON + 8 * WEEK).asks_overall_change
    assert check_in_for_next(db, ana, NOON + 9 * WEEK).asks_overall_change


def with_hands_of(ana: PatientProfile, therapist: Account) -> Caller:
    return Caller.therapist_of(SharedPatient(ana, frozenset(Scope), therapist.id))


def test_what_was_said_for_a_session_is_still_said_when_its_cancelling_is_taken_back(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    booked, hands = a_session(db, ana.id, rui.id, NOON + 2 * DAY), with_hands_of(ana, rui)
    a_session(db, ana.id, a_therapist(db, "Sofia").id, NOON + 3 * DAY)
    check_in(db, ana, CheckInSaid(request="The left side."), NOON)
    change(db, hands, booked.id, SessionChange(cancelled=True), NOON)
    check_in(db, ana, CheckInSaid(request="Neck."), NOON)
    change(db, hands, booked.id, SessionChange(cancelled=False), NOON)
    assert check_in_for_next(db, ana, NOON).request == "The left side."


def test_what_was_said_for_a_session_that_is_cancelled_is_not_told_to_another_therapist(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    booked, sofia = a_session(db, ana.id, rui.id, NOON + 2 * DAY), a_therapist(db, "Sofia")
    check_in(db, ana, CheckInSaid(request="The left side."), NOON)
    change(db, with_hands_of(ana, rui), booked.id, SessionChange(cancelled=True), NOON)
    book(db, with_hands_of(ana, sofia), BookSession(starts_at=NOON + 3 * DAY), NOON)
    shared = SharedPatient(ana, frozenset(Scope), sofia.id)
    assert check_in_for_next(db, ana, NOON).request is None
    assert said_before(db, shared, None, None, NOON).request is None


def test_what_was_said_for_a_session_that_is_cancelled_waits_for_the_next_with_the_same_therapist(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    booked, hands = a_session(db, ana.id, rui.id, NOON + 2 * DAY), with_hands_of(ana, rui)
    check_in(db, ana, CheckInSaid(request="The left side."), NOON)
    change(db, hands, booked.id, SessionChange(cancelled=True), NOON)
    book(db, hands, BookSession(starts_at=NOON + 4 * DAY), NOON)
    assert check_in_for_next(db, ana, NOON).request == "The left side."


def test_what_was_said_for_a_session_that_is_cancelled_waits_until_the_next_was_held(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    booked = a_session(db, ana.id, rui.id, NOON + 2 * DAY)
    check_in(db, ana, CheckInSaid(request="The left side."), NOON)
    change(db, with_hands_of(ana, rui), booked.id, SessionChange(cancelled=True), NOON)
    held(db, a_session(db, ana.id, rui.id, NOON + 3 * DAY))
    a_session(db, ana.id, rui.id, NOON + 9 * DAY)
    assert check_in_for_next(db, ana, NOON + 8 * DAY).request is None


def test_what_waits_for_no_session_yet_can_be_changed_and_stays_with_its_therapist(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_consent(db, rui.id, ana)
    booked, hands = a_session(db, ana.id, rui.id, NOON + 2 * DAY), with_hands_of(ana, rui)
    check_in(db, ana, CheckInSaid(request="The left side."), NOON)
    change(db, hands, booked.id, SessionChange(cancelled=True), NOON)
    assert check_in_for_next(db, ana, NOON).request == "The left side."
    check_in(db, ana, CheckInSaid(request="The left hip."), NOON)
    assert [(one.session_id, one.request) for one in db.scalars(select(CheckIn))] == [
        (booked.id, "The left hip.")
    ]
    assert session_spoken_of(db, ana, NOON) == booked.id


def test_what_is_said_after_a_session_is_for_the_next_also_when_nobody_marked_it_as_held_yet(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    over = a_session(db, ana.id, a_therapist(db, "Sofia").id, NOON)
    coming = a_session(db, ana.id, rui.id, NOON + timedelta(hours=4))
    before_it = check_in(db, ana, CheckInSaid(request="Neck."), NOON + timedelta(minutes=40))
    after_it = check_in(db, ana, CheckInSaid(request="The left side."), NOON + timedelta(minutes=50))
    assert (before_it.session_id, after_it.session_id) == (over.id, coming.id)


def test_what_is_said_after_a_session_is_not_taken_for_it_when_it_is_marked_as_held(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    over, end = a_session(db, ana.id, rui.id, NOON), NOON + timedelta(minutes=50)
    check_in(db, ana, CheckInSaid(request="The left side."), NOON + timedelta(hours=2))
    hold(db, with_hands_of(ana, rui), over.id, SessionHeld(held_at=end), NOON + timedelta(hours=8))
    assert check_in_for_next(db, ana, NOON + DAY).request == "The left side."
