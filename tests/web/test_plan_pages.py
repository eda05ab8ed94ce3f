"""The patient's plan and the therapist's editor, as a browser without scripts uses them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from selectolax.lexbor import LexborNode
from starlette.testclient import TestClient

from app.clock import utc_now
from app.language.saying import moment_near
from builders import a_consent, a_patient, a_plan, a_therapist, an_item
from running import AppInside
from web.reading import found, parsed, words_of

TUCKS = an_item(id="tucks", dose="10 times", why="To let the neck lengthen.", bad_day="5 times")
WATER = an_item("water", "Water", id="water", target={"min": 8})


class Practice:
    """Ana with her phone and Rui at his desk."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.ana = app.write(a_patient, now=utc_now())
        self.rui_id = app.write(lambda db: a_therapist(db, now=utc_now()).id)
        app.write(a_consent, self.rui_id, self.ana, now=utc_now())
        self.phone, self.desk = app.browser_of(self.ana.id), app.browser_of(self.rui_id)
        self.editor = f"/patients/{self.ana.id}/plan"

    def plan(self, *items: dict[str, Any], **said: Any) -> None:
        self.app.write(a_plan, self.ana, self.rui_id, *items, now=utc_now(), **said)

    def ticks(self) -> Any:
        days = self.phone.get("/api/days").json()["days"]
        return days[0]["plan_items"] if days else None


@pytest.fixture
def practice(running_app: AppInside) -> Practice:
    return Practice(running_app)


def page(browser: TestClient, path: str) -> LexborNode:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return parsed(answer)


def fields_of(page: LexborNode) -> dict[str, list[str]]:
    """What a browser would send of the form on this page, without its buttons."""
    fields: dict[str, list[str]] = {}
    form = page.css_first("form.plan-editor") or found(page, "main form")
    for control in form.css("input, textarea"):
        said = control.attributes
        is_off = said.get("type") in ("checkbox", "radio") and "checked" not in said
        if not is_off:
            value = control.text() if control.tag == "textarea" else said.get("value", "")
            fields.setdefault(said["name"], []).append(value)
    return fields


def sent(browser: TestClient, path: str, fields: dict[str, Any]) -> Response:
    return browser.post(path, data=fields)


def tick(practice: Practice, item: str, said: str) -> Response:
    form = {"entry": str(uuid4()), "patient": str(practice.ana.id), "tick": said}
    return practice.phone.post(f"/plan/items/{item}", data=form)


@pytest.mark.parametrize(
    ("dose", "says_target"),
    [("5 to 10 minutes each morning", False), ("Each morning", True), ("", False)],
    ids=["named in the dose", "not in the dose", "instead of a dose"],
)
def test_a_target_is_said_once(practice: Practice, dose: str, says_target: bool) -> None:
    practice.plan(an_item("stretch", "Stretch", id="stretch", dose=dose, target={"min": 5}))
    assert ("Target: 5 minutes" in words_of(page(practice.phone, "/plan"))) is says_target


def test_the_plan_says_how_much_and_why(practice: Practice) -> None:
    practice.plan(TUCKS)
    told = words_of(page(practice.phone, "/plan"))
    assert "Chin tucks" in told
    assert "10 times, every day" in told
    assert "To let the neck lengthen." in told


def test_water_carries_the_line_about_fluid_limits(practice: Practice) -> None:
    practice.plan(WATER)
    told = words_of(page(practice.phone, "/plan"))
    assert "If you have been told to limit fluids, follow that advice." in told


def test_somebody_without_a_plan_sees_what_many_begin_with(practice: Practice) -> None:
    told = words_of(page(practice.phone, "/plan"))
    assert "8 glasses, every day" in told
    assert "Write your own plan" in told


@pytest.mark.parametrize("said", ["done", "too_much", "hurts", "no_time", "forgot"])
def test_a_tap_answers_an_item_of_today(practice: Practice, said: str) -> None:
    practice.plan(TUCKS)
    tick(practice, "tucks", said)
    assert practice.ticks() == {"tucks": said}


