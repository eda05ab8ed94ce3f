"""Recording entries, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from app.diary.record import change_day, record_entries
from app.errors import FieldError, Invalid
from app.models.daily_log import Measures, day_on, entries_about
from app.models.patient import Patient
from builders import NOON, a_patient, an_entry

TODAY = NOON.date()


def statuses(recorded):
    return [result.status for result in recorded.results]


def test_an_entry_makes_a_day(db, ana):
    recorded = record_entries(db, ana, [an_entry(TODAY, set={"pain": 4}, add={"water_glasses": 1})], NOON)
    assert statuses(recorded) == ["accepted"]
    assert (recorded.days[0].pain, recorded.days[0].water_glasses) == (4, 1)


def test_what_was_not_touched_stays_unknown(db, ana):
    recorded = record_entries(db, ana, [an_entry(TODAY, set={"pain": 4})], NOON)
    assert recorded.days[0].water_glasses is None


def test_an_entry_sent_twice_counts_once(db, ana):
    glass = an_entry(TODAY, add={"water_glasses": 1})
    record_entries(db, ana, [glass], NOON)
    again = record_entries(db, ana, [glass], NOON + timedelta(minutes=1))
    assert statuses(again) == ["duplicate"]
    assert again.days[0].water_glasses == 1


def test_an_entry_twice_in_one_request_counts_once(db, ana):
    glass = an_entry(TODAY, add={"water_glasses": 1})
    recorded = record_entries(db, ana, [glass, glass], NOON)
    assert statuses(recorded) == ["accepted", "duplicate"]
    assert recorded.days[0].water_glasses == 1


def test_the_same_id_saying_something_else_is_refused(db, ana):
    glass = an_entry(TODAY, add={"water_glasses": 1})
    record_entries(db, ana, [glass], NOON)
    other = record_entries(db, ana, [glass | {"add": {"water_glasses": 2}}], NOON)
    assert statuses(other) == ["conflict"]
    assert day_on(db, ana.id, TODAY).water_glasses == 1


def test_the_same_id_for_another_day_is_refused(db, ana):
    glass = an_entry(TODAY, add={"water_glasses": 1})
    record_entries(db, ana, [glass], NOON)
    moved = record_entries(db, ana, [glass | {"day": str(TODAY - timedelta(days=1))}], NOON)
    assert statuses(moved) == ["conflict"]


def test_an_id_that_says_something_else_is_refused_in_words(db, ana):
    glass = an_entry(TODAY, add={"water_glasses": 1})
    two = glass | {"add": {"water_glasses": 2}}
    (_first, at_once) = record_entries(db, ana, [glass, two], NOON).results
    (later,) = record_entries(db, ana, [two], NOON).results
    assert at_once == later
    assert later.error == FieldError("id", "conflict", "Something else was saved under the same number.")


def test_two_contents_under_one_new_id_keep_the_first(db, ana):
    glass = an_entry(TODAY, add={"water_glasses": 1})
    recorded = record_entries(db, ana, [glass, glass | {"add": {"water_glasses": 2}}], NOON)
    assert statuses(recorded) == ["accepted", "conflict"]


def test_one_bad_entry_never_blocks_the_others(db, ana):
    good, bad = an_entry(TODAY, set={"pain": 4}), an_entry(TODAY, set={"pain": 11})
    recorded = record_entries(db, ana, [bad, good, "not an entry"], NOON)
    assert statuses(recorded) == ["invalid", "accepted", "invalid"]
    assert recorded.results[0].error.field == "set.pain"


def test_an_id_of_somebody_else_says_nothing_about_their_entry(db, ana):
    rui = a_patient(db, "Rui")
    glass = an_entry(TODAY, add={"water_glasses": 1})
    record_entries(db, ana, [glass], NOON)
    assert statuses(record_entries(db, rui, [glass | {"add": {"water_glasses": 3}}], NOON)) == ["accepted"]
    assert day_on(db, ana.id, TODAY).water_glasses == 1


def test_a_day_that_has_not_begun_is_refused(db, ana):
    recorded = record_entries(db, ana, [an_entry(TODAY + timedelta(days=1), set={"pain": 4})], NOON)
    assert recorded.results[0].error.code == "future"
    assert "Check the date on your phone." in recorded.results[0].error.message


def test_a_phone_that_travelled_east_may_be_a_day_ahead(db, ana):
    evening = datetime(2026, 3, 18, 20, 0, tzinfo=UTC)
    entry = an_entry("2026-03-19", set={"pain": 4}) | {"recorded_at": "2026-03-19T05:00:00+09:00"}
    assert statuses(record_entries(db, ana, [entry], evening)) == ["accepted"]


def test_a_phone_that_runs_some_minutes_fast_may_have_begun_the_next_day(db):
    bea = a_patient(db, "Bea", zone="UTC")
    before_midnight = datetime(2026, 3, 18, 23, 58, tzinfo=UTC)
    by_her_phone = before_midnight + timedelta(minutes=4)
    entry = an_entry("2026-03-19", at=by_her_phone, set={"pain": 4})
    assert statuses(record_entries(db, bea, [entry], before_midnight)) == ["accepted"]


def test_a_phone_that_runs_an_hour_fast_has_not(db):
    bea = a_patient(db, "Bea", zone="UTC")
    before_midnight = datetime(2026, 3, 18, 23, 30, tzinfo=UTC)
    entry = an_entry("2026-03-19", at=before_midnight + timedelta(hours=1), set={"pain": 4})
    assert record_entries(db, bea, [entry], before_midnight).results[0].error.code == "future"


def test_a_day_more_than_a_year_back_is_refused(db, ana):
    recorded = record_entries(db, ana, [an_entry(TODAY - timedelta(days=366), set={"pain": 4})], NOON)
    assert recorded.results[0].error.code == "too_old"


def test_a_day_a_year_back_is_stored_and_late(db, ana):
    recorded = record_entries(db, ana, [an_entry(TODAY - timedelta(days=365), set={"pain": 4})], NOON)
    assert recorded.days[0].late


@pytest.mark.parametrize(("days_back", "late"), [(2, False), (3, True)])
def test_an_entry_is_late_more_than_two_days_after_its_day(db, ana, days_back, late):
    recorded = record_entries(db, ana, [an_entry(TODAY - timedelta(days=days_back), set={"pain": 4})], NOON)
    assert recorded.days[0].late is late


def test_a_phone_whose_clock_runs_ahead_does_not_win_over_what_is_said_later(db, ana):
    ahead = an_entry(TODAY, at=NOON + timedelta(hours=5), set={"pain": 9})
    record_entries(db, ana, [ahead], NOON)
    later = NOON + timedelta(hours=1)
    record_entries(db, ana, [an_entry(TODAY, at=later, set={"pain": 2})], later)
    assert day_on(db, ana.id, TODAY).pain == 2


def test_the_offline_phone_that_syncs_later_does_not_win_over_the_newer_word(db, ana):
    record_entries(db, ana, [an_entry(TODAY, at=NOON, set={"pain": 2})], NOON)
    from_the_tunnel = an_entry(TODAY, at=NOON - timedelta(hours=1), set={"pain": 9})
    record_entries(db, ana, [from_the_tunnel], NOON + timedelta(hours=1))
    assert day_on(db, ana.id, TODAY).pain == 2


def test_clearing_the_only_measure_takes_the_day_away_but_not_its_history(db, ana):
    record_entries(db, ana, [an_entry(TODAY, at=NOON, set={"pain": 2})], NOON)
    assert change_day(db, ana, TODAY, Measures(pain=None), NOON + timedelta(minutes=1)) is None
    assert day_on(db, ana.id, TODAY) is None
    assert len(entries_about(db, ana.id, TODAY)) == 2


def test_changing_a_day_refuses_what_cannot_stand(db, ana):
    with pytest.raises(Invalid):
        change_day(db, ana, date(2999, 1, 1), Measures(pain=3), NOON)


def test_the_patient_remembers_when_something_was_last_logged(db, ana):
    record_entries(db, ana, [an_entry(TODAY - timedelta(days=5), set={"pain": 2})], NOON)
    assert db.get(Patient, ana.id, populate_existing=True).last_logged_at == NOON


def test_left_stays_left(db, ana):
    sites = [{"region": "shoulder", "side": "left", "intensity": 6}, {"region": "low_back", "side": "middle"}]
    recorded = record_entries(db, ana, [an_entry(TODAY, set={"pain_sites": sites})], NOON)
    assert [(site["region"], site["side"]) for site in recorded.days[0].pain_sites] == [
        ("shoulder", "left"),
        ("low_back", "middle"),
    ]


def test_an_entry_without_a_readable_id_is_answered_without_one(db, ana):
    recorded = record_entries(db, ana, [an_entry(TODAY, set={"pain": 2}) | {"id": "no-uuid"}], NOON)
    assert recorded.results[0].id is None


def test_five_hundred_entries_over_seven_days_all_land(db, ana):
    glasses = [an_entry(TODAY - timedelta(days=n % 7), add={"water_glasses": 1 - n % 2}) for n in range(500)]
    recorded = record_entries(db, ana, glasses, NOON)
    assert statuses(recorded) == ["accepted"] * 500
    assert len({result.id for result in recorded.results}) == 500
    assert len(recorded.days) == 7


async def test_two_phones_that_save_at_once_lose_nothing(database):
    ana = await database.write(a_patient)
    glasses = [an_entry(TODAY, add={"water_glasses": 1}) for _ in range(30)]
    await asyncio.gather(*(database.write(record_entries, ana, [glass], NOON) for glass in glasses))
    assert (await database.read(day_on, ana.id, TODAY)).water_glasses == 30


async def test_one_entry_sent_twenty_times_at_once_counts_once(database):
    ana = await database.write(a_patient)
    glass = an_entry(TODAY, add={"water_glasses": 1})
    answers = await asyncio.gather(*(database.write(record_entries, ana, [glass], NOON) for _ in range(20)))
    assert sorted(answer.results[0].status for answer in answers) == ["accepted"] + ["duplicate"] * 19
    assert (await database.read(day_on, ana.id, TODAY)).water_glasses == 1
