"""Writing a new version of a plan, and taking back one that was just sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Conflict, FieldError, Invalid, NotFound
from app.language import _
from app.models.account import Account
from app.models.home_care import HomeCarePlan, PlanIn, PlanItem, PlanItemIn
from app.models.patient import Patient, PatientProfile
from app.models.plan_in_force import PlanVersion, plan_history
from app.reminders.of_the_plan import arrange_version, rearrange
from app.reminders.schedule import instant_of


def write_plan(
    db: Session, patient: PatientProfile, author_id: UUID, wanted: PlanIn, now: datetime
) -> PlanVersion:
    """The new version; the newest one again when nothing in it differs, so that sending twice is once.

    Raises Invalid for an id that an item of somebody else's plan has: a tick names its item by the id alone;
    Conflict when it is based on a version that is not the newest any more.
    """
    # Two who write at once wait for each other here, so that each version has its own number.
    db.get_one(Patient, patient.id, with_for_update=True)
    _require_own_ids(db, patient.id, author_id, wanted.items)
    newest = newest_of(db, patient.id, author_id)
    items = _items(wanted.items, newest.items if newest else ())
    if newest is not None and _says_the_same(newest, wanted, items):
        return newest
    _require_newest(newest, wanted.based_on)
    plan = _new_version(db, patient, author_id, wanted, items, now)
    db.add(plan)
    db.flush()
    if plan.effective == "now":
        arrange_version(db, patient, plan, now)
    return PlanVersion.of(plan)


def withdraw_plan(db: Session, patient: PatientProfile, author_id: UUID, version: int, now: datetime) -> None:
    """Take back the newest version of one's own, within an hour; what held before it holds again."""
    db.get_one(Patient, patient.id, with_for_update=True)
    newest = newest_of(db, patient.id, author_id)
    if newest is None or newest.version != version:
        raise NotFound
    plan = db.get_one(HomeCarePlan, newest.id)
    plan.withdraw(at=now)
    db.flush()
    if plan.arranged_at is not None:
        rearrange(db, patient, newest.author, newest, _holding(db, patient.id, author_id, now), now)


def stop_plan(db: Session, patient: PatientProfile, version: int, now: datetime) -> None:
    """The patient stops what the author of `version` asks for: from now on nothing of it holds or reminds.
    Stopping again changes nothing."""
    stopped = _line_of(db, patient, version)
    history = plan_history(db, patient.id)
    holding = next((one for one in history.in_force_at(now) if one.id in {plan.id for plan in stopped}), None)
    for plan in stopped:
        plan.stop(patient.day_at(now), at=now)
    db.flush()
    if holding is not None:
        rearrange(db, patient, holding.author, holding, None, now)


def go_on_with_plan(db: Session, patient: PatientProfile, version: int, now: datetime) -> None:
    """Take back a stop, within an hour: the plan holds and reminds as it was written."""
    line = _line_of(db, patient, version)
    stopped_at = max((plan.stopped_at for plan in line if plan.stopped_at), default=None)
    if stopped_at is None:
        return
    for plan in line:
        if plan.stopped_at == stopped_at:
            plan.go_on(at=now)
    db.flush()
    ids = {plan.id for plan in line}
    holding = next((one for one in plan_history(db, patient.id).in_force_at(now) if one.id in ids), None)
    if holding is not None:
        rearrange(db, patient, holding.author, None, holding, now)


def _line_of(db: Session, patient: PatientProfile, version: int) -> Sequence[HomeCarePlan]:
    """All versions by the author of this one."""
    db.get_one(Patient, patient.id, with_for_update=True)
    versions = db.scalars(
        select(HomeCarePlan).where(
            col(HomeCarePlan.patient_id) == patient.id, col(HomeCarePlan.withdrawn_at).is_(None)
        )
    ).all()
    named = next((one for one in versions if one.version == version), None)
    if named is None:
        raise NotFound
    return [one for one in versions if one.author == named.author]


