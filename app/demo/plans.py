"""The plans of the demo people: two versions each, what they ticked, and what they said to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.demo.diaries import DemoEntry
from app.demo.people import DemoPatient
from app.home_care.answers import answer_plan
from app.home_care.write import write_plan
from app.models.home_care import PlanIn
from app.models.patient import PatientProfile
from app.models.plan_answer import PlanAnswerIn
from app.models.plan_in_force import PlanHistory, plan_history
from app.models.therapist_note import NoteIn, write_note
from app.reminders.own_reminders import stored_reminders
from app.reminders.plan import next_look, plan_for
from app.reminders.schedule import instant_of

Item = dict[str, Any]
_FIRST, _SECOND = 70, 11
"""Days ago on which the two versions were written."""


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """Two versions with why the second was written, what was answered to it, and two notes.

    `does` is how often an item is ticked as done on a logged day; `answers` are (item, answer, comment).
    """

    first: tuple[Item, ...]
    second: tuple[Item, ...]
    why: str
    flare: str
    answers: tuple[tuple[str, str, str | None], ...]
    private_note: str
    shared_note: str
    does: float = 0.7


def _water(glasses: int) -> Item:
    return {"id": "water", "kind": "water", "title": "Water", "target": {"min": glasses}}


def _stretch(title: str, why: str) -> Item:
    dose, target = "5 to 10 minutes each morning", {"min": 5}
    return {"id": "stretch", "kind": "stretch", "title": title, "dose": dose, "target": target, "why": why}


_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
_KNEES = {
    "id": "knees-to-chest",
    "kind": "exercise",
    "title": "Knees to chest",
    "dose": "Hold 20 seconds, 3 times",
    "why": "Lets the low back lengthen after sitting.",
    "reminder_times": ["17:30"],
    "bad_day": "Once, only as far as it is pleasant",
}
_BRIDGES = {
    "id": "bridges",
    "kind": "exercise",
    "title": "Bridges",
    "dose": "8 times, twice",
    "why": "Your left hip gets tired first. This wakes it up.",
    "days": ["mon", "wed", "fri"],
    "link": "https://www.nhs.uk/live-well/exercise/strength-exercises/",
}
_PAUSES = {
    "id": "desk-pauses",
    "kind": "custom",
    "title": "Stand up from the desk",
    "dose": "Once an hour",
    "days": _WEEKDAYS,
    "why": "Two hours in one go is what stiffens the left side.",
}
_SLEEP = {"id": "sleep", "kind": "sleep", "title": "Sleep", "target": {"min": 7, "max": 9}}
_CHIN = {
    "id": "chin-tucks",
    "kind": "exercise",
    "title": "Chin tucks",
    "dose": "10 times, slowly",
    "why": "Takes the weight off the muscles at the back of the neck.",
    "reminder_times": ["12:30"],
    "bad_day": "5 times, lying down",
}
_JAW = {
    "id": "jaw-rest",
    "kind": "custom",
    "title": "Teeth apart, tongue resting",
    "dose": "Whenever you think of it",
    "why": "A jaw that rests by day is less tired in the morning.",
}
_FOREARM = {
    "id": "forearm-stretch",
    "kind": "exercise",
    "title": "Forearm stretch against the wall",
    "dose": "30 seconds on each side, before and after playing",
    "why": "The right side does the work of two in the octaves.",
    "bad_day": "Only after playing",
}

PLANS = {
    "ana@demo.example": DemoPlan(
        first=(
            _water(8),
            _stretch("Gentle stretching", "The back is stiffest before breakfast."),
            _SLEEP,
            _KNEES,
        ),
        second=(
            _water(8),
            _stretch("Gentle stretching", "The back is stiffest before breakfast."),
            _SLEEP,
            {**_KNEES, "dose": "Hold 30 seconds, 4 times"},
            _BRIDGES,
            _PAUSES,
        ),
        why="Twenty seconds have become easy for you, so we go a little further. Bridges are new: stop at "
        "eight, even if you could do more.",
        flare="Walk through the flat every hour and keep warm. Nothing has to be trained on such a day.",
        answers=(
            ("knees-to-chest", "ok", None),
            ("bridges", "too_much", "Six are fine. At eight my left thigh starts to burn."),
        ),
        private_note="Guards the left side when turning on the table. Ask about the car seat.",
        shared_note="A rolled towel behind the low back in the car is worth trying on longer drives.",
    ),
    "amina@demo.example": DemoPlan(
        first=(_water(7), _stretch("Shoulders and neck", "Lets the shoulders come down."), _CHIN),
        second=(
            _water(7),
            _stretch("Shoulders and neck", "Lets the shoulders come down."),
            {**_CHIN, "dose": "6 times, slowly"},
            _JAW,
        ),
        why="You said ten in a row made your head heavy, so six are enough. The jaw is new.",
        flare="A warm cloth on the shoulders and an early night are enough.",
        answers=(
            ("chin-tucks", "ok", None),
            ("jaw-rest", "no_time", "I forget it as soon as I sit in the library."),
        ),
        private_note="Exams until the end of the month. Keep the plan small.",
        shared_note="If the headache comes with blurred vision, see your doctor and do not wait for me.",
        does=0.55,
    ),
    "marta@demo.example": DemoPlan(
        first=(_water(6), _stretch("Hip and thigh", "Keeps the hip moving between sessions."), _BRIDGES),
        second=(
            _water(6),
            _stretch("Hip and thigh", "Keeps the hip moving between sessions."),
            {**_BRIDGES, "dose": "6 times"},
        ),
        why="Fewer bridges, so that the garden still has some of you left.",
        flare="Sit high, change position often, and leave the garden alone.",
        answers=(),
        private_note="Call if nothing is logged before the session.",
        shared_note="The stick is for outside. Indoors try without it.",
        does=0.4,
    ),
    "leo@demo.example": DemoPlan(
        first=(_stretch("Forearms, both sides", "Warm before the first scale."), _FOREARM),
        second=(
            _stretch("Forearms, both sides", "Warm before the first scale."),
            {**_FOREARM, "dose": "45 seconds on each side, before and after playing"},
            {
                "id": "practice-in-parts",
                "kind": "custom",
                "title": "Practise in parts of twenty minutes",
                "dose": "At most four a day",
                "why": "Your own idea, and a good one.",
            },
        ),
        why="You practised in parts by yourself and it suited you, so it is in the plan now.",
        flare="No octaves. Slow scales, or nothing.",
        answers=(("forearm-stretch", "ok", None), ("practice-in-parts", "ok", "Harder before a concert.")),
        private_note="Right wrist extension about 10 degrees less than left.",
        shared_note="Let the left hand rest too, it does more than you notice.",
        does=0.65,
    ),
}


def seed_plan(
    db: Session, demo: DemoPatient, patient: PatientProfile, therapist_id: UUID, now: datetime
) -> None:
    """Both versions, written when they would have been; the answers came two days after the second."""
    told = PLANS.get(demo.email)
    if told is None:
        return
    began, changed = now - timedelta(days=_FIRST), now - timedelta(days=_SECOND)
    write_plan(db, patient, therapist_id, _plan(told.first, told.flare, ""), began)
    version = write_plan(db, patient, therapist_id, _plan(told.second, told.flare, told.why), changed)
    for item, answer, comment in told.answers:
        said = {"version": version.version, "item": item, "answer": answer, "comment": comment}
        answer_plan(db, patient, PlanAnswerIn.model_validate(said), changed + timedelta(days=2))
    _notes(db, told, patient.id, therapist_id, changed)
    for reminder in stored_reminders(db, patient.id):
        reminder.due_at = next_look(plan_for(reminder, patient), now)
    db.flush()


def ticks_of(
    db: Session, demo: DemoPatient, patient: PatientProfile, logged: Collection[date], now: datetime
) -> list[DemoEntry]:
    """What was ticked on the logged days; always the same for the same day."""
    told = PLANS.get(demo.email)
    if told is None:
        return []
    chance = Random(f"ticks of {demo.email}")  # noqa: S311 (has to be the same every time, not secret)
    history = plan_history(db, patient.id)
    ticks = [tick for day in sorted(set(logged)) for tick in _ticked(history, told, day, patient, chance)]
    return [tick for tick in ticks if tick.recorded_at <= now]


def _ticked(
    history: PlanHistory, told: DemoPlan, day: date, patient: PatientProfile, chance: Random
) -> Iterator[DemoEntry]:
    asked = [one.item.id for one in history.on(day).asked if one.item.kind.measure is None]
    said = {item: answer for item in asked if (answer := _answer(told.does, chance))}
    at, made = instant_of(day, time(18, chance.randrange(60)), patient.zone), chance.getrandbits(128)
    if said and at is not None:
        yield DemoEntry(UUID(int=made, version=4), day, at, {"plan_items": said}, {})


def _answer(does: float, chance: Random) -> str | None:
    """Done, a reason why not, or nothing said."""
    drawn = chance.random()
    if drawn < does:
        return "done"
    return (
        chance.choice(("no_time", "no_time", "too_much", "hurts", "forgot")) if drawn < does + 0.18 else None
    )


def _plan(items: tuple[Item, ...], flare: str, why: str) -> PlanIn:
    return PlanIn.model_validate({"items": list(items), "flare": flare, "note": why})


def _notes(db: Session, told: DemoPlan, patient_id: UUID, therapist_id: UUID, at: datetime) -> None:
    for text, visibility in ((told.private_note, "private"), (told.shared_note, "shared")):
        said = NoteIn.model_validate({"text": text, "visibility": visibility})
        write_note(db, therapist_id, patient_id, said, at)
