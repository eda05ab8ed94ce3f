"""A plan is written by a therapist, reaches the patient, and is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.care import Scope
from app.models.home_care import HomeCarePlan
from app.models.therapist_note import NOTES_PER_PAGE
from builders import ALL_SCOPES, a_consent, a_note, a_patient, a_therapist, an_item
from running import AppInside

WATER = {"kind": "water", "title": "Water", "target": {"min": 8}, "dose": "8 glasses"}
TUCKS = {
    "id": "tucks",
    "kind": "exercise",
    "title": "Chin tucks",
    "why": "To let the neck lengthen after hours at the desk.",
    "dose": "10 times, twice a day",
    "target": {},
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "reminder_times": ["12:30"],
}


class Practice:
    """Ana with her phone, and therapists at their desks."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.ana = app.write(a_patient, now=utc_now())
        self.phone = app.browser_of(self.ana.id)

    def desk(self, name: str = "Rui", scopes: tuple[Scope, ...] = ALL_SCOPES) -> TestClient:
        therapist_id: UUID = self.app.write(lambda db: a_therapist(db, name, now=utc_now()).id)
        self.app.write(a_consent, therapist_id, self.ana, scopes, now=utc_now())
        return self.app.browser_of(therapist_id)

    @property
    def path(self) -> str:
        return f"/api/patients/{self.ana.id}/plan"


@pytest.fixture
def practice(running_app: AppInside) -> Practice:
    return Practice(running_app)


def put(desk: TestClient, path: str, *items: dict[str, Any], **said: Any) -> dict[str, Any]:
    answer = desk.put(path, json={"items": list(items), "effective": "now", "note": "", **said})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_plan_comes_back_as_it_was_written(practice: Practice) -> None:
    written = put(practice.desk(), practice.path, TUCKS, note="Let us begin gently.")
    (item,) = written["items"]
    assert {name: item[name] for name in TUCKS if name != "target"} == {
        name: TUCKS[name] for name in TUCKS if name != "target"
    }
    assert (written["version"], written["note"]) == (1, "Let us begin gently.")


def test_before_the_first_version_there_is_none(practice: Practice) -> None:
    answer = practice.desk().get(practice.path, params={"history": 1}).json()
    assert (answer["version"], answer["items"], answer["versions"]) == (None, [], [])


def test_an_item_keeps_its_id_when_it_is_named(practice: Practice) -> None:
    desk = practice.desk()
    first = put(desk, practice.path, WATER)["items"][0]["id"]
    second = put(desk, practice.path, {**WATER, "id": first, "target": {"min": 10}})
    assert [item["id"] for item in second["items"]] == [first]


def test_an_item_keeps_its_id_when_only_its_dose_changes(practice: Practice) -> None:
    desk = practice.desk()
    first = put(desk, practice.path, WATER)["items"][0]["id"]
    second = put(desk, practice.path, {**WATER, "dose": "10 glasses"})
    assert [item["id"] for item in second["items"]] == [first]


def test_the_history_holds_every_version(practice: Practice) -> None:
    desk = practice.desk()
    put(desk, practice.path, WATER)
    put(desk, practice.path, WATER, TUCKS, note="One exercise more.")
    versions = desk.get(practice.path, params={"history": 1}).json()["versions"]
    assert [(one["version"], len(one["items"]), one["note"]) for one in versions] == [
        (2, 2, "One exercise more."),
        (1, 1, ""),
    ]


def test_the_same_plan_sent_twice_is_one_version(practice: Practice) -> None:
    desk = practice.desk()
    put(desk, practice.path, WATER)
    assert put(desk, practice.path, WATER)["version"] == 1


def test_a_version_written_meanwhile_is_not_overlooked(practice: Practice) -> None:
    desk = practice.desk()
    put(desk, practice.path, WATER, based_on=0)
    put(desk, practice.path, WATER, TUCKS, based_on=1)
    late = {"items": [TUCKS], "based_on": 1}
    assert desk.put(practice.path, json=late).status_code == 409


def test_the_same_plan_sent_twice_is_no_version_written_meanwhile(practice: Practice) -> None:
    desk = practice.desk()
    put(desk, practice.path, WATER, based_on=0)
    assert put(desk, practice.path, WATER, based_on=0)["version"] == 1


def test_the_patient_sees_what_changed_and_why(practice: Practice) -> None:
    desk = practice.desk()
    put(desk, practice.path, WATER)
    put(desk, practice.path, {**WATER, "dose": "10 glasses"}, TUCKS, note="The days are hot.")
    changes = practice.phone.get("/api/plan").json()["changes"]
    assert [(one["what"], one["item"]["title"], one["why"]) for one in changes] == [
        ("changed", "Water", "The days are hot."),
        ("added", "Chin tucks", "The days are hot."),
    ]


