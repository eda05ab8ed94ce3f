from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.models.account import Account
from app.models.check_in import ActivityScored, CheckIn, CheckInSaid, IntakeIn, NamedActivity
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession
from app.treatment.check_ins import check_in, check_in_for_next
from app.treatment.intake import current_activities, write_intake
from builders import NOON, a_session, a_therapist

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
