"""What an account has, noun by noun, as a take-out holds it and brings it back.

A record is a row without what belongs to this server alone: ids, hashes, and the account itself. Where one
noun refers to another it names the number of that record in its own list, so that the same diary makes the
same take-out wherever it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, func, select
from sqlalchemy.orm import Session

from app.models.account import Account
from app.models.aftercare import AftercareSequence, AftercareTemplate, AftercareTemplateVersion
from app.models.check_in import ActivityScore, CheckIn, Intake, NamedActivity
from app.models.feedback import Feedback
from app.models.help_card import HelpCard
from app.models.home_care import HomeCarePlan
from app.models.plan_answer import PlanAnswer
from app.models.question import Question, QuestionReview
from app.models.reminder import Reminder, ReminderKind
from app.models.treatment_session import TreatmentSession, Visibility

Record = dict[str, Any]
Row = Mapping[str, Any]
KeyOf = Callable[[str, Any], Any]
"""What a row is called that another one refers to: from the noun and the id."""


def _all(_table: Table) -> ColumnElement[bool] | None:
    return None


@dataclass(frozen=True, slots=True)
class Noun:
    """Rows of one table that belong to an account and can come back as rows.

    `owner` is the column that names the account; without one, `within` names the noun (and column) whose
    account it is. `order` are the columns that number the rows. `left_out` says of each column that is not in
    a record why. `refers` maps a column to the noun whose record it names. Of rows that are the same in
    `unique` an account has one; when there is one already, it stays. `told_as` are columns that are told in
    another way than they are kept, and `hide` takes away what the account may not see.
    """

    name: str
    table: Table
    order: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    owner: str | None = "patient_id"
    within: tuple[str, Noun] | None = None
    refers: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] | None = None
    only: Callable[[Table], ColumnElement[bool] | None] = _all
    told_as: Callable[[Table], Mapping[str, ColumnElement[Any]]] = lambda _table: {}
    hide: Callable[[Row, UUID], Record] = lambda row, _account_id: dict(row)

    @property
    def told(self) -> list[str]:
        """The columns of a record."""
        return [column.name for column in self.table.c if column.name not in {self.owner, *self.left_out}]

    def of(self, account_id: UUID) -> Select[Any]:
        """The rows of an account, in their order."""
        told_as = self.told_as(self.table)
        columns = [told_as.get(c.name, c).label(c.name) for c in self.table.c]
        rows = select(*columns).where(self._belongs_to(account_id))
        chosen = self.only(self.table)
        rows = rows if chosen is None else rows.where(chosen)
        return rows.order_by(*(self.table.c[name] for name in self.order))

    def _belongs_to(self, account_id: UUID) -> ColumnElement[bool]:
        if self.within is None:
            return self.table.c[self.owner or ""] == account_id
        column, parent = self.within
        parents = select(parent.table.c.id).where(parent._belongs_to(account_id))
        return self.table.c[column].in_(parents)


def records_of(db: Session, account_id: UUID, nouns: tuple[Noun, ...]) -> dict[str, list[Record]]:
    """Every record of these nouns, by the name of the noun."""
    numbers: dict[str, dict[Any, int]] = {}
    found: dict[str, list[Record]] = {}
    for noun in nouns:
        rows = [dict(row) for row in db.execute(noun.of(account_id)).mappings()]
        numbers[noun.name] = {row.get("id"): number for number, row in enumerate(rows, 1)}
        records = [record_of(noun, row, account_id, lambda name, key: numbers[name][key]) for row in rows]
        found[noun.name] = sorted(records, key=lambda record: _place(noun, record))
    return found


def _place(noun: Noun, record: Record) -> list[int]:
    """Rows within others come in the order of those, for their own ids say nothing."""
    return [record[name] for name in noun.refers] if noun.within else []


def record_of(noun: Noun, row: Row, account_id: UUID, key_of: KeyOf) -> Record:
    """A row as plain JSON values; what is not known is left out."""
    shown = noun.hide(row, account_id)
    return {
        name: key_of(noun.refers[name], shown[name]) if name in noun.refers else plain(shown[name])
        for name in noun.told
        if shown[name] is not None
    }


def plain(value: Any) -> Any:
    """A value as JSON has it; instants in UTC, times of day as HH:MM."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case UUID():
            return str(value)
        case _:
            return value


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


OWN_NUMBERS = "a number of this server"
FOLLOWS = "follows from the rest"
OVER_BY_THEN = "over by the time it comes back"
BY_PATIENT = "patient"
"""In place of the account that wrote something: the patient it is about."""


def _without_what_is_private(row: Row, account_id: UUID) -> Record:
    """What a therapist keeps to themselves about a session is theirs, not the patient's."""
    own = row["written_by"] == account_id
    hidden = () if own or row["visibility"] == Visibility.SHARED else _WRITTEN
    told = {**row, "written_by": BY_PATIENT if own else None}
    return told | dict.fromkeys(hidden)


