"""What the patient says to a plan: to one item of a version, or to all of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.database import insert_into
from app.errors import FieldError, Invalid
from app.language import _
from app.models.home_care import HomeCarePlan
from app.models.patient import PatientProfile
from app.models.plan_answer import PlanAnswer, PlanAnswerIn, PlanItemAnswer
from app.models.plan_in_force import PlanVersion, plan_history


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer as it stands; `item` is None when it is about the version as a whole."""

    version: int
    item: str | None
    answer: PlanItemAnswer
    comment: str | None
    answered_at: datetime


def answer_plan(db: Session, patient: PatientProfile, said: PlanAnswerIn, now: datetime) -> GivenAnswer:
    """Answer, or answer anew: the last answer to an item of a version stands."""
    plan = _version(db, patient.id, said, now)
    answer = {"answer": said.answer.value, "comment": said.comment or None, "answered_at": now}
    row = {"id": uuid4(), "patient_id": patient.id, "plan_id": plan.id, "item_id": said.item or ""}
    # Of two taps at once the later one stands, and there is never a second row.
    db.execute(
        insert_into(db, PlanAnswer)
        .values(row | answer)
        .on_conflict_do_update(index_elements=["plan_id", "item_id"], set_=answer)
    )
    return GivenAnswer(plan.version, said.item, said.answer, said.comment or None, now)


def answers_to(db: Session, plan_ids: Collection[UUID]) -> dict[UUID, list[GivenAnswer]]:
    """The answers to these versions, by version, the first given first."""
    rows = db.execute(
        select(PlanAnswer, col(HomeCarePlan.version))
        .join(HomeCarePlan, col(HomeCarePlan.id) == col(PlanAnswer.plan_id))
        .where(col(PlanAnswer.plan_id).in_(list(plan_ids)))
        .order_by(col(PlanAnswer.answered_at), col(PlanAnswer.id))
    )
    found: dict[UUID, list[GivenAnswer]] = {plan_id: [] for plan_id in plan_ids}
    for row, version in rows:
        given = GivenAnswer(
            version, row.item_id or None, PlanItemAnswer(row.answer), row.comment, row.answered_at
        )
        found[row.plan_id].append(given)
    return found


def _version(db: Session, patient_id: UUID, said: PlanAnswerIn, now: datetime) -> PlanVersion:
    """The version that is answered. The plan a patient sees has one number, the highest of all versions in
    force, so an item may belong to another version in force than the one that was named."""
    history = plan_history(db, patient_id)
    in_force = history.in_force_at(now)
    version = next((one for line in history.lines for one in line if one.version == said.version), None)
    if version is None:
        raise Invalid(FieldError("version", "unknown", _("Choose a version of your plan.")))
    if said.item is None or version.item(said.item):
        return version
    asks = next((one for one in in_force if one.item(said.item)), None)
    if asks is None or version not in in_force:
        raise Invalid(FieldError("item", "unknown", _("Choose an item of this version.")))
    return asks
