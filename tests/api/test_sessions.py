"""Sessions through the JSON door: booked, moved, cancelled, held, and what is said around them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from sqlalchemy.orm import Session

from app.access.care import revoke
from app.clock import utc_now
from builders import a_consent, a_patient, a_therapist
from running import AppInside


class InCare:
    """Ana and Rui, who treats her, each in their browser; Sofia treats her too, and Bea treats herself."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        people, self.consent_id = app.write(settle)
        self.patient_id = people["ana"]
        self.ana, self.rui, self.sofia, self.bea = (app.browser_of(people[name]) for name in people)

    def path(self, rest: str = "") -> str:
        return f"/api/patients/{self.patient_id}/sessions{rest}"

    def booked(self, starts_at: datetime, **more: Any) -> dict[str, Any]:
        answer = self.rui.post(self.path(), json={"starts_at": starts_at.isoformat(), **more})
        assert answer.status_code == 201, answer.text
        session: dict[str, Any] = answer.json()
        return session

    def hold(self, session: dict[str, Any], held_at: datetime, **more: Any) -> Response:
        said = {"held_at": held_at.isoformat(), "regions": [{"region": "low_back", "side": "left"}]}
        said |= {"visibility": "private", **more}
        return self.rui.post(self.path(f"/{session['id']}/held"), json=said)


def settle(db: Session) -> tuple[dict[str, Any], Any]:
    """Other people for every test, because all of them share one running app."""
    now, these = utc_now(), uuid4().hex[:8]
    ana, bea = (a_patient(db, f"{name}-{these}", now=now) for name in ("Ana", "Bea"))
    rui, sofia = (a_therapist(db, f"{name}-{these}", now=now) for name in ("Rui", "Sofia"))
    consent_id = a_consent(db, rui.id, ana, now=now)
    a_consent(db, sofia.id, ana, now=now)
    return {"ana": ana.id, "rui": rui.id, "sofia": sofia.id, "bea": bea.id}, (ana.id, consent_id)


@pytest.fixture
def care(standing_app: AppInside) -> InCare:
    return InCare(standing_app)


def ago(**span: float) -> datetime:
    return utc_now().replace(microsecond=0) - timedelta(**span)


@pytest.mark.parametrize("field", ["starts_at", "minutes", "cancelled"])
def test_a_session_that_is_moved_to_no_time_is_asked_about(care: InCare, field: str) -> None:
    booked = care.booked(ago(days=-3))
    answer = care.rui.patch(care.path(f"/{booked['id']}"), json={field: None})
    words = "Give this a value, or leave it out so that it stays."
    assert answer.json()["errors"] == [{"field": field, "code": "null", "message": words}]


def test_a_session_is_booked_moved_and_cancelled_and_the_cancelling_taken_back(care: InCare) -> None:
    booked = care.booked(ago(days=-3), minutes=45)
    later = ago(days=-4).isoformat()
    moved = care.rui.patch(care.path(f"/{booked['id']}"), json={"starts_at": later}).json()
    cancelled = care.rui.patch(care.path(f"/{booked['id']}"), json={"cancelled": True}).json()
    back = care.rui.patch(care.path(f"/{booked['id']}"), json={"cancelled": False}).json()
    assert datetime.fromisoformat(moved["starts_at"]) == datetime.fromisoformat(later)
    assert (moved["minutes"], moved["cancelled_at"]) == (45, None)
    assert cancelled["cancelled_at"] is not None
    assert back["cancelled_at"] is None


def test_two_taps_of_book_make_one_session(care: InCare) -> None:
    starts_at = ago(days=-3)
    care.booked(starts_at)
    again = care.rui.post(care.path(), json={"starts_at": starts_at.isoformat()})
    assert again.status_code == 409
    assert len(care.rui.get(care.path()).json()["sessions"]) == 1


def test_a_session_is_not_moved_into_the_past(care: InCare) -> None:
    booked = care.booked(ago(days=-3))
    refused = care.rui.patch(care.path(f"/{booked['id']}"), json={"starts_at": ago(days=7).isoformat()})
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [("starts_at", "past")]


def test_a_session_is_not_moved_onto_another(care: InCare) -> None:
    taken, moving = ago(days=-3), care.booked(ago(days=-4))
    care.booked(taken)
    refused = care.rui.patch(care.path(f"/{moving['id']}"), json={"starts_at": taken.isoformat()})
    assert refused.status_code == 409
    assert refused.json()["detail"] == "There is a session at that time already."
    assert len({one["starts_at"] for one in care.rui.get(care.path()).json()["sessions"]}) == 2


