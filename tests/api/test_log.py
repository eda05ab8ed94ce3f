"""The log through the JSON door, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from app.clock import utc_now
from builders import a_patient, an_entry


@pytest.fixture
def ana_signed_in(running_app):
    return running_app.browser_of(running_app.write(a_patient, zone="UTC").id)


def today():
    return (utc_now() - timedelta(hours=3)).date()


def send(browser, *entries):
    return browser.post("/api/entries", json={"entries": list(entries)})


def test_a_day_is_logged_and_read_back(ana_signed_in):
    answer = send(ana_signed_in, an_entry(today(), at=utc_now(), set={"pain": 4, "sleep_hours": 7.5}))
    assert answer.json()["results"][0]["status"] == "accepted"
    day = ana_signed_in.get(f"/api/days/{today()}").json()
    assert (day["pain"], day["sleep_hours"], day["mobility"]) == (4, 7.5, None)
    assert day["late"] is False


def test_a_day_has_every_field_of_the_contract(ana_signed_in):
    send(ana_signed_in, an_entry(today(), at=utc_now(), set={"pain": 4}))
    assert set(ana_signed_in.get(f"/api/days/{today()}").json()) == {
        "day", "pain", "pain_worst", "stiffness", "mobility", "sleep_hours", "sleep_quality",
        "water_glasses", "stretching_minutes", "heat_minutes", "ice_minutes", "soreness", "swelling",
        "pain_sites", "plan_items", "bad_day", "note", "late", "first_logged_at", "updated_at",
    }  # fmt: skip


def test_a_retry_after_a_lost_answer_stores_nothing_twice(ana_signed_in):
    glass = an_entry(today(), at=utc_now(), add={"water_glasses": 1})
    send(ana_signed_in, glass)
    again = send(ana_signed_in, glass).json()
    assert again["results"][0] == {"id": glass["id"], "status": "duplicate", "error": None}
    assert again["days"][0]["water_glasses"] == 1


def test_each_entry_is_answered_by_itself(ana_signed_in):
    good, bad = an_entry(today(), set={"pain": 4}), an_entry(today(), set={"pain": 11})
    answer = send(ana_signed_in, bad, good)
    assert answer.status_code == 200
    assert [result["status"] for result in answer.json()["results"]] == ["invalid", "accepted"]


def test_a_day_nobody_logged_is_not_there(ana_signed_in):
    assert ana_signed_in.get(f"/api/days/{today()}").status_code == 404


def test_only_logged_days_are_listed_oldest_first(ana_signed_in):
    days = [today() - timedelta(days=n) for n in (0, 3, 1)]
    send(ana_signed_in, *(an_entry(day, set={"pain": 2}) for day in days))
    listed = ana_signed_in.get("/api/days", params={"first": str(days[1]), "last": str(days[0])}).json()[
        "days"
    ]
    assert [day["day"] for day in listed] == [str(days[1]), str(days[2]), str(days[0])]


def test_a_long_list_goes_on_where_the_page_ended(ana_signed_in):
    entries = [an_entry(today() - timedelta(days=n), set={"pain": 2}) for n in range(230)]
    send(ana_signed_in, *entries[:115])
    send(ana_signed_in, *entries[115:])
    period = {"first": str(today() - timedelta(days=300)), "last": str(today())}
    first_page = ana_signed_in.get("/api/days", params=period).json()
    second_page = ana_signed_in.get("/api/days", params=period | {"cursor": first_page["next_cursor"]}).json()
    assert (len(first_page["days"]), len(second_page["days"])) == (200, 30)
    assert second_page["next_cursor"] is None


def test_a_script_changes_and_clears_measures(ana_signed_in):
    ana_signed_in.patch(f"/api/days/{today()}", json={"pain": 4, "note": "Long drive"})
    changed = ana_signed_in.patch(f"/api/days/{today()}", json={"pain": None})
    assert (changed.json()["pain"], changed.json()["note"]) == (None, "Long drive")


def test_clearing_all_of_a_day_answers_an_empty_day(ana_signed_in):
    ana_signed_in.patch(f"/api/days/{today()}", json={"pain": 4})
    emptied = ana_signed_in.patch(f"/api/days/{today()}", json={"pain": None})
    assert (emptied.status_code, emptied.json()["pain"]) == (200, None)
    assert ana_signed_in.get(f"/api/days/{today()}").status_code == 404


def test_history_keeps_every_version(ana_signed_in):
    ana_signed_in.patch(f"/api/days/{today()}", json={"pain": 4})
    ana_signed_in.patch(f"/api/days/{today()}", json={"pain": 6})
    entries = ana_signed_in.get(f"/api/days/{today()}/history").json()["entries"]
    assert [entry["set"] for entry in entries] == [{"pain": 4}, {"pain": 6}]
    assert {entry["source"] for entry in entries} == {"app"}


def test_an_empty_list_of_entries_is_refused(ana_signed_in):
    assert ana_signed_in.post("/api/entries", json={"entries": []}).status_code == 422


def test_more_than_five_hundred_entries_are_refused_whole(ana_signed_in):
    # Kept short, so that the limit on entries is met before the limit on bytes.
    tiny = [{"id": str(uuid4())[:8]} for _ in range(501)]
    assert ana_signed_in.post("/api/entries", json={"entries": tiny}).status_code == 422


def test_nobody_else_sees_the_day(running_app, ana_signed_in):
    ana_signed_in.patch(f"/api/days/{today()}", json={"pain": 4})
    eva = running_app.browser_of(running_app.write(a_patient, "Eva").id)
    assert eva.get(f"/api/days/{today()}").status_code == 404


@pytest.mark.parametrize(
    "spoiled",
    [r'"\u0000"', r'"\ud800"', "9223372036854775808", "1e400"],
    ids=["nul", "surrogate", "2^63", "infinity"],
)
def test_an_entry_that_cannot_be_stored_never_blocks_the_one_beside_it(ana_signed_in, spoiled):
    good, bad = an_entry(today(), set={"pain": 4}), an_entry(today(), set={"note": "SPOILED"})
    body = json.dumps({"entries": [bad, good]}).replace('"SPOILED"', spoiled)
    answer = ana_signed_in.post("/api/entries", content=body, headers={"Content-Type": "application/json"})
    assert [result["status"] for result in answer.json()["results"]] == ["invalid", "accepted"]
