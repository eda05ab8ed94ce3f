"""A patient who says as much as every field takes, for pages that have to stay pages all the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.home_care.answers import answer_plan
from app.models.body import BodyRegion
from app.models.check_in import CheckInSaid, IntakeIn, SafetyItem
from app.models.feedback import FeedbackIn
from app.models.patient import PatientProfile
from app.models.plan_answer import PlanAnswerIn, PlanItemAnswer
from app.treatment.check_ins import check_in
from app.treatment.feedback import give_feedback, say_something_is_wrong
from app.treatment.intake import write_intake
from builders import a_consent, a_logged_day, a_patient, a_plan, a_session, an_item

WORDS = ("It pulls from the neck down into the arm when I turn. " * 40).strip()[:2000]
PLACES = [
    {"region": region, "side": side, "intensity": 6}
    for region in (BodyRegion.SHOULDER, BodyRegion.HIP, BodyRegion.KNEE, BodyRegion.FOOT)
    for side in ("left", "right")
]
EXERCISES = [f"Exercise {number} with a name that says where, how and with what" for number in range(12)]
REASONS = ("done", "too_much", "hurts", "no_time", "forgot")


def a_heavy_patient(db: Session, therapist_id: UUID, now: datetime) -> PatientProfile:
    """Twelve exercises answered for every reason, and the longest words wherever words are taken."""
    held_at = now - timedelta(days=12)
    patient = a_patient(db, "Benedita", now=now - timedelta(days=60))
    a_consent(db, therapist_id, patient, now=now - timedelta(days=60))
    write_intake(db, patient, IntakeIn.model_validate(_intake()), now)
    items = [
        an_item(id=f"item-{place}", title=title, dose="3 times 10") for place, title in enumerate(EXERCISES)
    ]
    a_plan(db, patient, therapist_id, *items, now=held_at)
    session = a_session(db, patient.id, therapist_id, held_at, held_at)
    give_feedback(
        db, patient, session.id, FeedbackIn.model_validate({"pressure": "right", "comment": WORDS}), held_at
    )
    say_something_is_wrong(db, patient, session.id, held_at + timedelta(hours=3))
    _log(db, patient, now)
    said = PlanAnswerIn(version=1, item="item-0", answer=PlanItemAnswer.TOO_MUCH, comment=WORDS[:500])
    answer_plan(db, patient, said, now)
    check_in(db, patient, CheckInSaid.model_validate(_check_in()), now)
    return patient


def _intake() -> dict[str, Any]:
    activities = ["Putting on socks and shoes without sitting down", "Carrying the shopping up", "Driving"]
    words = dict.fromkeys(("reason", "history", "pain_feels", "goals", "must_know"), WORDS)
    return words | {"hard_activities": activities}


def _check_in() -> dict[str, Any]:
    scores = [{"name": name, "score": 4} for name in _intake()["hard_activities"]]
    ticked = [item.value for item in SafetyItem]
    return {"request": WORDS, "pain_sites": PLACES, "activities": scores, "safety_items": ticked}


def _log(db: Session, patient: PatientProfile, now: datetime) -> None:
    for back in range(24):
        at = now - timedelta(days=back)
        ticks = {f"item-{place}": REASONS[(place + back) % 5] for place in range(len(EXERCISES))}
        measures = {"pain": 6, "soreness": 4, "sleep_hours": 6.5, "water_glasses": 5, "stretching_minutes": 5}
        said = {"pain_sites": PLACES, "plan_items": ticks, "note": WORDS}
        a_logged_day(db, patient, patient.day_at(at), at, **measures, **said)
