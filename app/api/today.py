"""What a patient's phone keeps, so that Today works without a network and no personal page is in a cache."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.orm import Session

from app.api.strict_route import StrictJSONRoute
from app.deps import CurrentPatient, Now, Read
from app.language import language_of
from app.models.daily_log import Day, days_between
from app.models.patient import PatientProfile
from app.models.plan_in_force import water_target_on
from app.models.treatment_session import held_days
from app.reminders.own_reminders import stopped_reminders
from app.treatment.after import after_session

router = APIRouter(tags=["log"], route_class=StrictJSONRoute)

DAYS_KEPT = timedelta(days=30)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    """Whose phone it is, how the day runs there, and the logged days from `first` through `last`.

    `last` is tomorrow, because a phone that travelled may be there already. `locale` is the language that
    pages are shown in. `held_sessions` are the days on which a session was held; `session_is_near` when one
    was or will be within ten days, so that there may be something to show around it; `asks_to_stop` when a
    reminder has stopped by itself and the patient has not said yet whether it should go on;
    `something_wrong` is the session after which the patient ticked that something is wrong.
    """

    patient: UUID
    name: str
    zone: str
    locale: str
    day_starts_at: str
    water_target: int | None
    held_sessions: list[date]
    session_is_near: bool
    asks_to_stop: bool
    aftercare_is_open: bool
    something_wrong: UUID | None
    first: date
    last: date
    days: list[Day]


@router.get("/today")
async def read_today(patient: CurrentPatient, read: Read, now: Now) -> PhoneFacts:
    """What the phone keeps beside what was not sent yet."""
    return await read(phone_facts, patient, now)


def phone_facts(db: Session, patient: PatientProfile, now: datetime) -> PhoneFacts:
    first, last = patient.day_at(now) - DAYS_KEPT, patient.day_at(now) + DAY
    after = after_session(db, patient, now)
    return PhoneFacts(
        patient=patient.id,
        name=patient.name,
        zone=patient.zone,
        locale=language_of(patient.locale).tag,
        day_starts_at=f"{patient.day_starts_at:%H:%M}",
        water_target=water_target_on(db, patient.id, patient.day_at(now)),
        held_sessions=held_days(db, patient, None, first, last),
        session_is_near=after.session_is_near,
        asks_to_stop=bool(stopped_reminders(db, patient.id)),
        aftercare_is_open=after.is_open,
        something_wrong=after.something_wrong,
        first=first,
        last=last,
        days=days_between(db, patient.id, first, last),
    )
