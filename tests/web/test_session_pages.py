"""Sessions on both sides of care, as a browser without scripts uses them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from selectolax.lexbor import LexborNode
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import local_time, utc_now
from app.language.saying import as_sentence, moment_near
from app.models.treatment_session import session_to_hold
from builders import a_consent, a_logged_day, a_patient, a_session, a_therapist
from running import AppInside
from web.reading import filled_in, found, parsed, words_of


class Practice:
    """Ana with her phone and Rui, who treats her, at his desk."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.ana, self.rui_id = app.write(settle)
        self.phone, self.desk = app.browser_of(self.ana.id), app.browser_of(self.rui_id)
        self.path = f"/patients/{self.ana.id}/sessions"

    def booked(self, starts_at: datetime) -> str:
        return str(self.app.write(a_session, self.ana.id, self.rui_id, starts_at).id)

    def form(self, session_id: str = "") -> dict[str, Any]:
        """The form of "Session done" as it opens."""
        query = f"?session={session_id}" if session_id else ""
        page = parsed(self.desk.get(f"{self.path}/done{query}"))
        form = found(page, "form")
        return filled_in(form) | {
            "day": [found(form, "[name=day]").attributes["value"]],
            "time": [found(form, "[name=time]").attributes["value"]],
        }

    def done(self, form: dict[str, Any], **more: Any) -> Response:
        return self.desk.post(f"{self.path}/done", data={**form, **more})

    def held(self) -> str:
        """A session of an hour ago, closed by the form as it opens."""
        session_id = self.booked(utc_now() - timedelta(hours=1))
        assert self.done(self.form(session_id)).status_code == 303
        return session_id

    def last(self) -> dict[str, Any]:
        session: dict[str, Any] = self.phone.get("/api/sessions").json()["sessions"][0]
        return session


def settle(db: Session) -> Any:
    now, these = utc_now(), uuid4().hex[:8]
    ana = a_patient(db, f"Ana-{these}", now=now)
    rui = a_therapist(db, f"Rui-{these}", now=now)
    a_consent(db, rui.id, ana, now=now)
    a_logged_day(db, ana, ana.day_at(now), now, pain_sites=[{"region": "shoulder", "side": "left"}])
    return ana, rui.id


@pytest.fixture
def practice(standing_app: AppInside) -> Practice:
    return Practice(standing_app)


@pytest.fixture
def bea(standing_app: AppInside) -> TestClient:
    """Somebody whom nobody treats here."""
    return standing_app.browser_of(standing_app.write(a_patient, f"Bea-{uuid4().hex[:8]}", now=utc_now()).id)


def page(browser: TestClient, path: str) -> LexborNode:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return parsed(answer)


def when(at: datetime) -> dict[str, str]:
    local = local_time(at, "Europe/Lisbon")
    return {"day": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}


def test_a_session_is_booked_by_the_clock_of_the_therapist(practice: Practice) -> None:
    answer = practice.desk.post(practice.path, data={"day": "2027-03-29", "time": "10:00", "minutes": "45"})
    assert answer.headers["location"] == f"{practice.path}?done=booked"
    booked = practice.last()
    assert (booked["starts_at"], booked["minutes"]) == ("2027-03-29T09:00:00Z", 45)


@pytest.mark.parametrize("where", ["brief", "notes", "plan", "sessions", "sessions/done"])
def test_a_page_says_by_whose_clock_it_is_where_two_differ(practice: Practice, where: str) -> None:
    path = f"/patients/{practice.ana.id}/{where}"
    assert "by your clock" not in words_of(page(practice.desk, path))
    practice.phone.patch("/api/me", json={"zone": "Asia/Tokyo"})
    assert "Times here are by your clock. For Ana-" in words_of(page(practice.desk, path))


def test_a_session_is_moved(practice: Practice) -> None:
    session_id = practice.booked(utc_now() + timedelta(days=2))
    practice.desk.post(f"{practice.path}/{session_id}/move", data={"day": "2027-01-05", "time": "08:30"})
    assert practice.last()["starts_at"] == "2027-01-05T08:30:00Z"


def test_a_session_is_cancelled_and_the_cancelling_taken_back(practice: Practice) -> None:
    session_id = practice.booked(utc_now() + timedelta(days=2))
    cancelled = practice.desk.post(f"{practice.path}/{session_id}/cancel", data={"x": "y"})
    undo = found(page(practice.desk, cancelled.headers["location"]), ".notice form")
    assert practice.last()["cancelled_at"] is not None
    practice.desk.post(undo.attributes["action"], data={"x": "y"})
    assert practice.last()["cancelled_at"] is None


