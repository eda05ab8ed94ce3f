"""The brief: what a therapist reads in two minutes before a session, and only what the patient shares."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.looks import SharedPatient
from app.home_care.answers import GivenAnswer, answers_to
from app.home_care.words import KINDS, target_in_words
from app.insights.days import Coverage, Window, coverage, inside
from app.insights.since_last_session import LOOKED_BACK, Change, Windows, pain_change, windows_around
from app.language import _
from app.models.brief_read import Reading, last_reading
from app.models.care import Scope
from app.models.daily_log import Day, days_between
from app.models.home_care import PlanItem, PlanItemKind
from app.models.patient import diary_began
from app.models.plan_answer import PlanItemAnswer
from app.models.plan_in_force import DayPlan, PlanHistory, PlanVersion, plan_history
from app.models.treatment_session import TreatmentSession, held_sessions_known_to, next_session
from app.reminders.reach import ReminderReach, reach_of
from app.reports.before_session import (
    FeedbackQuoted,
    IntakeQuoted,
    SaidBefore,
    feedback_on,
    intake_quoted,
    said_before,
)
from app.reports.brief_days import (
    PainPlace,
    QuotedNote,
    Sleep,
    SorenessOfDay,
    last_notes,
    places_of,
    sleep_of,
    soreness_of,
    soreness_words,
)
from app.reports.data_quality import data_quality
from app.reports.exporting import WITHOUT_A_SESSION
from app.reports.habits import (
    DAILY_MEASURES,
    SHOWS_HABITS,
    HabitAnswers,
    ItemAnswers,
    habit_answers,
    item_answers,
    plans_of_window,
)
from app.reports.shared_days import in_scope


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One item of the plan in force, and what the patient answered to it, if they did and share it.

    `dose` is how much it asks for, in the words of its target where the therapist wrote none. What they said
    to all of it is a line of its own, without a dose.
    """

    kind: PlanItemKind
    name: str
    dose: str
    answer: PlanItemAnswer | None = None
    comment: str | None = None

    @property
    def suits(self) -> bool:
        """As far as the patient said."""
        return self.answer is None or self.answer is PlanItemAnswer.OK


@dataclass(frozen=True, slots=True)
class Brief:
    """One page about `first` through `last`. A part that is not shared is None; an empty one is empty.

    `last_session` is None while no session was held; then the window is the last 14 days. No window begins
    before the diary did. `compared` are the days whose pain is compared. `plan_stopped_on` is the day on
    which the patient stopped following the reader's plan, unless a newer one holds. `read` is None until this
    very brief was marked as read, and again once something was ticked after that.
    """

    patient_id: UUID
    patient_name: str
    scopes: list[Scope]
    first: date
    last: date
    last_session: date | None
    last_session_id: UUID | None
    next_session: datetime | None
    next_session_id: UUID | None
    said_before: SaidBefore
    places: list[PainPlace] | None
    pain: Change | None
    compared: Windows | None
    feedback: FeedbackQuoted | None
    soreness: list[SorenessOfDay] | None
    soreness_words: str | None
    habits: list[HabitAnswers] | None
    exercises: list[ItemAnswers] | None
    sleep: Sleep | None
    notes: list[QuotedNote] | None
    plan: list[PlanLine]
    plan_stopped_on: date | None
    intake: IntakeQuoted | None
    days_logged: Coverage
    reminders_reach: ReminderReach
    data_quality: str
    read: Reading | None


@dataclass(frozen=True, slots=True)
class _Held:
    """The held sessions a therapist may know of, oldest first, and their days in the patient's calendar."""

    sessions: list[TreatmentSession]
    days: list[date]

    @property
    def last(self) -> TreatmentSession | None:
        return self.sessions[-1] if self.sessions else None