def test_the_same_tap_sent_twice_is_one_entry(practice: Practice) -> None:
    practice.plan(WATER)
    form = {"entry": str(uuid4()), "patient": str(practice.ana.id), "tick": "glass"}
    first, second = (practice.phone.post("/plan/items/water", data=form) for _time in range(2))
    assert second.headers["location"] == first.headers["location"]
    assert practice.phone.get("/api/days").json()["days"][0]["water_glasses"] == 1


def test_a_tap_from_an_older_page_never_says_that_it_stands_when_it_does_not(practice: Practice) -> None:
    practice.plan(TUCKS)
    older = {"entry": str(uuid4()), "patient": str(practice.ana.id), "tick": "done"}
    practice.phone.post("/plan/items/tucks", data=older)
    tick(practice, "tucks", "hurts")
    late = practice.phone.post("/plan/items/tucks", data=older)
    assert late.status_code == 409
    assert "You gave this answer before, and it was changed since. Open your plan again." in late.text
    assert practice.ticks() == {"tucks": "hurts"}


def test_a_tap_from_an_older_page_after_its_answer_was_cleared_is_refused_kindly(practice: Practice) -> None:
    practice.plan(TUCKS)
    older = {"entry": str(uuid4()), "patient": str(practice.ana.id), "tick": "done"}
    practice.phone.post("/plan/items/tucks", data=older)
    tick(practice, "tucks", "clear")
    late = practice.phone.post("/plan/items/tucks", data=older)
    assert "You gave this answer before, and it was changed since. Open your plan again." in late.text


def test_a_tap_can_be_taken_back(practice: Practice) -> None:
    practice.plan(TUCKS)
    saved = page(practice.phone, tick(practice, "tucks", "done").headers["location"])
    undo = found(saved, "#saved form input[name=entry]")
    practice.phone.post("/plan/undo", data={"entry": undo.attributes["value"]})
    assert practice.ticks() is None


def test_stretching_done_logs_the_minutes_it_asks_for(practice: Practice) -> None:
    practice.plan(an_item("stretch", "Neck", id="neck", target={"min": 10}))
    tick(practice, "neck", "done")
    assert practice.phone.get("/api/days").json()["days"][0]["stretching_minutes"] == 10


def test_an_answer_that_stands_is_not_recorded_again(practice: Practice) -> None:
    practice.plan(an_item("stretch", "Neck", id="neck", target={"min": 10}))
    tick(practice, "neck", "done")
    assert "saved" not in tick(practice, "neck", "done").headers["location"]
    assert practice.phone.get("/api/days").json()["days"][0]["stretching_minutes"] == 10


def test_an_answer_is_cleared_with_its_minutes(practice: Practice) -> None:
    practice.plan(an_item("stretch", "Neck", id="neck", target={"min": 10}))
    tick(practice, "neck", "done")
    tick(practice, "neck", "clear")
    assert practice.phone.get("/api/days").json()["days"] == []


def test_an_item_that_is_not_in_the_plan_cannot_be_ticked(practice: Practice) -> None:
    practice.plan(TUCKS)
    assert tick(practice, "bridges", "done").status_code == 404


def test_what_changed_is_shown_with_its_reason_and_answered(practice: Practice) -> None:
    practice.plan(TUCKS)
    practice.plan(TUCKS | {"dose": "5 times"}, note="Ten were too many.")
    news = found(page(practice.phone, "/plan"), "#news")
    assert "Ten were too many." in words_of(news)
    assert "10 times 5 times" in words_of(news)
    practice.phone.post("/plan/answer", data={"version": "2", "item": "tucks", "answer": "ok"})
    pressed = page(practice.phone, "/plan").css("#news button[aria-pressed=true]")
    assert [words_of(button) for button in pressed] == ["OK for me"]


def test_words_to_a_plan_that_cannot_be_taken_are_kept(practice: Practice) -> None:
    practice.plan(TUCKS)
    practice.plan(WATER)
    said = {"version": "2", "answer": "hurts", "comment": "Only in the morning\x0b, so far."}
    answer = sent(practice.phone, "/plan/answer", said)
    assert answer.status_code == 422
    assert "Only in the morning" in found(parsed(answer), "textarea[name=comment]").text()