def test_a_cancelled_session_does_not_come_back_where_another_was_booked(care: InCare) -> None:
    starts_at = ago(days=-3)
    cancelled = care.booked(starts_at)
    care.rui.patch(care.path(f"/{cancelled['id']}"), json={"cancelled": True})
    care.booked(starts_at)
    assert care.rui.patch(care.path(f"/{cancelled['id']}"), json={"cancelled": False}).status_code == 409


def test_a_session_keeps_its_own_time_when_it_becomes_longer(care: InCare) -> None:
    booked = care.booked(ago(days=-3))
    longer = {"starts_at": booked["starts_at"], "minutes": 80}
    assert care.rui.patch(care.path(f"/{booked['id']}"), json=longer).json()["minutes"] == 80


def test_a_session_held_twice_is_a_conflict(care: InCare) -> None:
    booked = care.booked(ago(hours=1))
    first, second = care.hold(booked, ago(minutes=5)), care.hold(booked, ago(minutes=4))
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["code"] == "conflict"
    assert care.rui.get(care.path()).json()["sessions"] == [first.json()]


def test_a_held_session_answers_with_the_steps_of_the_next_days(care: InCare) -> None:
    booked = care.booked(ago(hours=1))
    held = care.hold(booked, ago(minutes=5)).json()
    # After an evening session the first of them wait for the end of the quiet hours.
    *soon, last = [step["kind"] for step in held["aftercare"]["steps"]]
    assert (sorted(soon), last) == (["compare", "feedback", "stretch", "water"], "before_next")
    eve = held["aftercare"]["steps"][-1]
    assert (eve["text"], eve["at"], eve["state"]) == (None, None, "waits")


def test_steps_can_be_written_for_one_session(care: InCare) -> None:
    booked = care.booked(ago(hours=1))
    steps = [{"kind": "water", "text": "Two glasses of water, slowly."}, "Heat pack tonight."]
    held = care.hold(booked, ago(minutes=5), aftercare=steps).json()
    said = [(step["kind"], step["text"]) for step in held["aftercare"]["steps"]]
    assert said == [("water", "Two glasses of water, slowly."), ("custom", "Heat pack tonight.")]


def test_a_session_can_be_held_without_any_aftercare(care: InCare) -> None:
    assert care.hold(care.booked(ago(hours=1)), ago(minutes=5), aftercare=[]).json()["aftercare"] is None


def test_the_steps_can_come_from_a_template_and_later_versions_do_not_change_them(care: InCare) -> None:
    template = {"name": "After deep work", "steps": [{"kind": "custom", "text": "Ice if swollen."}]}
    made = care.rui.post("/api/aftercare-templates", json=template).json()
    held = care.hold(care.booked(ago(hours=1)), ago(minutes=5), aftercare=made["id"]).json()
    path = f"/api/aftercare-templates/{made['id']}"
    again = care.rui.put(path, json={"name": "After deep work", "steps": ["Rest."]}).json()
    versions = care.rui.get(f"{path}/versions").json()["templates"]
    assert (made["version"], again["version"]) == (1, 2)
    assert [one["steps"][0]["text"] for one in versions] == ["Rest.", "Ice if swollen."]
    kept = care.rui.get(care.path()).json()["sessions"][0]["aftercare"]["steps"]
    assert kept == held["aftercare"]["steps"]
    assert kept[0]["text"] == "Ice if swollen."


def test_a_template_of_somebody_else_is_refused_and_nothing_is_held(care: InCare) -> None:
    made = care.sofia.post("/api/aftercare-templates", json={"name": "Mine", "steps": ["Rest."]}).json()
    answer = care.hold(care.booked(ago(hours=1)), ago(minutes=5), template=made["id"])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "template"
    assert care.rui.get(care.path()).json()["sessions"][0]["held_at"] is None


def test_what_is_private_is_read_by_its_writer_only(care: InCare) -> None:
    care.hold(care.booked(ago(hours=1)), ago(minutes=5), findings="Left side tight.", done="Slow strokes.")
    (own,) = care.rui.get(care.path()).json()["sessions"]
    (seen,) = care.ana.get("/api/sessions").json()["sessions"]
    assert (own["findings"], own["done"]) == ("Left side tight.", "Slow strokes.")
    assert (seen["findings"], seen["done"]) == (None, None)
    assert seen["regions"] == [{"region": "low_back", "side": "left"}]


def test_what_is_shared_is_read_by_the_patient(care: InCare) -> None:
    held = care.hold(care.booked(ago(hours=1)), ago(minutes=5), done="Slow strokes.", visibility="shared")
    assert held.status_code == 200
    assert care.ana.get("/api/sessions").json()["sessions"][0]["done"] == "Slow strokes."


