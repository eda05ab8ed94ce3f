from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import fmean, pstdev

import pytest

from app.demo.diaries import DAYS, diary_of, session_days
from app.demo.people import PATIENTS, DemoPatient
from app.models.daily_log import Additions, Measures

TODAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
ANA = PATIENTS[0]


def pain_of(patient: DemoPatient) -> dict[date, int]:
    return {
        entry.day: entry.set["pain"] for entry in diary_of(patient, TODAY, MIDNIGHT) if "pain" in entry.set
    }


def steady(number: int) -> DemoPatient:
    """Somebody without trend and sessions who never misses a day, so only the ups and downs are left."""
    email = f"steady-{number}@demo.example"
    return replace(ANA, email=email, pain=(5, 5), dip=0, logs=1.0, late=0.0)


@pytest.fixture(scope="module")
def pains() -> list[list[int]]:
    """The pain of forty of them, day by day."""
    return [list(pain_of(steady(number)).values()) for number in range(40)]


def test_a_diary_is_the_same_whenever_it_is_made_on_the_same_day() -> None:
    assert diary_of(ANA, TODAY, MIDNIGHT) == diary_of(ANA, TODAY, MIDNIGHT)


def test_days_go_up_and_down_by_about_one_point_three(pains: list[list[int]]) -> None:
    assert 1.2 < fmean(pstdev(pain) for pain in pains) < 1.45


def test_a_day_resembles_the_day_before_about_as_much_as_in_real_diaries(pains: list[list[int]]) -> None:
    together = fmean((today - 5) * (yesterday - 5) for pain in pains for yesterday, today in pairwise(pain))
    alone = fmean((today - 5) ** 2 for pain in pains for today in pain)

    assert 0.28 < together / alone < 0.48


def test_where_there_is_pain_there_is_a_place() -> None:
    rated = [one.set for one in diary_of(ANA, TODAY, MIDNIGHT) if "pain" in one.set]

    assert [one for one in rated if bool(one["pain"]) != bool(one["pain_sites"])] == []


def test_pain_is_lower_in_the_days_after_a_session() -> None:
    patients = [replace(steady(number), dip=2.0) for number in range(20)]
    diaries = [pain_of(patient) for patient in patients]
    held = session_days(ANA, TODAY)[:-1]
    after = fmean(diary[day + timedelta(days=1)] for diary in diaries for day in held)
    before = fmean(diary[day - timedelta(days=1)] for diary in diaries for day in held if day > held[0])

    assert after < before - 1


def test_about_one_day_in_six_is_a_gap() -> None:
    assert 0.7 < fmean(len(pain_of(replace(steady(number), logs=0.85))) / DAYS for number in range(10)) < 0.9


def test_some_days_are_filled_in_later() -> None:
    said = diary_of(replace(ANA, late=0.2), TODAY, MIDNIGHT)

    assert any(entry.recorded_at.date() - entry.day > timedelta(days=2) for entry in said)


def test_nothing_is_said_before_it_is_time() -> None:
    morning = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    assert max(entry.recorded_at for entry in diary_of(ANA, TODAY, morning)) <= morning


def test_somebody_who_stopped_says_nothing_afterwards() -> None:
    said = diary_of(replace(ANA, logged_until=12), TODAY, MIDNIGHT)

    assert max(entry.recorded_at for entry in said) <= MIDNIGHT - timedelta(days=12)


def test_evening_is_evening_where_the_patient_lives() -> None:
    azores = replace(steady(1), zone="Atlantic/Azores", evening=20)
    summer = next(
        e for e in diary_of(azores, TODAY, MIDNIGHT) if "pain" in e.set and e.day == date(2026, 9, 1)
    )

    assert summer.recorded_at.hour == 20


def test_sessions_come_every_two_weeks_and_one_is_ahead() -> None:
    days = session_days(replace(ANA, next_session=3), TODAY)

    assert days[-1] == TODAY + timedelta(days=3)
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=14)}
    assert TODAY - days[0] < timedelta(days=DAYS)


def test_everything_said_is_what_a_phone_may_send() -> None:
    said = [entry for patient in PATIENTS for entry in diary_of(patient, TODAY, MIDNIGHT)]

    assert all(Measures.model_validate(entry.set) for entry in said)
    assert all(Additions.model_validate(entry.add) for entry in said)


def test_the_side_of_a_place_is_one_the_region_has() -> None:
    assert all(side in region.sides for patient in PATIENTS for region, side, _ in patient.places)