def test_what_is_to_come_tomorrow_is_announced_and_not_in_force(practice: Practice) -> None:
    desk = practice.desk()
    put(desk, practice.path, WATER)
    put(desk, practice.path, WATER, TUCKS, effective="tomorrow")
    plan = practice.phone.get("/api/plan").json()
    assert [item["title"] for item in plan["items"]] == ["Water"]
    assert [item["title"] for item in plan["coming"][0]["items"]] == ["Water", "Chin tucks"]


def test_the_plans_of_two_therapists_merge_and_each_keeps_its_name(practice: Practice) -> None:
    put(practice.desk("Rui"), practice.path, WATER)
    put(practice.desk("Vera"), practice.path, TUCKS)
    items = practice.phone.get("/api/plan").json()["items"]
    assert {(item["title"], item["asked_by"]) for item in items} == {("Water", "Rui"), ("Chin tucks", "Vera")}


def test_a_therapist_sees_only_what_they_asked_for(practice: Practice) -> None:
    rui, vera = practice.desk("Rui"), practice.desk("Vera")
    put(rui, practice.path, WATER)
    put(vera, practice.path, TUCKS)
    assert [item["title"] for item in rui.get(practice.path).json()["items"]] == ["Water"]


def test_a_patient_without_a_plan_starts_with_three_habits(practice: Practice) -> None:
    plan = practice.phone.get("/api/plan").json()
    assert [(item["kind"], item["target"]["min"]) for item in plan["items"]] == [
        ("water", 8),
        ("stretch", 5),
        ("sleep", 7),
    ]


def test_a_patient_can_write_a_plan_of_their_own(practice: Practice) -> None:
    plan = practice.phone.put("/api/plan", json={"items": [WATER]}).json()
    assert [(item["title"], item["author_id"]) for item in plan["items"]] == [("Water", str(practice.ana.id))]


@pytest.mark.parametrize("answer", ["ok", "too_much", "hurts", "no_time"])
def test_the_therapist_reads_the_answer_to_an_item(practice: Practice, answer: str) -> None:
    desk = practice.desk()
    put(desk, practice.path, TUCKS)
    said = {"version": 1, "item": "tucks", "answer": answer, "comment": "In the evening."}
    assert practice.phone.post("/api/plan/answer", json=said).status_code == 200
    (read,) = desk.get(practice.path).json()["answers"]
    assert {name: read[name] for name in said} == said


def test_the_last_answer_to_an_item_stands(practice: Practice) -> None:
    desk = practice.desk()
    put(desk, practice.path, TUCKS)
    for answer in ("hurts", "ok"):
        practice.phone.post("/api/plan/answer", json={"version": 1, "item": "tucks", "answer": answer})
    assert [one["answer"] for one in desk.get(practice.path).json()["answers"]] == ["ok"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"version": 7, "item": "tucks", "answer": "ok"}, "version"),
        ({"version": 1, "item": "never-seen", "answer": "ok"}, "item"),
        ({"version": 1, "item": "tucks", "answer": "fine"}, "answer"),
    ],
)
def test_an_answer_to_what_was_never_asked_is_refused(
    practice: Practice, said: dict[str, Any], field: str
) -> None:
    put(practice.desk(), practice.path, TUCKS)
    refused = practice.phone.post("/api/plan/answer", json=said)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "dance"},
        {"title": ""},
        {"days": []},
        {"days": ["someday"]},
        {"target": {"min": 9, "max": 3}},
        {"target": {"min": -1}},
        {"target": {"min": True}},
        {"reminder_times": ["25:00"]},
        {"link": "http://example.org/neck"},
        {"link": "javascript:alert(1)"},
        {"link": "https://user:secret@example.org/"},
        {"title": "x" * 201},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_and_nothing_is_stored(
    practice: Practice, wrong: dict[str, Any]
) -> None:
    refused = practice.desk().put(practice.path, json={"items": [{**TUCKS, **wrong}], "effective": "now"})
    assert refused.status_code == 422
    named = refused.json()["errors"][0]["field"].split(".")
    assert named[:3] == ["items", "0", *wrong][:3]
    assert practice.app.stored()["home_care_plan"] == 0


def test_a_field_nobody_knows_is_refused(practice: Practice) -> None:
    refused = practice.desk().put(practice.path, json={"items": [{**TUCKS, "colour": "red"}]})
    assert refused.status_code == 422


def test_water_beyond_what_a_day_can_hold_is_no_target(practice: Practice) -> None:
    refused = practice.desk().put(practice.path, json={"items": [{**WATER, "target": {"min": 41}}]})
    assert refused.status_code == 422


