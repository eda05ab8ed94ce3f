from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from itertools import islice, pairwise
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.reminder import Weekday
from app.reminders.schedule import (
    EVERY_DAY,
    Occurrence,
    Schedule,
    next_occurrence,
    occurrences_after,
    occurrences_between,
)

ZONES = st.sampled_from(sorted(available_timezones()))
WALL_CLOCKS = st.builds(time, st.integers(0, 23), st.integers(0, 59))
INSTANTS = st.integers(631_152_000, 2_051_222_400).map(lambda second: datetime.fromtimestamp(second, UTC))
"""From 1990 through 2034."""


def daily(at: str, zone: str) -> Schedule:
    return Schedule((time.fromisoformat(at),), EVERY_DAY, zone)


def next_occurrences(schedule: Schedule, after: datetime, count: int) -> list[Occurrence]:
    return list(islice(occurrences_after(schedule, after), count))


def noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00+00:00")


def test_a_reminder_keeps_the_wall_clock_when_summer_time_starts() -> None:
    found = next_occurrences(daily("20:00", "Europe/Athens"), noon("2026-03-28"), 2)
    assert [f"{o.instant:%d %H:%M}" for o in found] == ["28 18:00", "29 17:00"]


def test_a_reminder_keeps_the_wall_clock_when_summer_time_ends() -> None:
    found = next_occurrences(daily("20:00", "Europe/Athens"), noon("2026-10-24"), 2)
    assert [f"{o.instant:%d %H:%M}" for o in found] == ["24 17:00", "25 18:00"]


def test_a_time_athens_skips_moves_to_four_o_clock() -> None:
    found = next_occurrence(daily("03:30", "Europe/Athens"), noon("2026-03-28"))
    assert found == Occurrence(date(2026, 3, 29), "03:30", datetime(2026, 3, 29, 1, 0, tzinfo=UTC))


def test_a_time_athens_repeats_happens_the_first_time_only() -> None:
    found = next_occurrences(daily("03:30", "Europe/Athens"), noon("2026-10-24"), 2)
    assert [f"{o.instant:%d %H:%M}" for o in found] == ["25 00:30", "26 01:30"]


def test_a_time_new_york_repeats_happens_the_first_time_only() -> None:
    found = next_occurrences(daily("01:30", "America/New_York"), noon("2026-10-31"), 2)
    assert [f"{o.instant:%d %H:%M}" for o in found] == ["01 05:30", "02 06:30"]


def test_the_half_hour_lord_howe_repeats_happens_the_first_time_only() -> None:
    found = next_occurrences(daily("01:45", "Australia/Lord_Howe"), noon("2026-04-04"), 2)
    assert [f"{o.instant:%d %H:%M}" for o in found] == ["04 14:45", "05 15:15"]


def test_the_last_hour_before_midnight_that_sao_paulo_repeated_happens_once() -> None:
    found = next_occurrences(daily("23:30", "America/Sao_Paulo"), noon("2018-02-17"), 2)
    assert [(o.day.day, f"{o.instant:%d %H:%M}") for o in found] == [(17, "18 01:30"), (18, "19 02:30")]


def test_the_quarter_of_an_hour_kathmandu_once_skipped_moves_to_its_end() -> None:
    found = next_occurrence(daily("00:05", "Asia/Kathmandu"), noon("1985-12-31"))
    assert found == Occurrence(date(1986, 1, 1), "00:05", datetime(1985, 12, 31, 18, 30, tzinfo=UTC))


def test_kathmandu_keeps_its_wall_clock_on_both_sides_of_that_night() -> None:
    found = next_occurrences(daily("20:00", "Asia/Kathmandu"), noon("1985-12-31"), 2)
    assert [f"{o.instant:%d %H:%M}" for o in found] == ["31 14:30", "01 14:15"]


def test_the_hour_casablanca_repeats_when_ramadan_begins_happens_once() -> None:
    found = next_occurrences(daily("02:30", "Africa/Casablanca"), noon("2026-02-14"), 2)
    assert [f"{o.instant:%d %H:%M}" for o in found] == ["15 01:30", "16 02:30"]