def test_what_to_keep_on_a_bad_day_is_told(practice: Practice) -> None:
    practice.plan(TUCKS, flare="A warm cloth is enough.")
    bad_day = found(page(practice.phone, "/plan"), "#bad-day")
    assert "A warm cloth is enough." in words_of(bad_day)
    assert "5 times" in words_of(bad_day)


def test_the_names_of_those_who_asked_stand_beside_their_items(practice: Practice) -> None:
    vera_id = practice.app.write(lambda db: a_therapist(db, "Vera", now=utc_now()).id)
    practice.plan(TUCKS)
    practice.app.write(a_plan, practice.ana, vera_id, WATER, now=utc_now())
    told = words_of(page(practice.phone, "/plan"))
    assert "Asked by Rui" in told
    assert "Asked by Vera" in told


def test_a_link_leads_out_safely_and_says_where(practice: Practice) -> None:
    practice.plan(TUCKS | {"link": "https://example.org/neck"})
    link = found(page(practice.phone, "/plan"), 'a[href="https://example.org/neck"]')
    assert "noopener" in link.attributes["rel"].split()
    assert "example.org" in words_of(link)


def test_the_editor_begins_with_what_is_usual(practice: Practice) -> None:
    fields = fields_of(page(practice.desk, practice.editor))
    assert [fields[f"title-{n}"] for n in range(3)] == [["Water"], ["Gentle stretching"], ["Sleep"]]


def test_a_plan_is_shown_before_it_is_sent_and_then_in_force(practice: Practice) -> None:
    fields = fields_of(page(practice.desk, practice.editor))
    preview = parsed(sent(practice.desk, practice.editor, fields | {"step": "check"}))
    assert "New Water 8 glasses, every day" in words_of(preview)
    assert practice.app.stored()["home_care_plan"] == 0
    done = sent(practice.desk, practice.editor, fields_of(preview) | {"step": "send"})
    assert "Sent." in words_of(page(practice.desk, done.headers["location"]))
    assert [item["kind"] for item in practice.phone.get("/api/plan").json()["items"]] == [
        "water",
        "stretch",
        "sleep",
    ]


def test_the_version_that_holds_until_the_newest_begins_is_named(practice: Practice) -> None:
    practice.plan(TUCKS, effective="tomorrow")
    assert "Version 1 counts from " in words_of(page(practice.desk, practice.editor))
    practice.plan(WATER)
    practice.plan(TUCKS, effective="tomorrow")
    told = words_of(page(practice.desk, practice.editor))
    assert "Version 3 counts from " in told
    assert "Until then version 2 holds." in told


def test_a_version_is_dated_by_the_clock_of_who_reads(practice: Practice) -> None:
    practice.plan(TUCKS)
    practice.phone.patch("/api/me", json={"zone": "Asia/Tokyo"})
    now = utc_now()
    told = words_of(page(practice.desk, practice.editor))
    assert f"Version 1, written {moment_near(now, now, 'Europe/Lisbon')[:-2]}" in told


def test_what_stays_the_same_for_a_bad_day_is_no_change(practice: Practice) -> None:
    practice.plan(TUCKS, flare="Half of it.")
    form = fields_of(page(practice.desk, practice.editor)) | {"step": "check"}
    assert "Half of it." not in words_of(parsed(sent(practice.desk, practice.editor, form)))
    changed = words_of(parsed(sent(practice.desk, practice.editor, form | {"flare": "Rest."})))
    assert "Half of it. Rest." in changed


def test_what_was_changed_in_another_tab_is_not_taken_back_unseen(practice: Practice) -> None:
    practice.plan(TUCKS, WATER)
    checked = fields_of(page(practice.desk, practice.editor)) | {"title-1": "Still water", "step": "check"}
    preview = fields_of(parsed(sent(practice.desk, practice.editor, checked)))
    practice.plan(TUCKS | {"dose": "5 times"}, WATER)
    late = sent(practice.desk, practice.editor, preview | {"step": "send"})
    assert late.status_code == 409
    assert "10 times 5 times" in words_of(found(parsed(late), "[role=alert]"))
    assert fields_of(parsed(late))["title-1"] == ["Still water"]
    assert practice.app.stored()["home_care_plan"] == 2