def _require_own_ids(db: Session, patient_id: UUID, author_id: UUID, wanted: Sequence[PlanItemIn]) -> None:
    named = {item.id: place for place, item in enumerate(wanted) if item.id is not None}
    if not named:
        return
    of_others = select(HomeCarePlan).where(
        col(HomeCarePlan.patient_id) == patient_id, col(HomeCarePlan.author_id).is_distinct_from(author_id)
    )
    taken = {item["id"] for plan in db.scalars(of_others) for item in plan.items}
    message = _("This id cannot be used here. Leave it out, or choose another.")
    wrong = [
        FieldError(f"items.{place}.id", "id_taken", message) for id, place in named.items() if id in taken
    ]
    if wrong:
        raise Invalid(*wrong)


def draft_items(
    db: Session, patient_id: UUID, author_id: UUID, wanted: PlanIn
) -> tuple[Sequence[PlanItem], Sequence[PlanItem]]:
    """The items of this author's newest version, and those that would follow them. Raises Conflict as
    writing them would."""
    newest = newest_of(db, patient_id, author_id)
    _require_newest(newest, wanted.based_on)
    before = newest.items if newest else ()
    return before, _items(wanted.items, before)


def _require_newest(newest: PlanVersion | None, based_on: int | None) -> None:
    if based_on not in (None, newest.version if newest else 0):
        raise Conflict(_("This plan was changed meanwhile. Read it again, then change it."))


def newest_of(db: Session, patient_id: UUID, author_id: UUID) -> PlanVersion | None:
    """The newest version that this author wrote, whether or not it counts already."""
    of_author = [one for one in plan_history(db, patient_id).newest() if one.author_id == author_id]
    return next(iter(of_author), None)


def _holding(db: Session, patient_id: UUID, author_id: UUID, now: datetime) -> PlanVersion | None:
    in_force = plan_history(db, patient_id).in_force_at(now)
    return next((one for one in in_force if one.author_id == author_id), None)


def _new_version(
    db: Session,
    patient: PatientProfile,
    author_id: UUID,
    wanted: PlanIn,
    items: Sequence[PlanItem],
    now: datetime,
) -> HomeCarePlan:
    last = db.scalar(
        select(func.max(col(HomeCarePlan.version))).where(col(HomeCarePlan.patient_id) == patient.id)
    )
    first_day, effective_at = _begins(patient, wanted, now)
    return HomeCarePlan(
        patient_id=patient.id,
        version=(last or 0) + 1,
        author_id=author_id,
        asked_by=db.get_one(Account, author_id).name,
        effective=wanted.effective,
        written_at=now,
        effective_at=effective_at,
        first_day=first_day,
        items=[item.to_store() for item in items],
        note=wanted.note,
        flare=wanted.flare,
    )


def _begins(patient: PatientProfile, wanted: PlanIn, now: datetime) -> tuple[date, datetime]:
    """The first day a version counts on, and from which instant."""
    today = patient.day_at(now)
    if wanted.effective == "now":
        return today, now
    # A zone may leave a day out, as Apia did in 2011; then the day after it is the next.
    for day in (today + timedelta(days=1), today + timedelta(days=2)):
        begins = instant_of(day, patient.day_starts_at, patient.zone)
        if begins is not None:
            return day, begins
    return today, now


def _items(wanted: Sequence[PlanItemIn], before: Sequence[PlanItem]) -> list[PlanItem]:
    """The items with their ids: the one they name, that of the same item before, or a new one."""
    named = {item.id for item in wanted if item.id is not None}
    free = {(item.kind, item.title): item.id for item in before if item.id not in named}
    return [_item(item, item.id or free.pop((item.kind, item.title), None)) for item in wanted]


def _item(wanted: PlanItemIn, item_id: str | None) -> PlanItem:
    target = wanted.target
    return PlanItem(
        id=item_id or uuid4().hex,
        kind=wanted.kind,
        title=wanted.title,
        why=wanted.why,
        dose=wanted.dose,
        least=target.min if target else None,
        most=target.max if target else None,
        days=tuple(wanted.days),
        reminder_times=tuple(f"{at:%H:%M}" for at in sorted(set(wanted.reminder_times))),
        link=wanted.link or None,
        bad_day=wanted.bad_day or None,
    )


def _says_the_same(newest: PlanVersion, wanted: PlanIn, items: Sequence[PlanItem]) -> bool:
    said = (newest.items, newest.note, newest.flare, newest.effective)
    return newest.stopped_at is None and said == (tuple(items), wanted.note, wanted.flare, wanted.effective)