def _author_if_own(column: str) -> Callable[[Row, UUID], Record]:
    """Another's account is a number of this server; that it was the patient is worth telling."""

    def hide(row: Row, account_id: UUID) -> Record:
        return {**row, column: BY_PATIENT if row[column] == account_id else None}

    return hide


def _name_of_therapist(table: Table) -> Mapping[str, ColumnElement[Any]]:
    accounts = _table(Account)
    name = select(accounts.c.name).where(accounts.c.id == table.c.therapist_id).scalar_subquery()
    return {"therapist_name": func.coalesce(name, table.c.therapist_name)}


def _arranged(table: Table) -> ColumnElement[bool]:
    return table.c.kind != ReminderKind.AFTERCARE.value


_WRITTEN = ("regions", "findings", "done", "visibility")

SESSIONS = Noun(
    "sessions",
    _table(TreatmentSession),
    ("starts_at", "id"),
    {"id": OWN_NUMBERS, "therapist_id": "told by name"},
    told_as=_name_of_therapist,
    hide=_without_what_is_private,
)
INTAKE = Noun("intake", _table(Intake), ("written_at",), unique=())
ACTIVITIES = Noun("activities", _table(NamedActivity), ("started_at", "name", "id"), {"id": OWN_NUMBERS})
CHECK_INS = Noun(
    "check_ins",
    _table(CheckIn),
    ("answered_at", "id"),
    {"id": OWN_NUMBERS},
    refers={"session_id": "sessions"},
    unique=("session_id",),
)
ACTIVITY_SCORES = Noun(
    "activity_scores",
    _table(ActivityScore),
    ("check_in_id", "activity_id"),
    owner=None,
    within=("check_in_id", CHECK_INS),
    refers={"check_in_id": "check_ins", "activity_id": "activities"},
    unique=("check_in_id", "activity_id"),
)
FEEDBACK = Noun(
    "feedback",
    _table(Feedback),
    ("given_at",),
    refers={"session_id": "sessions"},
    unique=("session_id",),
)
AFTERCARE = Noun(
    "aftercare",
    _table(AftercareSequence),
    ("started_at",),
    {"template_version_id": OWN_NUMBERS},
    refers={"session_id": "sessions"},
    unique=("session_id",),
)
PLANS = Noun(
    "plans",
    _table(HomeCarePlan),
    ("version",),
    {"id": OWN_NUMBERS},
    hide=_author_if_own("author_id"),
)
PLAN_ANSWERS = Noun(
    "plan_answers",
    _table(PlanAnswer),
    ("answered_at", "item_id", "id"),
    {"id": OWN_NUMBERS},
    refers={"plan_id": "plans"},
    unique=("plan_id", "item_id"),
)
REMINDERS = Noun(
    "reminders",
    _table(Reminder),
    ("created_at", "kind", "plan_item", "id"),
    {
        "id": OWN_NUMBERS,
        "due_at": FOLLOWS,
        "target": FOLLOWS,
        "snoozed_until": OVER_BY_THEN,
        "snoozed_day": OVER_BY_THEN,
        **dict.fromkeys(("session_id", "step", "step_number", "on_day"), "of the aftercare"),
    },
    only=_arranged,
    hide=_author_if_own("plan_author_id"),
)
QUESTIONS = Noun("questions", _table(Question), ("asked_at", "id"), {"id": OWN_NUMBERS})
REVIEWS = Noun(
    "question_reviews",
    _table(QuestionReview),
    ("reviewed_on",),
    owner=None,
    within=("question_id", QUESTIONS),
    refers={"question_id": "questions"},
    unique=("question_id", "reviewed_on"),
)
HELP_CARD = Noun("help_card", _table(HelpCard), ("shown_on",), unique=())
OF_PATIENTS = (
    SESSIONS,
    INTAKE,
    ACTIVITIES,
    CHECK_INS,
    ACTIVITY_SCORES,
    FEEDBACK,
    AFTERCARE,
    PLANS,
    PLAN_ANSWERS,
    REMINDERS,
    QUESTIONS,
    REVIEWS,
    HELP_CARD,
)
"""In an order in which whatever is referred to comes first."""

TEMPLATES = Noun(
    "aftercare_templates",
    _table(AftercareTemplate),
    ("created_at", "id"),
    {"id": OWN_NUMBERS, "practice_id": "those of a practice are the practice's", "retired_by": OWN_NUMBERS},
    owner="therapist_id",
)
TEMPLATE_VERSIONS = Noun(
    "aftercare_template_versions",
    _table(AftercareTemplateVersion),
    ("created_at", "version", "id"),
    {"id": OWN_NUMBERS, "written_by": OWN_NUMBERS},
    owner=None,
    within=("template_id", TEMPLATES),
    refers={"template_id": "aftercare_templates"},
)
OF_THERAPISTS = (TEMPLATES, TEMPLATE_VERSIONS)
