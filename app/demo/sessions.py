"""What the demo people say before and after their sessions, and what their therapist wrote and planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.demo.people import DemoPatient
from app.models.aftercare import STANDARD
from app.models.body import BodyRegion, Side
from app.models.check_in import ActivityScore, CheckIn, IntakeIn
from app.models.feedback import Feedback, Pressure
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession, Visibility
from app.reminders.aftercare import start_sequence
from app.treatment.check_ins import OVERALL_CHANGE_EVERY
from app.treatment.intake import current_activities, write_intake

_EVENING_BEFORE = timedelta(hours=20)
_EVENING_AFTER = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class DemoTreatment:
    """One person's intake, what they ask for, and what was found and done, session by session.

    `activities` come with their score at the first check-in and at the latest one. `safety` is what was
    ticked before the session that is next. `overall` is how they rate the change, from the first rating on.
    """

    reason: str
    history: str
    feels: str
    goals: str
    must_know: str
    activities: tuple[tuple[str, int, int], ...]
    requests: tuple[str, ...]
    findings: tuple[str, ...]
    done: tuple[str, ...]
    comments: tuple[str, ...]
    overall: tuple[int, ...] = (3, 3, 2)
    safety: tuple[str, ...] = ()


_TREATMENTS = {
    "ana@demo.example": DemoTreatment(
        reason="Low back on the left since we moved house in the summer.",
        history="Broken wrist as a child, nothing else.",
        feels="A dull pull, sharp when I stand up after sitting.",
        goals="Lift my daughter without thinking about it first.",
        must_know="I bruise easily.",
        activities=(("Putting on socks", 3, 7), ("Driving for an hour", 4, 6), ("Lifting my daughter", 2, 5)),
        requests=(
            "The left side above the hip, please.",
            "It pulls down into the buttock when I drive.",
            "Sitting is better. Lifting is still the worst.",
            "Could you show me the stretch again?",
        ),
        findings=(
            "Left low back guarded, side-bending to the right limited.",
            "Buttock tender on deep pressure, hip turns in less on the left.",
            "Guarding eased. Bends forward to mid-shin.",
        ),
        done=(
            "Slow strokes along the back, pressure held at three points left of the spine.",
            "Deep work on the left buttock, hip moved through its range.",
            "Back and hip, then the stretch practised together.",
        ),
        comments=("Good pressure, a bit tender where you held it.", "", "Slept well that night."),
    ),
    "tomasz@demo.example": DemoTreatment(
        reason="Right shoulder, since a big ceiling job in the spring.",
        history="Collarbone broken in 2011, right.",
        feels="A catch when the arm is overhead, a dull ache at night.",
        goals="Paint a ceiling without stopping every ten minutes.",
        must_know="Nothing.",
        activities=(("Painting overhead", 2, 4), ("Sleeping on the right side", 3, 4)),
        requests=("The front of the shoulder.", "Neck as well, if there is time.", "Same as last time."),
        findings=("Arc painful between 80 and 120 degrees.", "Shoulder blade moves late."),
        done=("Rotator muscles and chest, light traction.", "Shoulder blade moved, neck loosened."),
        comments=("Sore the next day, then better.", "A little too strong on the front.", ""),
        overall=(4, 3, 3),
    ),
    "amina@demo.example": DemoTreatment(
        reason="Neck and jaw. It began in the exam weeks.",
        history="None.",
        feels="Tight like a band, headache from the neck upwards.",
        goals="Get through a lecture without a headache.",
        must_know="I grind my teeth at night. My dentist knows.",
        activities=(("Reading for an hour", 5, 4), ("Chewing hard bread", 6, 5)),
        requests=("The jaw, right side.", "The back of the neck. Headache since yesterday."),
        findings=("Jaw opens to three fingers, right side tender.", "Upper neck stiff, more on the right."),
        done=("Neck and jaw, gentle, from outside.", "Neck in slow holds, breathing."),
        comments=("Head felt light afterwards, in a good way.", "Headache came back in the evening."),
        overall=(3, 4, 5),
        safety=("night_pain",),
    ),
    "jun@demo.example": DemoTreatment(
        reason="Right knee, running.",
        history="Ankle sprain, left, two years ago.",
        feels="Stiff at the start of a run, aching afterwards.",
        goals="Ten kilometres in the spring.",
        must_know="Nothing.",
        activities=(("Stairs down", 4, 9), ("Running 5 km", 2, 6)),
        requests=("Calf, both sides.", "The outside of the knee."),
        findings=("Calf tight on the right, knee calm.", "Kneecap moves freely."),
        done=("Calf and outer thigh, deep and slow.", "Thigh, then the stretches."),
        comments=("Right pressure.", ""),
    ),
    "marta@demo.example": DemoTreatment(
        reason="Left hip, worse since the winter.",
        history="Hip replaced on the right in 2018.",
        feels="An ache in the groin, stiff in the morning.",
        goals="A morning in the garden.",
        must_know="Blood thinners.",
        activities=(("Getting up from a chair", 4, 5), ("Kneeling in the garden", 2, 3)),
        requests=("Please go gently today.", "The groin and the side of the hip."),
        findings=("Hip bends to 95 degrees, turning in painful.", "Gait shorter on the left."),
        done=("Light work around the hip, no pressure on the groin.", "Thigh and low back, gently."),
        comments=("Thank you for going slowly.", ""),
        overall=(4, 4, 3),
    ),
    "leo@demo.example": DemoTreatment(
        reason="Right forearm, piano.",
        history="None.",
        feels="A pull along the top of the forearm after an hour.",
        goals="Play a whole evening.",
        must_know="I need my hands the same night. Nothing that leaves them weak, please.",
        activities=(("Octaves, ten minutes", 5, 7), ("Opening jars", 6, 8)),
        requests=("The top of the forearm.", "Thumb side. Concert on Saturday."),
        findings=("Tender two fingers below the elbow, grip even.", "Forearm softer than last time."),
        done=("Forearm along the grain, wrist moved.", "Forearm and hand, light."),
        comments=("Just right.", "A bit light this time."),
    ),
}


def seed_treatment(
    db: Session, demo: DemoPatient, patient: PatientProfile, therapist_id: UUID, now: datetime
) -> None:
    """The intake, a check-in before each session, feedback after most, and the steps after the last one."""
    said, chance = _TREATMENTS[demo.email], Random(demo.email)  # noqa: S311 (not secret)
    sessions = _sessions(db, patient.id)
    write_intake(db, patient, _intake(said), sessions[0].starts_at - timedelta(days=2))
    held = [session for session in sessions if session.held_at]
    for number, session in enumerate(held):
        _write_down(session, said, demo, therapist_id, number / len(held))
        _answer(db, session, said, number, chance)
    near = [one for one in sessions if one.starts_at < now + timedelta(days=1)]
    _check_ins(db, demo, patient, near, held)
    db.flush()
    if held:
        start_sequence(db, patient, held[-1], STANDARD, None, now)


def _sessions(db: Session, patient_id: UUID) -> Sequence[TreatmentSession]:
    return db.scalars(
        select(TreatmentSession)
        .where(col(TreatmentSession.patient_id) == patient_id)
        .order_by(col(TreatmentSession.starts_at))
    ).all()


def _intake(said: DemoTreatment) -> IntakeIn:
    return IntakeIn(
        reason=said.reason,
        history=said.history,
        pain_feels=said.feels,
        hard_activities=[name for name, _first, _latest in said.activities],
        goals=said.goals,
        must_know=said.must_know,
    )


def _write_down(
    session: TreatmentSession, said: DemoTreatment, demo: DemoPatient, therapist_id: UUID, share: float
) -> None:
    """`share` says how far along the treatment was, from 0 to 1."""
    session.regions = [_site(region, side) for region, side, _often in demo.places[:2]]
    session.findings = said.findings[int(share * len(said.findings))]
    session.done = said.done[int(share * len(said.done))]
    session.visibility = (Visibility.SHARED if share > 0.5 else Visibility.PRIVATE).value
    session.written_by = therapist_id


def _answer(db: Session, session: TreatmentSession, said: DemoTreatment, number: int, chance: Random) -> None:
    """Most evenings it was answered; the latest session too, except where the steps still ask."""
    if session.held_at is None or chance.random() < 0.2:
        return
    at = session.held_at + _EVENING_AFTER
    db.add(
        Feedback(
            session_id=session.id,
            patient_id=session.patient_id,
            pressure=chance.choices(list(Pressure), (1, 6, 1))[0].value,
            soreness=max(min(round(chance.gauss(4.2, 0.9)), 10), 0),
            comment=said.comments[number % len(said.comments)] or None,
            given_at=at,
            updated_at=at,
        )
    )


def _check_ins(
    db: Session,
    demo: DemoPatient,
    patient: PatientProfile,
    sessions: Sequence[TreatmentSession],
    held: Sequence[TreatmentSession],
) -> None:
    """One before each session; the change is rated from four weeks on, every four weeks."""
    said = _TREATMENTS[demo.email]
    places = [_site(region, side) for region, side, often in demo.places if often > 0.4]
    activities = {one.name: one.id for one in current_activities(db, patient.id)}
    rated_at = held[0].held_at if held else None
    ratings = list(said.overall)
    for number, session in enumerate(sessions):
        at = session.starts_at - _EVENING_BEFORE
        is_due = rated_at is not None and at >= rated_at + OVERALL_CHANGE_EVERY and bool(ratings)
        rated_at = at if is_due else rated_at
        check_in = CheckIn(
            patient_id=patient.id,
            session_id=session.id,
            pain_sites=places,
            request=said.requests[number % len(said.requests)],
            overall_change=ratings.pop(0) if is_due else None,
            safety_items=list(said.safety) if session.held_at is None else [],
            answered_at=at,
            updated_at=at,
        )
        db.add(check_in)
        db.flush()
        share = number / max(len(sessions) - 1, 1)
        db.add_all(
            ActivityScore(
                check_in_id=check_in.id,
                activity_id=activities[name],
                score=round(first + (latest - first) * share),
            )
            for name, first, latest in said.activities
        )


def _site(region: BodyRegion, side: Side) -> dict[str, str]:
    return {"region": region.value, "side": side.value}