def test_who_has_seen_what_changed_meanwhile_goes_on_from_there(practice: Practice) -> None:
    practice.plan(TUCKS)
    typed = fields_of(page(practice.desk, practice.editor)) | {"why-0": "For the neck."}
    practice.plan(TUCKS | {"dose": "5 times"})
    late = parsed(sent(practice.desk, practice.editor, typed | {"step": "check"}))
    preview = parsed(sent(practice.desk, practice.editor, fields_of(late) | {"step": "check"}))
    assert "5 times 10 times" in words_of(preview)
    assert sent(practice.desk, practice.editor, fields_of(preview) | {"step": "send"}).status_code == 303


def test_words_for_a_bad_day_changed_in_another_tab_are_shown(practice: Practice) -> None:
    practice.plan(TUCKS, flare="Half of it.")
    typed = fields_of(page(practice.desk, practice.editor)) | {"why-0": "For the neck."}
    practice.plan(TUCKS, flare="Rest.")
    late = parsed(sent(practice.desk, practice.editor, typed | {"step": "check"}))
    assert "Half of it. Rest." in words_of(found(late, "[role=alert]"))


def test_a_version_taken_back_in_another_tab_is_named(practice: Practice) -> None:
    practice.plan(TUCKS)
    typed = fields_of(page(practice.desk, practice.editor)) | {"why-0": "For the neck."}
    practice.desk.post(f"{practice.editor}/1/withdraw")
    late = parsed(sent(practice.desk, practice.editor, typed | {"step": "check"}))
    assert "The version you began from was taken back." in words_of(found(late, "[role=alert]"))
    preview = parsed(sent(practice.desk, practice.editor, fields_of(late) | {"step": "check"}))
    assert sent(practice.desk, practice.editor, fields_of(preview) | {"step": "send"}).status_code == 303


def test_a_plan_of_ones_own_is_not_overwritten_from_another_tab(practice: Practice) -> None:
    typed = fields_of(page(practice.phone, "/plan/edit"))
    sent(practice.phone, "/plan/edit", typed | {"step": "send", "least-0": "6"})
    assert sent(practice.phone, "/plan/edit", typed | {"step": "send", "least-0": "9"}).status_code == 409
    assert practice.phone.get("/api/plan").json()["items"][0]["target"]["min"] == 6


def test_items_are_added_and_removed_without_losing_what_was_typed(practice: Practice) -> None:
    fields = fields_of(page(practice.desk, practice.editor)) | {"note": "A start."}
    added = parsed(sent(practice.desk, practice.editor, fields | {"add": "exercise"}))
    fewer = fields_of(added) | {"remove": "0"}
    left = fields_of(parsed(sent(practice.desk, practice.editor, fewer)))
    assert [left[f"kind-{n}"] for n in range(3)] == [["stretch"], ["sleep"], ["exercise"]]
    assert left["note"] == ["A start."]


def test_what_cannot_be_sent_names_the_field(practice: Practice) -> None:
    fields = fields_of(page(practice.desk, practice.editor)) | {"least-0": "lots", "link-1": "http://x.org"}
    refused = sent(practice.desk, practice.editor, fields | {"step": "check"})
    assert refused.status_code == 422
    alert = found(parsed(refused), "[role=alert]")
    assert [link.attributes["href"] for link in alert.css("a")] == ["#target-0", "#link-1"]


def test_the_page_opens_at_an_item_that_was_just_added(practice: Practice) -> None:
    fields = fields_of(page(practice.desk, practice.editor))
    added = parsed(sent(practice.desk, practice.editor, fields | {"add": "exercise"}))
    assert [item.attributes["id"] for item in added.css("[autofocus]")] == ["item-3"]


def test_a_name_that_is_too_long_is_called_that(practice: Practice) -> None:
    fields = fields_of(page(practice.desk, practice.editor)) | {"title-0": "x" * 300, "step": "check"}
    alert = found(parsed(sent(practice.desk, practice.editor, fields)), "[role=alert]")
    assert words_of(found(alert, "a")) == "Write at most 200 characters."