def test_what_was_written_stays_when_a_session_is_taken_back_and_held_again(care: InCare) -> None:
    booked = care.booked(ago(hours=1))
    care.hold(booked, ago(minutes=5), findings="Left side tight.", done="Slow strokes.")
    care.rui.patch(care.path(f"/{booked['id']}"), json={"held_at": None})
    again = care.hold(booked, ago(minutes=10), visibility="shared").json()
    assert (again["findings"], again["done"]) == ("Left side tight.", "Slow strokes.")
    assert again["visibility"] == "private"


def test_what_a_therapist_wrote_does_not_pass_to_the_patient_who_marks_the_session_as_held(
    care: InCare,
) -> None:
    booked = care.booked(ago(hours=1))
    care.hold(booked, ago(minutes=5), findings="Left side tight.")
    care.rui.patch(care.path(f"/{booked['id']}"), json={"held_at": None})
    care.app.write(revoke, *care.consent_id, utc_now())
    held = {"held_at": ago(minutes=5).isoformat()}
    assert care.ana.post(f"/api/sessions/{booked['id']}/held", json=held).json()["findings"] is None


def test_two_therapists_keep_their_sessions_apart(care: InCare) -> None:
    booked = care.booked(ago(hours=1))
    care.hold(booked, ago(minutes=5), findings="Left side tight.", visibility="shared")
    assert care.sofia.get(care.path()).json()["sessions"] == []
    answer = care.sofia.patch(care.path(f"/{booked['id']}"), json={"cancelled": True})
    assert answer.status_code == 404


def test_a_revoked_therapist_reaches_no_session_from_the_next_request_on(care: InCare) -> None:
    booked = care.booked(ago(hours=1))
    care.app.write(revoke, *care.consent_id, utc_now())
    assert care.rui.get(care.path()).status_code == 404
    assert care.hold(booked, ago(minutes=5)).status_code == 404
    assert care.ana.get("/api/sessions").json()["sessions"][0]["held_at"] is None


def test_what_a_therapist_who_was_let_go_had_booked_can_be_cancelled_by_the_patient(care: InCare) -> None:
    booked = care.booked(ago(days=-2))
    held = care.hold(care.booked(ago(hours=1)), ago(minutes=5)).json()
    care.app.write(revoke, *care.consent_id, utc_now())
    cancelled = care.ana.patch(f"/api/sessions/{booked['id']}", json={"cancelled": True})
    corrected = care.ana.patch(f"/api/sessions/{held['id']}", json={"held_at": None})
    assert (cancelled.status_code, corrected.status_code) == (200, 404)


def test_a_patient_without_a_therapist_here_keeps_their_own_sessions(care: InCare) -> None:
    made = care.bea.post("/api/sessions", json={"starts_at": ago(hours=2).isoformat(), "minutes": 60})
    path = f"/api/sessions/{made.json()['id']}"
    held = care.bea.post(
        f"{path}/held",
        json={"held_at": ago(hours=1).isoformat(), "regions": ["neck_back"], "visibility": "private"},
    )
    assert made.status_code == 201
    assert held.status_code == 200
    assert held.json()["therapist_id"] is None
    assert len(held.json()["aftercare"]["steps"]) == 5


def test_a_patient_whose_therapist_is_here_leaves_booking_to_them(care: InCare) -> None:
    answer = care.ana.post("/api/sessions", json={"starts_at": ago(days=-1).isoformat(), "minutes": 60})
    assert answer.status_code == 409
    booked = care.booked(ago(days=-1))
    assert care.ana.patch(f"/api/sessions/{booked['id']}", json={"cancelled": True}).status_code == 404


def test_a_session_cannot_have_been_held_tomorrow(care: InCare) -> None:
    answer = care.hold(care.booked(ago(hours=1)), ago(days=-1))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "held_at"


def test_feedback_is_kept_and_can_be_changed(care: InCare) -> None:
    booked = care.booked(ago(hours=1))
    path = f"/api/sessions/{booked['id']}/feedback"
    early = care.ana.post(path, json={"pressure": "right"})
    care.hold(booked, ago(minutes=5))
    first = care.ana.post(path, json={"pressure": "too_strong", "soreness": 6, "comment": "Hip."})
    second = care.ana.post(path, json={"pressure": "right", "soreness": 5})
    assert (early.status_code, first.status_code, second.status_code) == (409, 201, 201)
    (seen,) = care.rui.get(care.path()).json()["sessions"]
    assert (seen["feedback"]["pressure"], seen["feedback"]["soreness"]) == ("right", 5)
    assert care.bea.post(path, json={"pressure": "right"}).status_code == 404


