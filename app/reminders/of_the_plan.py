"""The reminders a home-care plan asks for, each with the item it exists for as its reason.

A version is arranged once, when it begins to count. What the patient chose stands: a reminder they
switched off or took away stays so, times they changed stay until the plan asks for other times, and who
has a reminder of their own for a habit gets no second one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import zone_names
from app.models.account import Account
from app.models.home_care import SLEEP, STRETCHING, WATER, HomeCarePlan, PlanItem, PlanItemKind
from app.models.patient import Patient, PatientProfile, patient_profile
from app.models.plan_in_force import PlanHistory, PlanVersion, plan_history
from app.models.reminder import Reminder, ReminderKind
from app.reminders.ledger import hold_back
from app.reminders.plan import next_look, plan_for

REMINDED = {
    PlanItemKind.WATER: ReminderKind.WATER,
    PlanItemKind.STRETCH: ReminderKind.STRETCH,
    PlanItemKind.SLEEP: ReminderKind.SLEEP,
    PlanItemKind.EXERCISE: ReminderKind.EXERCISE,
}
"""The kind of reminder for each kind of item; the others are reminded of in their own words."""
ONE_OF_EACH = (ReminderKind.WATER, ReminderKind.STRETCH, ReminderKind.SLEEP)
MEASURES = {
    ReminderKind.WATER.value: WATER.measure,
    ReminderKind.STRETCH.value: STRETCHING.measure,
    ReminderKind.SLEEP.value: SLEEP.measure,
}
REMINDERS_OF_PLANS = 40
"""The most that plans may bring along for one patient."""
ARRANGED_AT_ONCE = 50

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Stand:
    """A patient's reminders as they stand from an instant on; None is from now on."""

    since: datetime | None
    reminders: Sequence[Reminder]


def arrange_version(db: Session, patient: PatientProfile, plan: HomeCarePlan, now: datetime) -> None:
    """Arrange what this version asks for, now that it counts; one that was overtaken or stopped asks for
    nothing."""
    history = plan_history(db, patient.id)
    plan.arranged_at = now
    version = next((one for line in history.lines for one in line if one.id == plan.id), None)
    if version is not None and version.stopped_at is None:
        rearrange(db, patient, version.author, history.before(version), version, now)


def rearrange(
    db: Session,
    patient: PatientProfile,
    author: UUID | str,
    before: PlanVersion | None,
    after: PlanVersion | None,
    now: datetime,
) -> None:
    """Go from the reminders of one version of an author to those of another."""
    there = _reminders(db, patient.id)
    gone, new = _followed(there, patient, _asked_by(db, patient.id, author), before, after, now)
    for reminder in gone:
        _let_go(db, reminder, now)
    db.add_all(new)
    db.flush()
    set_targets(db, patient, now)


def foretold(db: Session, patient: PatientProfile, now: datetime) -> list[Stand]:
    """How the patient's reminders will stand once each version begins that was written for later."""
    history = plan_history(db, patient.id)
    coming = sorted(history.coming_at(now), key=lambda one: one.effective_at)
    there = _reminders(db, patient.id) if coming else []
    stands = []
    for version in coming:
        begins, copies = version.effective_at, [Reminder(**one.model_dump()) for one in there]
        asked, before = _asked_by(db, patient.id, version.author), history.before(version)
        gone, new = _followed(copies, patient, asked, before, version, begins)
        there = [*(one for one in copies if one not in gone), *new]
        for reminder in there:
            reminder.target = target_in(history, reminder.kind, patient, begins)
        stands.append(Stand(begins, there))
    return stands


def _followed(
    there: Sequence[Reminder],
    patient: PatientProfile,
    asked: Collection[str],
    before: PlanVersion | None,
    after: PlanVersion | None,
    now: datetime,
) -> tuple[list[Reminder], list[Reminder]]:
    """The reminders that go and those that come; the others of the author, who ever `asked` for these items,
    follow the version `after`."""
    was = {item.id: item for item in before.items} if before else {}
    wanted = {item.id: item for item in after.items if item.reminder_times} if after else {}
    author_id = after.author_id if after else None
    of_author = {one.plan_item: one for one in there if one.plan_item in asked}
    gone = [reminder for item_id, reminder in of_author.items() if item_id not in wanted]
    staying = [one for one in there if one not in gone]
    new: list[Reminder] = []
    for item in wanted.values():
        follows = of_author.get(item.id)
        if follows is None and _may_come(item, [*staying, *new]):
            follows = _new(patient, author_id, item, now)
            new.append(follows)
        if follows is not None:
            _follow(follows, was.get(item.id), item, patient, now)
    return gone, new


def set_targets(db: Session, patient: PatientProfile, now: datetime) -> None:
    """Tell every reminder of a habit how much the plans in force ask for."""
    history = plan_history(db, patient.id)
    for reminder in _reminders(db, patient.id):
        reminder.target = target_in(history, reminder.kind, patient, now)
    db.flush()