def test_a_day_that_is_none_is_refused_in_words(practice: Practice) -> None:
    answer = practice.desk.post(practice.path, data={"day": "soon", "time": "10:00"})
    assert answer.status_code == 422
    assert "Choose a day and a time." in words_of(found(parsed(answer), "main .notice"))


@pytest.mark.parametrize("minutes", ["0", "4,5", "1e3", "481", "an hour"])
def test_minutes_that_are_none_are_named_and_what_was_typed_stays(practice: Practice, minutes: str) -> None:
    form = {"day": "2027-03-29", "time": "11:15", "minutes": minutes}
    answer = practice.desk.post(practice.path, data=form)
    assert answer.status_code == 422
    told = "Not saved. Write the minutes as a whole number from 5 to 480."
    assert words_of(found(parsed(answer), "main .notice")) == told
    kept = [found(parsed(answer), f"#{field}").attributes["value"] for field in ("new-time", "minutes")]
    assert kept == ["11:15", minutes]


def test_minutes_are_read_in_the_digits_of_the_writer(practice: Practice) -> None:
    practice.desk.post(practice.path, data={"day": "2027-03-29", "time": "10:00", "minutes": "٤٥"})
    assert practice.last()["minutes"] == 45


def test_a_booking_sent_twice_is_one_session(practice: Practice) -> None:
    form = filled_in(found(page(practice.desk, practice.path), "form:has(#minutes)"))
    form |= {"day": "2027-03-29", "time": "10:00"}
    first, second = (practice.desk.post(practice.path, data=form) for _time in range(2))
    assert second.headers["location"] == first.headers["location"]
    assert len(practice.phone.get("/api/sessions").json()["sessions"]) == 1
    assert practice.desk.post(practice.path, data=form | {"time": "11:00"}).status_code == 409


def test_a_session_is_closed_by_choosing_a_place_and_sending(practice: Practice) -> None:
    session_id = practice.booked(utc_now() - timedelta(hours=1))
    offered = [
        box.attributes["value"]
        for box in page(practice.desk, f"{practice.path}/done").css(".chips [name=place]")
    ]
    assert offered[0] == "shoulder:left"
    assert practice.done(practice.form(session_id), place="shoulder:left").status_code == 303
    held = practice.last()
    assert held["regions"] == [{"region": "shoulder", "side": "left"}]
    kinds = {step["kind"] for step in held["aftercare"]["steps"]}
    assert kinds == {"water", "stretch", "feedback", "compare", "before_next"}


def test_places_said_for_another_therapists_session_are_not_offered(practice: Practice) -> None:
    maria = practice.app.write(a_therapist, f"Maria-{uuid4().hex[:8]}", now=utc_now())
    practice.app.write(a_consent, maria.id, practice.ana, now=utc_now())
    practice.app.write(a_session, practice.ana.id, maria.id, utc_now() + timedelta(hours=3))
    knee = {"region": "knee", "side": "left"}
    assert practice.phone.put("/api/check-in", json={"pain_sites": [knee]}).status_code == 200
    offered = found(page(practice.desk, f"{practice.path}/done"), ".chips").css("[name=place]")
    assert [box.attributes["value"] for box in offered] == ["shoulder:left"]


@pytest.mark.parametrize("hours", [-3, 3], ids=["left open", "still to come"])
def test_the_session_booked_for_today_is_the_one_to_close(practice: Practice, hours: int) -> None:
    noon = utc_now().replace(hour=12, minute=0, second=0, microsecond=0)
    practice.booked(noon + timedelta(hours=20))
    session_id = practice.booked(noon + timedelta(hours=hours))
    found = practice.app.read(session_to_hold, practice.ana.id, practice.rui_id, "Europe/Lisbon", noon)
    assert str(found.id) == session_id


def test_the_page_says_which_session_it_closes(practice: Practice) -> None:
    at = utc_now() - timedelta(hours=1)
    practice.booked(at)
    told = words_of(page(practice.desk, f"{practice.path}/done"))
    assert f"This closes the session booked for {moment_near(at, utc_now(), 'Europe/Lisbon')}." in told
    practice.done(practice.form())
    told = words_of(page(practice.desk, f"{practice.path}/done"))
    assert "This adds a session that was not booked." in told