def test_naming_an_item_twice_is_refused(practice: Practice) -> None:
    refused = practice.desk().put(practice.path, json={"items": [TUCKS, TUCKS]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "items")


def test_without_the_plan_scope_there_is_no_plan(practice: Practice) -> None:
    desk = practice.desk(scopes=(Scope.MEASURES, Scope.NOTES))
    assert desk.get(practice.path).status_code == 404
    assert desk.put(practice.path, json={"items": [WATER]}).status_code == 404


def test_what_was_just_sent_can_be_taken_back(practice: Practice) -> None:
    desk = practice.desk()
    put(desk, practice.path, WATER)
    put(desk, practice.path, TUCKS)
    assert desk.delete(f"{practice.path}/2").status_code == 204
    assert [item["title"] for item in practice.phone.get("/api/plan").json()["items"]] == ["Water"]


def test_what_was_sent_long_ago_cannot_be_taken_back(practice: Practice) -> None:
    desk = practice.desk()
    put(desk, practice.path, WATER)
    practice.app.write(age_the_plans, timedelta(hours=2))
    assert desk.delete(f"{practice.path}/1").status_code == 409


def test_the_reminder_an_item_asks_for_is_the_patients(practice: Practice) -> None:
    put(practice.desk(), practice.path, TUCKS)
    (reminder,) = practice.phone.get("/api/reminders").json()["reminders"]
    assert (reminder["kind"], reminder["times"], reminder["plan_item"]) == ("exercise", ["12:30"], "tucks")
    assert reminder["days"] == ["mon", "tue", "wed", "thu", "fri"]


def test_a_private_note_stays_with_its_therapist(practice: Practice) -> None:
    rui, vera = practice.desk("Rui"), practice.desk("Vera")
    path = f"/api/patients/{practice.ana.id}/notes"
    assert rui.post(path, json={"text": "Guards the left side.", "visibility": "private"}).status_code == 201
    assert [one["text"] for one in rui.get(path).json()["notes"]] == ["Guards the left side."]
    assert vera.get(path).json()["notes"] == []
    assert practice.phone.get("/api/notes").json()["notes"] == []


def test_a_shared_note_is_for_the_patient_to_read(practice: Practice) -> None:
    rui, vera = practice.desk("Rui"), practice.desk("Vera")
    path = f"/api/patients/{practice.ana.id}/notes"
    rui.post(path, json={"text": "Ask your doctor about the numb finger.", "visibility": "shared"})
    assert [one["written_by"] for one in practice.phone.get("/api/notes").json()["notes"]] == ["Rui"]
    assert vera.get(path).json()["notes"] == []


def test_another_therapists_note_cannot_be_removed(practice: Practice) -> None:
    rui, vera = practice.desk("Rui"), practice.desk("Vera")
    path = f"/api/patients/{practice.ana.id}/notes"
    note = rui.post(path, json={"text": "Guards the left side.", "visibility": "private"}).json()
    assert vera.delete(f"{path}/{note['id']}").status_code == 404
    assert rui.delete(f"{path}/{note['id']}").status_code == 204


def age_the_plans(db: Any, by: timedelta) -> None:
    for plan in db.query(HomeCarePlan):
        plan.written_at -= by


def test_an_item_without_a_title_is_fine_for_a_habit(practice: Practice) -> None:
    assert put(practice.desk(), practice.path, an_item("water", ""))["items"][0]["title"] == ""


def test_an_item_is_not_called_as_one_of_another_therapist(practice: Practice) -> None:
    """A tick names its item by the id alone, so it would be told to both."""
    rui, vera = practice.desk(), practice.desk("Vera")
    put(rui, practice.path, TUCKS)
    refused = vera.put(practice.path, json={"items": [WATER, TUCKS]})

    assert refused.status_code == 422
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [("items.1.id", "id_taken")]
    assert put(rui, practice.path, TUCKS | {"dose": "5 times"})["items"][0]["id"] == "tucks"


def test_more_notes_than_a_page_go_on_after_its_cursor(practice: Practice) -> None:
    rui = practice.desk()
    path = f"/api/patients/{practice.ana.id}/notes"
    [rui_id] = {one["therapist_id"] for one in practice.phone.get("/api/care").json()["relationships"]}
    practice.app.write(many_notes, UUID(rui_id), practice.ana.id, NOTES_PER_PAGE + 3)
    first = rui.get(path).json()
    rest = rui.get(path, params={"cursor": first["next_cursor"]}).json()

    assert (len(first["notes"]), len(rest["notes"]), rest["next_cursor"]) == (NOTES_PER_PAGE, 3, None)
    assert len({one["id"] for one in first["notes"] + rest["notes"]}) == NOTES_PER_PAGE + 3
    assert practice.phone.get("/api/notes").json()["next_cursor"] == first["next_cursor"]


def many_notes(db: Session, therapist_id: UUID, patient_id: UUID, many: int) -> None:
    """Written two by two at the same instant."""
    now = utc_now()
    for number in range(many):
        at = now - timedelta(minutes=number // 2)
        a_note(db, therapist_id, patient_id, "shared", at)
