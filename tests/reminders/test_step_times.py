from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.models.aftercare import STANDARD, AftercareStep, StepKind
from app.reminders.decide import APART, QuietHours
from app.reminders.schedule import occurrence_from
from app.reminders.step_times import SOONEST, Around, step_times

LISBON = "Europe/Lisbon"
NIGHT = QuietHours(time(21, 30), time(8, 0))
NO_NIGHT = QuietHours(time(0, 0), time(0, 0))


def local(month: int, day: int, clock: str, zone: str = LISBON) -> datetime:
    at = time.fromisoformat(clock)
    return datetime(2026, month, day, at.hour, at.minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def planned(
    steps: tuple[AftercareStep, ...], held_at: datetime, next_at: datetime | None = None, zone: str = LISBON,
    quiet: QuietHours = NIGHT, busy: tuple[datetime, ...] = (),
) -> list[str | None]:  # fmt: skip
    """As "18 12:50" for each step."""
    times = step_times(steps, Around(held_at, next_at, zone, quiet, busy))
    return [f"{one.day.day} {one.slot}" if one else None for one in times]


def step(kind: StepKind = StepKind.CUSTOM, **when: object) -> AftercareStep:
    return AftercareStep.model_validate({"kind": kind, "text": "Rest.", **when})


def test_the_standard_steps_come_by_the_hour_and_by_the_day() -> None:
    found = planned(STANDARD, local(3, 18, "10:50"), local(4, 1, "10:00"))
    assert found == ["18 12:50", "18 18:00", "19 08:30", "21 18:00", "31 18:00"]


def test_the_eve_waits_until_a_next_session_is_booked() -> None:
    assert planned(STANDARD, local(3, 18, "10:50"))[-1] is None


def test_an_eve_that_is_before_the_session_does_not_come() -> None:
    assert planned(STANDARD, local(3, 18, "10:50"), local(3, 18, "16:00"))[-1] is None


def test_an_eve_that_quiet_hours_put_off_until_the_next_session_has_begun_does_not_come() -> None:
    quiet = QuietHours(time(17, 30), time(8))
    assert planned(STANDARD, local(3, 16, "10:50"), local(3, 19, "07:00"), quiet=quiet)[-1] is None
    assert planned(STANDARD, local(3, 16, "10:50"), local(3, 19, "09:00"), quiet=quiet)[-1] == "19 08:00"


def test_an_eve_that_other_steps_crowd_out_of_the_evening_does_not_come_after_the_session_began() -> None:
    steps = (step(after_hours=9), step(StepKind.BEFORE_NEXT, on_eve=True, at="20:00"))
    assert planned(steps, local(3, 18, "10:30"), local(3, 19, "07:30")) == ["18 19:30", None]


def test_a_step_in_quiet_hours_moves_to_their_end() -> None:
    assert planned((step(after_hours=2),), local(3, 18, "20:30")) == ["19 08:00"]


def test_the_evening_question_comes_an_hour_after_a_late_session() -> None:
    assert planned((step(StepKind.FEEDBACK),), local(3, 18, "19:40")) == ["18 20:40"]


def test_steps_keep_two_hours_between_them_and_the_later_one_gives_way() -> None:
    assert planned(STANDARD[:2], local(3, 18, "16:50")) == ["18 18:50", "18 20:50"]


def test_steps_that_crowd_a_late_evening_go_on_in_the_morning() -> None:
    found = planned(STANDARD[:3], local(3, 18, "18:30"))
    assert found == ["18 20:30", "19 08:00", "19 10:00"]


def test_steps_leave_room_for_those_of_another_session() -> None:
    busy = (local(3, 18, "12:30"),)
    assert planned((step(after_hours=2),), local(3, 18, "10:50"), busy=busy) == ["18 14:30"]


def test_hours_are_hours_when_the_clocks_go_forward() -> None:
    # On 29 March, 01:00 is followed by 02:00 in Lisbon.
    held_at = local(3, 28, "23:30")
    assert planned((step(after_hours=2),), held_at, quiet=NO_NIGHT) == ["29 02:30"]


def test_hours_are_hours_when_the_clocks_go_back() -> None:
    # On 25 October, 01:59 is followed by 01:00 in Lisbon.
    held_at = local(10, 25, "00:15")
    (found,) = step_times((step(after_hours=1),), Around(held_at, None, LISBON, NO_NIGHT))
    assert found is not None
    assert (found.slot, found.instant) == ("01:15", datetime(2026, 10, 25, 0, 15, tzinfo=UTC))


def test_a_step_in_an_hour_shown_twice_comes_the_hour_after_rather_than_too_early() -> None:
    held_at = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    (found,) = step_times((step(after_hours=2),), Around(held_at, None, LISBON, NO_NIGHT))
    assert found is not None
    assert (found.slot, found.instant) == ("02:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC))


def test_the_next_morning_is_the_next_morning_across_a_clock_change() -> None:
    assert planned((step(StepKind.STRETCH),), local(3, 28, "16:00")) == ["29 08:30"]


def test_seconds_round_up_to_the_minute() -> None:
    at = datetime(2026, 3, 18, 12, 0, 1, tzinfo=UTC)
    assert occurrence_from(at, "UTC").slot == "12:01"


WALL_CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
STEPS = st.one_of(
    st.builds(lambda hours: step(after_hours=hours), st.integers(1, 72)),
    st.builds(lambda days, at: step(days_after=days, at=f"{at:%H:%M}"), st.integers(0, 4), WALL_CLOCKS),
    st.builds(lambda at: step(on_eve=True, at=f"{at:%H:%M}"), WALL_CLOCKS),
)


@given(
    steps=st.lists(STEPS, min_size=1, max_size=8),
    held_at=st.integers(0, 120).map(
        lambda hours: datetime(2026, 3, 26, 0, 7, tzinfo=UTC) + timedelta(hours=hours)
    ),
    next_in=st.none() | st.integers(1, 400),
    zone=st.sampled_from([LISBON, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    quiet=st.builds(QuietHours, WALL_CLOCKS, WALL_CLOCKS),
)
def test_whatever_is_planned_is_awake_apart_and_after_the_session_and_eves_before_the_next(
    steps: list[AftercareStep], held_at: datetime, next_in: int | None, zone: str, quiet: QuietHours
) -> None:
    next_at = held_at + timedelta(hours=next_in) if next_in else None
    times = step_times(steps, Around(held_at, next_at, zone, quiet))
    found = [one for one in times if one]
    instants = sorted(one.instant for one in found)
    eves = [one for step, one in zip(steps, times, strict=True) if step.on_eve and one]
    assert all(next_at is not None and one.instant < next_at for one in eves)
    assert all(at >= held_at + SOONEST for at in instants)
    assert all(later - earlier >= APART for earlier, later in pairwise(instants))
    assert not any(quiet.cover(time.fromisoformat(one.slot)) for one in found)