def target_in(history: PlanHistory, kind: str, patient: PatientProfile, now: datetime) -> float | None:
    """How much the plans in force ask for today, None when none of them asks for this habit."""
    if not history.in_force_at(now):
        return None
    habit = history.on(patient.day_at(now)).habits.get(MEASURES.get(kind, ""))
    return habit.least if habit else None


def next_beginning(db: Session) -> datetime | None:
    """When the next version begins to count whose reminders are not arranged yet."""
    return db.scalar(select(func.min(col(HomeCarePlan.effective_at))).where(*_to_arrange()))


def arrange_begun(db: Session, now: datetime) -> int:
    """Arrange the versions that have begun to count since the last look; how many there were.

    Several workers may look at once: each version is handed to one of them. Where a plan of the same patient
    is being changed, it is left for the next look.
    """
    begun = db.scalars(
        select(HomeCarePlan)
        .select_from(Patient)
        .join(HomeCarePlan, col(HomeCarePlan.patient_id) == col(Patient.id))
        .where(*_to_arrange(), col(HomeCarePlan.effective_at) <= now)
        .order_by(col(HomeCarePlan.effective_at))
        .limit(ARRANGED_AT_ONCE)
        .with_for_update(key_share=True, skip_locked=True)
    ).all()
    for plan in begun:
        _arrange_begun(db, plan, now)
    db.flush()
    return len(begun)


def _to_arrange() -> tuple[ColumnElement[bool], ...]:
    """The versions without their reminders. That of a patient whose zone is gone waits until they choose
    another: found at every look, it would stand before those of everybody else."""
    is_of_patient = col(Account.id) == col(HomeCarePlan.patient_id)
    has_clock = select(col(Account.id)).where(is_of_patient, col(Account.zone).in_(zone_names())).exists()
    return col(HomeCarePlan.arranged_at).is_(None), col(HomeCarePlan.withdrawn_at).is_(None), has_clock


def _arrange_begun(db: Session, plan: HomeCarePlan, now: datetime) -> None:
    try:
        with db.begin_nested():
            arrange_version(db, patient_profile(db, plan.patient_id), plan, now)
    except (ValueError, KeyError):
        # One plan nobody can read must not stop everybody's plans and reminders.
        log.error("reminders.plan_not_arranged", plan=str(plan.id))


def _asked_by(db: Session, patient_id: UUID, author: UUID | str) -> set[str]:
    """The ids of all items that this author ever asked for. By them reminders are told apart, because an
    item has one author for ever, also when the account of that author is gone."""
    versions = db.scalars(select(HomeCarePlan).where(col(HomeCarePlan.patient_id) == patient_id))
    return {item["id"] for one in versions if one.author == author for item in one.items}


def _reminders(db: Session, patient_id: UUID) -> Sequence[Reminder]:
    """Those that were removed included."""
    return db.scalars(select(Reminder).where(col(Reminder.patient_id) == patient_id)).all()


def _let_go(db: Session, reminder: Reminder, now: datetime) -> None:
    """Its item is gone. What the patient did not want stays known, because the item may come back."""
    hold_back(db, reminder)
    if reminder.switched_off_at is None:
        db.delete(reminder)
    else:
        reminder.leave_the_plan(at=now)


def _may_come(item: PlanItem, there: Sequence[Reminder]) -> bool:
    """Not where the patient has arranged that habit themselves."""
    kind = REMINDED.get(item.kind, ReminderKind.CUSTOM)
    is_arranged = kind in ONE_OF_EACH and any(one.kind == kind and _is_own(one) for one in there)
    of_plans = sum(one.plan_item is not None and one.removed_at is None for one in there)
    return not is_arranged and of_plans < REMINDERS_OF_PLANS


def _new(patient: PatientProfile, author_id: UUID | None, item: PlanItem, now: datetime) -> Reminder:
    return Reminder(
        patient_id=patient.id,
        kind=REMINDED.get(item.kind, ReminderKind.CUSTOM).value,
        times=[],
        days=[],
        created_at=now,
        plan_item=item.id,
        plan_author_id=author_id,
    )


def _follow(
    reminder: Reminder, was: PlanItem | None, item: PlanItem, patient: PatientProfile, now: datetime
) -> None:
    """Take over what the plan asks for anew, and leave what the patient chose."""
    reminder.come_back()
    if was is None or not reminder.times or _asked(was) != _asked(item):
        reminder.times, reminder.days = list(item.reminder_times), [day.value for day in item.days]
    if was is None or reminder.text in (None, _words(was)):
        reminder.text = _words(item)
    if reminder.switched_off_at is None and (reminder.due_at is None or reminder.due_at > now):
        reminder.due_at = next_look(plan_for(reminder, patient), now)


def _asked(item: PlanItem) -> tuple[object, object]:
    return item.reminder_times, item.days


def _words(item: PlanItem) -> str | None:
    """What the reminder says on a phone that shows detail: the item as it was written."""
    return " · ".join(part for part in (item.title, item.dose) if part)[:200] or None


def _is_own(reminder: Reminder) -> bool:
    """Neither a plan nor a session brought it along, and it is still there."""
    return reminder.plan_item is None and reminder.session_id is None and reminder.removed_at is None