def build_brief(db: Session, patient: SharedPatient, now: datetime) -> Brief:
    """The brief on `patient` as of `now`, for somebody who was let near them."""
    profile, scopes, today = patient.profile, patient.scopes, patient.profile.day_at(now)
    held = _held(db, patient)
    coming = next_session(db, profile.id, patient.therapist_id, now)
    session_day = held.days[-1] if held.days else None
    compared = windows_around(session_day, today)
    asked = session_day or today - timedelta(days=WITHOUT_A_SESSION - 1)
    window = Window(max(asked, diary_began(db, profile)), today)
    looked_back = min(window.first, compared.before.first, today - timedelta(days=LOOKED_BACK - 1))
    logged = days_between(db, profile.id, looked_back, today, at_most=(today - looked_back).days + 1)
    shared = in_scope(logged, scopes)
    history = _told_to(patient, plan_history(db, profile.id))
    plans = plans_of_window(history, window)
    measured = inside(shared, window) if Scope.MEASURES in scopes else None
    feedback = feedback_on(db, held.last.id, scopes) if held.last else None
    soreness = None if measured is None else soreness_of(measured, session_day, today)
    reach, logged_days = reach_of(db, profile.id, now), coverage(logged, window)
    read = last_reading(db, profile.id, patient.therapist_id)
    return Brief(
        patient_id=profile.id,
        patient_name=profile.name,
        scopes=sorted(scopes),
        first=window.first,
        last=window.last,
        last_session=session_day,
        last_session_id=held.last.id if held.last else None,
        next_session=coming.starts_at if coming else None,
        next_session_id=coming.id if coming else None,
        said_before=said_before(db, patient, *_first_and_last(held), now),
        places=None if measured is None else places_of(measured),
        pain=None if measured is None else pain_change(shared, compared, held.days),
        compared=None if measured is None else compared,
        feedback=feedback,
        soreness=soreness,
        soreness_words=soreness_words(soreness) if soreness else None,
        habits=_habits(inside(logged, window), plans) if scopes & SHOWS_HABITS else None,
        exercises=item_answers(logged, plans) if Scope.PLAN in scopes else None,
        sleep=None if measured is None else sleep_of(measured, plans),
        notes=last_notes(inside(shared, window)) if Scope.NOTES in scopes else None,
        plan=_plan(db, history, scopes, now),
        plan_stopped_on=_stopped_on(history, patient.therapist_id),
        intake=intake_quoted(db, patient),
        days_logged=logged_days,
        reminders_reach=reach,
        data_quality=data_quality(logged_days, reach, profile.zone),
        read=Reading(read.read_at, read.who) if read else None,
    )


def _held(db: Session, patient: SharedPatient) -> _Held:
    sessions = held_sessions_known_to(db, patient.profile.id, patient.therapist_id)
    return _Held(sessions, [patient.profile.day_at(one.held_at) for one in sessions if one.held_at])


def _first_and_last(held: _Held) -> tuple[datetime | None, datetime | None]:
    return (held.sessions[0].held_at, held.sessions[-1].held_at) if held.sessions else (None, None)


def _told_to(patient: SharedPatient, history: PlanHistory) -> PlanHistory:
    """A therapist's own plan and, with that scope, the patient's; never another therapist's."""
    own = (patient.profile.id,) if Scope.PLAN in patient.scopes else ()
    return history.only_by(patient.therapist_id, *own)


def _habits(days: Sequence[Day], plans: Mapping[date, DayPlan]) -> list[HabitAnswers]:
    answers = [habit_answers(measure, days, plans) for measure in DAILY_MEASURES]
    return [one for one in answers if one is not None]


def _plan(db: Session, history: PlanHistory, scopes: Collection[Scope], now: datetime) -> list[PlanLine]:
    """What is in force, first what does not suit the patient; empty while nobody wrote a plan."""
    in_force = history.in_force_at(now)
    answers = answers_to(db, [one.id for one in in_force] if Scope.PLAN in scopes else [])
    lines = [line for one in in_force for line in _lines(one, answers.get(one.id, ()))]
    return sorted(lines, key=lambda line: line.suits)


def _stopped_on(history: PlanHistory, author_id: UUID) -> date | None:
    return next((one.stopped_on for one in history.newest() if one.author_id == author_id), None)


def _lines(plan: PlanVersion, answers: Sequence[GivenAnswer]) -> Iterator[PlanLine]:
    for one in answers:
        if one.item is None and (one.comment or one.answer is not PlanItemAnswer.OK):
            yield PlanLine(PlanItemKind.CUSTOM, _("The plan as a whole"), "", one.answer, one.comment)
    for item in plan.items:
        yield _line(item, answers)


def _line(item: PlanItem, answers: Sequence[GivenAnswer]) -> PlanLine:
    name = item.title or _(KINDS[item.kind])
    dose = item.dose or target_in_words(item.kind, item.least, item.most)
    given = next((one for one in answers if one.item == item.id), None)
    if given is None:
        return PlanLine(item.kind, name, dose)
    return PlanLine(item.kind, name, dose, given.answer, given.comment)