def test_the_hour_casablanca_skips_when_ramadan_ends_moves_to_its_end() -> None:
    found = next_occurrence(daily("02:30", "Africa/Casablanca"), noon("2026-03-21"))
    assert found == Occurrence(date(2026, 3, 22), "02:30", datetime(2026, 3, 22, 2, 0, tzinfo=UTC))


def test_a_time_the_clocks_skip_moves_to_the_next_minute_that_exists() -> None:
    found = next_occurrence(daily("02:30", "America/New_York"), noon("2026-03-07"))
    assert found == Occurrence(date(2026, 3, 8), "02:30", datetime(2026, 3, 8, 7, 0, tzinfo=UTC))


def test_a_half_hour_gap_on_lord_howe_is_crossed_too() -> None:
    found = next_occurrence(daily("02:15", "Australia/Lord_Howe"), noon("2026-10-03"))
    assert found is not None
    assert found.instant.astimezone(ZoneInfo("Australia/Lord_Howe")).strftime("%d %H:%M") == "04 02:30"


def test_a_midnight_that_sao_paulo_skipped_moves_to_one_o_clock() -> None:
    found = next_occurrence(daily("00:00", "America/Sao_Paulo"), noon("2018-11-03"))
    assert found == Occurrence(date(2018, 11, 4), "00:00", datetime(2018, 11, 4, 3, 0, tzinfo=UTC))


def test_a_gap_that_ends_at_midnight_moves_the_reminder_to_midnight() -> None:
    found = next_occurrence(daily("23:30", "America/Nuuk"), noon("2024-03-30"))
    assert found == Occurrence(date(2024, 3, 30), "23:30", datetime(2024, 3, 31, 1, 0, tzinfo=UTC))


def test_a_repeated_time_happens_once_and_the_first_time() -> None:
    found = next_occurrences(daily("02:30", "Europe/Berlin"), noon("2026-10-24"), 2)
    assert [f"{o.instant:%d %H:%M}" for o in found] == ["25 00:30", "26 01:30"]


def test_a_day_apia_left_out_has_no_reminder() -> None:
    found = next_occurrences(daily("09:00", "Pacific/Apia"), noon("2011-12-28"), 3)
    assert [o.day.isoformat() for o in found] == ["2011-12-28", "2011-12-29", "2011-12-31"]


def test_kathmandu_is_three_quarters_of_an_hour_off() -> None:
    found = next_occurrence(daily("20:00", "Asia/Kathmandu"), noon("2026-05-01"))
    assert found is not None
    assert found.instant == datetime(2026, 5, 1, 14, 15, tzinfo=UTC)


def test_casablanca_keeps_the_wall_clock_through_ramadan() -> None:
    zone = ZoneInfo("Africa/Casablanca")
    found = next_occurrences(daily("20:00", "Africa/Casablanca"), noon("2026-02-01"), 90)
    assert {o.instant.astimezone(zone).strftime("%H:%M") for o in found} == {"20:00"}


def test_only_the_chosen_weekdays_come_round() -> None:
    tuesdays = Schedule((time(20, 0),), (Weekday.TUE,), "Europe/Lisbon")
    found = next_occurrences(tuesdays, noon("2026-11-23"), 2)
    assert [o.day for o in found] == [date(2026, 11, 24), date(2026, 12, 1)]


def test_a_reminder_without_days_never_comes() -> None:
    assert next_occurrence(Schedule((time(20, 0),), (), "Europe/Lisbon"), noon("2026-11-23")) is None


def test_a_reminder_without_times_never_comes() -> None:
    assert next_occurrence(Schedule((), EVERY_DAY, "Europe/Lisbon"), noon("2026-11-23")) is None


def test_the_next_occurrence_is_strictly_later_than_now() -> None:
    at_eight = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    found = next_occurrence(daily("20:00", "UTC"), at_eight)
    assert found is not None
    assert found.day == date(2026, 11, 24)


def test_two_times_that_the_clocks_push_together_happen_once() -> None:
    both = Schedule((time(2, 30), time(3, 0)), EVERY_DAY, "Europe/Berlin")
    found = occurrences_between(both, noon("2026-03-28"), noon("2026-03-29"))
    assert [o.slot for o in found] == ["02:30"]