def test_a_session_with_somebody_else_does_not_hide_the_one_of_today(practice: Practice) -> None:
    practice.app.write(a_session, practice.ana.id, None, utc_now() - timedelta(hours=2))
    session_id = practice.booked(utc_now() - timedelta(hours=1))
    assert practice.form()["session"] == [session_id]


def test_a_session_the_patient_keeps_leaves_the_way_to_ones_own_open(practice: Practice) -> None:
    practice.app.write(a_session, practice.ana.id, None, utc_now() + timedelta(days=1))
    links = page(practice.desk, practice.path).css(".button--primary")
    assert [link.attributes["href"] for link in links] == [f"{practice.path}/done"]
    session_id = practice.booked(utc_now() + timedelta(days=2))
    links = page(practice.desk, practice.path).css(".button--primary")
    assert [link.attributes["href"] for link in links] == [f"{practice.path}/done?session={session_id}"]


def test_two_taps_of_send_make_one_session(practice: Practice) -> None:
    form = practice.form()
    first, second = practice.done(form), practice.done(form)
    assert second.headers["location"] == first.headers["location"]
    assert len(practice.phone.get("/api/sessions").json()["sessions"]) == 1


def test_two_taps_of_send_are_one_also_where_earlier_words_stay(practice: Practice) -> None:
    session_id = practice.booked(utc_now() - timedelta(hours=1))
    practice.done(practice.form(session_id), findings="Softer.", visibility="shared")
    practice.desk.post(f"{practice.path}/{session_id}/correct", data={"not_held": "yes"})
    form = practice.form(session_id)
    assert [practice.done(form).status_code for _tap in range(2)] == [303, 303]
    assert practice.last()["findings"] == "Softer."


def test_what_was_held_is_not_written_anew_by_an_older_page(practice: Practice) -> None:
    form = practice.form()
    practice.done(form)
    second = practice.done(form, findings="Much better.")
    assert second.status_code == 409
    assert "already held" in words_of(found(parsed(second), ".summary"))


def test_the_times_shown_are_those_at_which_the_steps_will_come(practice: Practice) -> None:
    session_id = practice.booked(utc_now() - timedelta(hours=1))
    (standard, *_others) = page(practice.desk, f"{practice.path}/done?session={session_id}").css(".choice")
    shown = [words_of(one) for one in standard.css(".lines label, .step-list li > :first-child")]
    practice.done(practice.form(session_id))
    planned = [step["at"] for step in practice.last()["aftercare"]["steps"] if step["at"]]
    moments = [moment_near(datetime.fromisoformat(at), utc_now(), "Europe/Lisbon") for at in planned]
    assert set(map(as_sentence, moments)) <= set(shown)
    assert "On the eve of the next session, at 18:00" in shown


def test_a_step_whose_time_is_over_is_not_promised(practice: Practice) -> None:
    session_id = practice.booked(utc_now() - timedelta(days=5))
    (standard, *_others) = page(practice.desk, f"{practice.path}/done?session={session_id}").css(".choice")
    told = [words_of(one) for one in standard.css(".lines label, .step-list li > :first-child")]
    assert told == ["On the eve of the next session, at 18:00"]
    assert "These would not come:" in words_of(standard)
    assert len(standard.css(".lines > :last-child li")) == 4


def test_no_step_is_promised_after_a_session_that_another_one_followed(practice: Practice) -> None:
    session_id = practice.booked(utc_now() - timedelta(hours=3))
    practice.held()
    (standard, *_others) = page(practice.desk, f"{practice.path}/done?session={session_id}").css(".choice")
    assert standard.css(".lines label, .step-list li") == []


def test_lines_can_be_written_anew_and_left_out(practice: Practice) -> None:
    lines = {
        "line-standard-0": "Two glasses,\r\nslowly.",
        "line-standard-1": "",
        "line-standard-2": "Warm bath.",
    }
    practice.done(practice.form(), **lines)
    steps = practice.last()["aftercare"]["steps"]
    assert [step["text"] for step in steps if step["text"]] == ["Two glasses, slowly.", "Warm bath."]
    assert "stretch" not in [step["kind"] for step in steps]


def test_a_session_can_be_closed_without_any_steps(practice: Practice) -> None:
    answer = practice.done(practice.form(), template="none")
    assert practice.last()["aftercare"] is None
    assert "on their way" not in words_of(page(practice.desk, answer.headers["location"]))