def test_soreness_in_the_feedback_is_the_soreness_of_that_day(care: InCare) -> None:
    booked = care.booked(ago(minutes=50))
    care.hold(booked, utc_now())
    care.ana.post(f"/api/sessions/{booked['id']}/feedback", json={"pressure": "right", "soreness": 4})
    (day,) = care.ana.get("/api/days").json()["days"]
    assert day["soreness"] == 4


def test_something_wrong_ends_the_aftercare_and_can_be_taken_back(care: InCare) -> None:
    booked = care.booked(ago(hours=1))
    care.hold(booked, ago(minutes=5))
    path = f"/api/sessions/{booked['id']}/something-wrong"
    ended = care.ana.post(path).json()
    gone_on = care.ana.delete(path).json()
    assert ended["aftercare"]["ended_because"] == "something_wrong"
    assert {step["state"] for step in ended["aftercare"]["steps"]} == {"over"}
    assert gone_on["aftercare"]["ended_at"] is None
    assert gone_on["aftercare"]["steps"][2]["state"] == "coming"
    assert gone_on["feedback"]["something_wrong_at"] is None


def test_the_intake_is_written_once_and_can_be_changed(care: InCare) -> None:
    said = {
        "reason": "Low back since the move.",
        "history": "Knee surgery 2019.",
        "hard_activities": ["Putting on socks", "Sitting through a film"],
        "goals": "Carry my daughter.",
        "must_know": "Blood thinners.",
    }
    assert care.ana.get("/api/intake").json()["reason"] is None
    assert care.ana.put("/api/intake", json=said).status_code == 200
    stored = care.ana.get("/api/intake").json()
    assert {name: stored[name] for name in said} == said


def test_a_check_in_is_for_the_next_session_and_names_what_is_asked(care: InCare) -> None:
    booked = care.booked(ago(days=-1))
    care.ana.put("/api/intake", json={"hard_activities": ["Putting on socks"]})
    said = {
        "request": "The left side, please.",
        "pain_sites": [{"region": "shoulder", "side": "left", "intensity": 4}],
        "activities": [{"name": "Putting on socks", "score": 3}],
        "overall_change": 2,
        "safety_items": ["night_pain"],
    }
    assert care.ana.put("/api/check-in", json=said).status_code == 200
    stored = care.ana.get("/api/check-in").json()
    assert {name: stored[name] for name in said} == said
    assert stored["session_id"] == booked["id"]
    assert stored["asked_activities"] == [{"name": "Putting on socks", "last": None}]


def test_what_cannot_be_is_refused_with_the_name_of_its_field(care: InCare) -> None:
    wrong = {
        "activities": [{"name": "Socks", "score": 11}],
        "overall_change": 0,
        "safety_items": ["headache"],
        "mood": "fine",
    }
    answer = care.ana.put("/api/check-in", json=wrong)
    fields = {error["field"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert fields == {"activities.0.score", "overall_change", "safety_items.0", "body"}


@pytest.mark.parametrize(
    "step",
    [
        {"kind": ["water"]},
        {"kind": "water", "after_hours": 0},
        {"kind": "water", "after_hours": 2, "at": "10:00"},
        {"kind": "custom"},
        {"kind": "custom", "text": "Rest.", "days_after": 1},
        {"kind": "dance", "text": "Rest."},
        {},
        7,
        None,
    ],
)
def test_a_step_that_cannot_be_is_refused_and_nothing_is_held(care: InCare, step: Any) -> None:
    booked = care.booked(ago(hours=1))
    answer = care.hold(booked, ago(minutes=5), aftercare=[step])
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("aftercare")
    assert care.ana.get("/api/sessions").json()["sessions"][0]["held_at"] is None


def test_a_name_with_what_cannot_be_seen_is_refused(care: InCare) -> None:
    answer = care.ana.post("/intake", data={"activity": "Socks\x00"})
    assert answer.status_code == 422


def test_today_offers_the_open_aftercare_and_the_check_in(care: InCare) -> None:
    care.hold(care.booked(ago(hours=1)), ago(minutes=5))
    care.booked(ago(days=-0.5))
    around = care.ana.get("/api/aftercare").json()
    assert around["aftercare"][0]["asks_feedback"] is True
    assert around["aftercare"][0]["therapist_name"].startswith("Rui")
    assert around["check_in"]["answered_at"] is None


def test_the_list_goes_on_where_a_page_ended(care: InCare) -> None:
    for day in range(1, 4):
        care.booked(ago(days=-day))
    first = care.rui.get(care.path()).json()["sessions"]
    rest = care.rui.get(care.path(), params={"cursor": first[0]["id"]}).json()
    assert [one["id"] for one in rest["sessions"]] == [one["id"] for one in first[1:]]
    assert rest["next_cursor"] is None