@settings(max_examples=400, deadline=None)
@given(zone=ZONES, at=WALL_CLOCKS, start=INSTANTS)
def test_every_local_day_has_exactly_one_occurrence(zone: str, at: time, start: datetime) -> None:
    """One per scheduled local day that the zone has; counted on the calendar, not on the schedule."""
    found = occurrences_between(Schedule((at,), EVERY_DAY, zone), start, start + timedelta(days=40))
    moments = (start + timedelta(hours=step) for step in range(40 * 24 + 1))
    lived = sorted({moment.astimezone(ZoneInfo(zone)).date() for moment in moments})
    days = [o.day for o in found if lived[1] <= o.day <= lived[-2]]
    assert days == lived[1:-1]


@settings(max_examples=400, deadline=None)
@given(
    zone=ZONES,
    times=st.lists(WALL_CLOCKS, min_size=1, max_size=4),
    days=st.lists(st.sampled_from(list(Weekday)), min_size=1, unique=True),
    start=INSTANTS,
)
def test_occurrences_strictly_increase_and_keep_to_their_weekdays(
    zone: str, times: list[time], days: list[Weekday], start: datetime
) -> None:
    found = next_occurrences(Schedule(tuple(times), tuple(days), zone), start, 30)
    assert all(earlier.instant < later.instant for earlier, later in pairwise(found))
    assert found[0].instant > start
    assert {list(Weekday)[o.day.weekday()] for o in found} <= set(days)


@settings(max_examples=400, deadline=None)
@given(zone=ZONES, at=WALL_CLOCKS, start=INSTANTS)
def test_an_occurrence_shows_its_own_time_or_the_first_minute_after_a_gap(
    zone: str, at: time, start: datetime
) -> None:
    found = next_occurrence(Schedule((at,), EVERY_DAY, zone), start)
    assert found is not None
    shown = found.instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    wanted = datetime.combine(found.day, at)
    a_minute_before = (found.instant - timedelta(minutes=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert shown == wanted or a_minute_before < wanted < shown


@settings(max_examples=200, deadline=None)
@given(zone=ZONES, at=WALL_CLOCKS, start=INSTANTS, pause=st.integers(1, 3000))
def test_asking_again_later_continues_where_it_was_left(
    zone: str, at: time, start: datetime, pause: int
) -> None:
    schedule = Schedule((at,), EVERY_DAY, zone)
    between = start + timedelta(minutes=pause)
    end = between + timedelta(days=3)
    split = occurrences_between(schedule, start, between) + occurrences_between(schedule, between, end)
    assert split == occurrences_between(schedule, start, end)


def each_rule_by_one_zone() -> list[str]:
    """Most zones keep the same time as others do, at least from now on, which the end of their data says."""
    rules = {_rule_of(zone): zone for zone in sorted(available_timezones(), reverse=True)}
    return sorted({*rules.values(), *MOVED_BY_THE_MOON})


MOVED_BY_THE_MOON = ("Africa/Casablanca", "Africa/El_Aaiun", "Asia/Gaza", "Asia/Hebron")
"""Their clocks go by Ramadan, for which there is no rule: each year is listed."""


def _rule_of(zone: str) -> str:
    """As POSIX says it, such as `CET-1CEST,M3.5.0,M10.5.0/3`."""
    return _data_of(zone).decode("latin-1").rstrip("\n").rpartition("\n")[2]


def _data_of(zone: str) -> bytes:
    installed = (Path(folder, zone) for folder in TZPATH)
    found = next((file for file in installed if file.is_file()), None)
    return found.read_bytes() if found else files("tzdata").joinpath("zoneinfo", zone).read_bytes()


@pytest.mark.parametrize("at", ["00:00", "02:30", "23:45"])
@pytest.mark.parametrize("zone", each_rule_by_one_zone())
def test_by_every_rule_each_day_of_two_years_has_exactly_one_occurrence(zone: str, at: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    found = occurrences_between(daily(at, zone), start - timedelta(days=2), start + timedelta(days=732))
    days = [start.date() + timedelta(days=number) for number in range(730)]
    assert [o.day for o in found if days[0] <= o.day <= days[-1]] == days
    assert all(earlier.instant < later.instant for earlier, later in pairwise(found))