def test_what_is_shared_is_read_by_the_patient_and_what_is_private_is_not(practice: Practice) -> None:
    practice.done(practice.form(), findings="Left side tight.", visibility="shared")
    assert "Left side tight." in words_of(page(practice.phone, "/sessions"))
    practice.done(practice.form(), findings="Seems worried.", visibility="private")
    assert "Seems worried." not in words_of(page(practice.phone, "/sessions"))
    assert "Seems worried." in words_of(page(practice.desk, practice.path))


def test_the_steps_move_when_the_time_is_corrected(practice: Practice) -> None:
    # Otherwise at night both times would be the end of the quiet hours.
    practice.phone.patch("/api/me", json={"quiet_from": "12:00", "quiet_until": "12:00"})
    session_id = practice.held()
    before = practice.last()["aftercare"]["steps"][0]["at"]
    earlier = when(utc_now() - timedelta(hours=2))
    answer = practice.desk.post(f"{practice.path}/{session_id}/correct", data=earlier)
    assert answer.headers["location"].startswith(f"{practice.path}?done=corrected")
    assert practice.last()["aftercare"]["steps"][0]["at"] < before


def test_a_session_that_was_not_held_is_open_again(practice: Practice) -> None:
    session_id = practice.held()
    practice.desk.post(f"{practice.path}/{session_id}/correct", data={"not_held": "yes"})
    assert practice.last()["held_at"] is None


def test_a_template_is_added_changed_and_retired(practice: Practice) -> None:
    path = "/aftercare-templates"
    form = {"name": "After deep work", "text-0": "Ice if swollen.", "hours-0": "3", "ask-feedback": "yes"}
    practice.desk.post(path, data=form)
    (made,) = practice.desk.get(f"/api{path}").json()["templates"]
    practice.desk.post(f"{path}/{made['id']}", data={**form, "text-0": "Rest."})
    (changed,) = practice.desk.get(f"/api{path}").json()["templates"]
    assert [step["kind"] for step in made["steps"]] == ["custom", "feedback"]
    assert (changed["version"], changed["steps"][0]["text"]) == (2, "Rest.")
    retired = practice.desk.post(f"{path}/{made['id']}/retire", data=form)
    assert practice.desk.get(f"/api{path}").json()["templates"] == []
    undo = found(page(practice.desk, retired.headers["location"]), ".notice form")
    practice.desk.post(undo.attributes["action"], data=form)
    assert len(practice.desk.get(f"/api{path}").json()["templates"]) == 1


def test_a_template_without_a_name_is_refused_and_keeps_what_was_typed(practice: Practice) -> None:
    answer = practice.desk.post("/aftercare-templates", data={"name": "", "text-0": "Ice if swollen."})
    assert answer.status_code == 422
    assert "Ice if swollen." in answer.text


@pytest.mark.parametrize("hours", ["1e9", "-2", "soon", "73", "2.5"])
def test_hours_that_are_none_are_refused_by_line_and_kept(practice: Practice, hours: str) -> None:
    form = {"name": "After deep work", "text-0": "Rest.", "hours-0": "2", "text-1": "Ice.", "hours-1": hours}
    answer = practice.desk.post("/aftercare-templates", data=form)
    assert answer.status_code == 422
    wrong = found(parsed(answer), ".summary a")
    assert (words_of(wrong), wrong.attributes["href"]) == ("Line 2: choose 1 to 72 hours.", "#hours-1")
    assert found(parsed(answer), "#hours-1").attributes["value"] == hours


@pytest.mark.parametrize(
    "when", [{}, {"hours-0": "2", "days-0": "1", "at-0": "18:00"}, {"days-0": "1"}, {"at-0": "18:00"}]
)
def test_a_line_without_one_time_is_refused(practice: Practice, when: dict[str, str]) -> None:
    answer = practice.desk.post("/aftercare-templates", data={"name": "Rest", "text-0": "Rest.", **when})
    told = words_of(found(parsed(answer), ".summary a"))
    assert told == "Line 1: give either hours, or days and a time."


def test_a_change_that_is_refused_stays_with_its_template(practice: Practice) -> None:
    path, form = "/aftercare-templates", {"name": "After deep work", "text-0": "Rest.", "hours-0": "2"}
    practice.desk.post(path, data=form)
    (made,) = practice.desk.get(f"/api{path}").json()["templates"]
    change = f"{path}/{made['id']}"
    answer = parsed(practice.desk.post(change, data=form | {"text-0": "Ice.", "hours-0": "x"}))
    typed = found(answer, f"form[action='{change}']")
    assert words_of(found(typed, "[name=text-0]")) == "Ice."
    assert found(answer, f"form[action='{path}'] [name=name]").attributes["value"] == ""