@pytest.mark.parametrize(("typed", "read"), [("\u0668", 8), ("7,5", 7.5), ("\u0667\u066b\u0665", 7.5)])
def test_a_target_is_read_as_its_writer_types_it(practice: Practice, typed: str, read: float) -> None:
    fields = fields_of(page(practice.phone, "/plan/edit")) | {"least-2": typed, "step": "send"}
    sent(practice.phone, "/plan/edit", fields)
    assert practice.phone.get("/api/plan").json()["items"][2]["target"]["min"] == read


def test_no_glass_at_all_is_no_target(practice: Practice) -> None:
    fields = fields_of(page(practice.desk, practice.editor)) | {"least-0": "0", "step": "check"}
    refused = sent(practice.desk, practice.editor, fields)
    assert refused.status_code == 422
    told = words_of(found(parsed(refused), "[role=alert] a"))
    assert told == "Choose a target above 0, or leave it empty."


def test_a_reminder_that_quiet_hours_keep_away_is_named_before_it_is_sent(practice: Practice) -> None:
    fields = fields_of(page(practice.desk, practice.editor)) | {"time-1": ["07:00", "09:00"]}
    preview = words_of(parsed(sent(practice.desk, practice.editor, fields | {"step": "check"})))
    told = "Gentle stretching: no reminder comes at 07:00, within the quiet hours of Ana."
    assert told in preview


def test_a_sent_plan_can_be_taken_back(practice: Practice) -> None:
    practice.plan(TUCKS)
    practice.plan(WATER)
    practice.desk.post(f"{practice.editor}/2/withdraw")
    assert [item["title"] for item in practice.phone.get("/api/plan").json()["items"]] == ["Chin tucks"]


def test_the_therapist_reads_the_answers_where_the_plan_is_written(practice: Practice) -> None:
    practice.plan(TUCKS)
    said = {"version": "1", "item": "tucks", "answer": "too_much", "comment": "Six are fine."}
    practice.phone.post("/plan/answer", data=said)
    assert "Chin tucks Too much: Six are fine." in words_of(page(practice.desk, practice.editor))


def test_a_patient_writes_a_plan_of_their_own(practice: Practice) -> None:
    fields = fields_of(page(practice.phone, "/plan/edit")) | {"step": "send", "least-0": "6"}
    sent(practice.phone, "/plan/edit", fields)
    water = practice.phone.get("/api/plan").json()["items"][0]
    assert (water["target"]["min"], water["asked_by"]) == (6, "Ana")


def test_notes_are_kept_apart_by_who_can_read_them(practice: Practice) -> None:
    path = f"/patients/{practice.ana.id}/notes"
    practice.desk.post(path, data={"text": "Guards the left side.", "visibility": "private"})
    practice.desk.post(path, data={"text": "Try the towel in the car.", "visibility": "shared"})
    notes = page(practice.desk, path)
    assert "Guards the left side." in words_of(found(notes, "#private"))
    assert "Try the towel in the car." in words_of(found(notes, "#shared"))
    for_ana = words_of(page(practice.phone, "/plan"))
    assert "Try the towel in the car." in for_ana
    assert "Guards the left side." not in for_ana


def test_a_note_removed_with_two_taps_is_removed(practice: Practice) -> None:
    path = f"/patients/{practice.ana.id}/notes"
    practice.desk.post(path, data={"text": "Guards the left side.", "visibility": "private"})
    removal = found(page(practice.desk, path), "#private form[action$=remove]").attributes["action"]
    answers = [practice.desk.post(removal, data={"x": "y"}) for _time in range(2)]
    assert [answer.headers["location"] for answer in answers] == [f"{path}?done=removed"] * 2


def test_an_empty_note_is_refused(practice: Practice) -> None:
    path = f"/patients/{practice.ana.id}/notes"
    assert practice.desk.post(path, data={"text": " ", "visibility": "private"}).status_code == 422


def test_the_editor_says_that_nobody_watches_live(practice: Practice) -> None:
    assert "nobody watches them live" in words_of(page(practice.desk, practice.editor))