def test_the_steps_of_a_template_stand_in_the_order_in_which_they_come(practice: Practice) -> None:
    lines = {"text-0": "Walk.", "days-0": "3", "at-0": "10:00", "text-1": "Rest.", "hours-1": "2"}
    practice.desk.post("/aftercare-templates", data={"name": "Slow", "ask-feedback": "yes", **lines})
    listed = found(page(practice.desk, "/aftercare-templates"), ".step-list").css("li > :first-child")
    assert [words_of(one) for one in listed] == [
        "2 hours after",
        "That day at 18:00",
        "3 days after, at 10:00",
    ]


def test_a_text_as_long_as_its_field_allows_is_taken_with_its_lines(practice: Practice) -> None:
    lines = ["x" * 999, "x" * 1000]
    assert practice.phone.post("/intake", data={"reason": "\r\n".join(lines)}).status_code == 303
    assert practice.phone.get("/api/intake").json()["reason"] == "\n".join(lines)


def test_a_template_that_asks_for_the_same_four_times_brings_it_four_times(practice: Practice) -> None:
    cold = {"name": "Cold", "steps": ["Ice."] * 4}
    template = practice.desk.post("/api/aftercare-templates", json=cold).json()
    practice.done(practice.form(), template=template["id"])
    assert [step["text"] for step in practice.last()["aftercare"]["steps"]] == ["Ice."] * 4


def test_the_intake_is_kept_and_shown_again(practice: Practice) -> None:
    said = {"reason": "Low back.", "activity": ["Putting on socks", "", ""], "must_know": "Blood thinners."}
    assert practice.phone.post("/intake", data=said).headers["location"] == "/intake?saved=yes"
    shown = filled_in(found(page(practice.phone, "/intake"), "form"))
    assert (shown["reason"], shown["must_know"]) == (["Low back."], ["Blood thinners."])


def test_a_check_in_asks_how_the_named_things_go(practice: Practice) -> None:
    practice.booked(utc_now() + timedelta(days=1))
    practice.phone.post("/intake", data={"activity": ["Putting on socks"]})
    form = filled_in(found(page(practice.phone, "/check-in"), "form"))
    practice.phone.post("/check-in", data={**form, "score-0": "4", "request": "The left side."})
    said = practice.phone.get("/api/check-in").json()
    assert (said["request"], said["activities"]) == (
        "The left side.", [{"name": "Putting on socks", "score": 4}]
    )  # fmt: skip


def test_ticking_what_is_new_shows_how_to_get_help(practice: Practice) -> None:
    answer = practice.phone.post("/check-in", data={"safety": "night_pain"})
    shown = page(practice.phone, answer.headers["location"])
    assert "Nobody watches Aftercare live." in words_of(found(shown, "#get-help"))


def test_who_sees_a_tick_is_said_by_name(practice: Practice) -> None:
    path, rui = f"/sessions/{practice.held()}/feedback", practice.desk.get("/api/me").json()["name"]
    for asked in ("/check-in", path):
        assert f"{rui} sees what you tick here" in words_of(page(practice.phone, asked))


def test_once_sharing_has_stopped_nobody_is_said_to_see_a_tick(practice: Practice) -> None:
    path = f"/sessions/{practice.held()}/feedback"
    (consent,) = practice.phone.get("/api/care").json()["relationships"]
    practice.phone.post(f"/sharing/{consent['id']}/stop", data={"x": "y"})
    for asked in ("/check-in", path):
        shown = page(practice.phone, asked)
        assert "Nobody but you sees what you tick here." in words_of(shown)
        assert shown.css("main a[href='/help#get-help']")


def test_somebody_whom_nobody_treats_is_promised_no_therapist(bea: TestClient) -> None:
    shown = words_of(page(bea, "/check-in"))
    assert "Nobody but you sees what you tick here." in shown
    assert "Your therapist reads it" not in shown


def test_overall_change_is_not_asked_at_the_beginning(practice: Practice) -> None:
    assert page(practice.phone, "/check-in").css("[name=overall_change]") == []


def test_feedback_is_given_that_evening(practice: Practice) -> None:
    path = f"/sessions/{practice.held()}/feedback"
    nothing = practice.phone.post(path, data={"comment": "Hip."})
    given = practice.phone.post(path, data={"pressure": "right", "soreness": "3", "comment": "Hip."})
    assert (nothing.status_code, given.headers["location"]) == (422, "/sessions?done=thanks")
    assert "Pressure right, soreness 3 of 10" in words_of(page(practice.desk, practice.path))


def test_something_wrong_shows_how_to_get_help_and_can_be_undone(practice: Practice) -> None:
    path = f"/sessions/{practice.held()}/something-wrong"
    answer = practice.phone.post(path, data={"x": "y"})
    shown = page(practice.phone, answer.headers["location"])
    assert "Nobody watches Aftercare live." in words_of(shown)
    assert practice.last()["aftercare"]["ended_because"] == "something_wrong"
    practice.phone.post(found(shown, ".notice form").attributes["action"], data={"x": "y"})
    assert practice.last()["aftercare"]["ended_at"] is None


def test_while_something_is_wrong_today_and_the_page_of_steps_say_so(practice: Practice) -> None:
    path = f"/sessions/{practice.held()}/something-wrong"
    practice.phone.post(path, data={"x": "y"})
    assert "hidden" not in found(page(practice.phone, "/today"), f"#after a[href='{path}']").attributes
    assert practice.phone.get("/api/today").json()["something_wrong"] in path
    assert found(page(practice.phone, "/sessions"), f"a[href='{path}']")
    steps = page(practice.phone, "/aftercare")
    assert found(steps, "main .notice a[href='/help#get-help']")
    assert "No steps are open" not in words_of(steps)
    taken_back = practice.phone.post(found(steps, ".notice form").attributes["action"], data={"x": "y"})
    assert "Taken back." in words_of(found(page(practice.phone, taken_back.headers["location"]), "main"))
    assert practice.phone.get("/api/today").json()["something_wrong"] is None


def test_after_the_next_session_nothing_is_said_to_be_wrong_any_more(practice: Practice) -> None:
    practice.phone.post(f"/sessions/{practice.held()}/something-wrong", data={"x": "y"})
    later = utc_now() + timedelta(minutes=1)
    practice.app.write(a_session, practice.ana.id, practice.rui_id, later, later)
    assert practice.phone.get("/api/aftercare").json()["something_wrong"] is None


def test_open_steps_are_reached_from_the_top_of_today(practice: Practice) -> None:
    practice.held()
    today = page(practice.phone, "/today")
    assert "hidden" not in found(today, "#after a[href='/aftercare']").attributes
    assert today.html.index('id="after"') < today.html.index('id="log"')


def test_the_open_steps_have_a_page_that_needs_no_script(practice: Practice) -> None:
    practice.held()
    assert "Drink some water" in words_of(page(practice.phone, "/aftercare"))


def test_somebody_without_a_therapist_here_writes_down_their_own_session(bea: TestClient) -> None:
    form = filled_in(found(page(bea, "/sessions"), "#took-place form"))
    answer = bea.post("/sessions/held", data={**form, **when(utc_now() - timedelta(hours=1))})
    assert answer.headers["location"].startswith("/sessions?done=held&about=")
    assert bea.post("/sessions/held", data={**form, **when(utc_now())}).status_code == 409
    (session,) = bea.get("/api/sessions").json()["sessions"]
    assert len(session["aftercare"]["steps"]) == 5


def test_sessions_to_come_are_not_headed_like_a_button_that_goes_on(practice: Practice) -> None:
    practice.phone.patch("/api/me", json={"locale": "de"})
    headed = found(page(practice.phone, "/sessions"), "#ahead-heading")
    assert words_of(headed) == "Nächste Termine"


def test_a_session_entered_a_year_off_is_corrected_or_taken_back_right_there(bea: TestClient) -> None:
    form = filled_in(found(page(bea, "/sessions"), "#took-place form"))
    answer = bea.post("/sessions/held", data={**form, **when(utc_now() - timedelta(days=360))})
    entered = page(bea, answer.headers["location"])
    fold = found(entered, found(entered, ".notice a").attributes["href"] or "")
    assert "open" in fold.attributes
    bea.post(found(fold, "form").attributes["action"], data={"not_held": "yes"})
    assert bea.get("/api/sessions").json()["sessions"][0]["held_at"] is None


def test_a_patient_in_care_is_offered_no_form_to_book(practice: Practice) -> None:
    assert page(practice.phone, "/sessions").css("#book") == []
