"""Fills an empty database with the demo people, as if they had been here for 90 days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.accounts import sign_up
from app.access.care import accept_invitation, invite
from app.access.passwords import hash_password_now
from app.clock import local_time
from app.demo.devices import seed_devices
from app.demo.diaries import DAYS, DemoEntry, diary_of, session_days
from app.demo.people import COLLEAGUE, PATIENTS, THERAPIST, DemoPatient, DemoTherapist
from app.demo.plans import seed_plan, ticks_of
from app.demo.practice import seed_practice
from app.demo.sessions import seed_treatment
from app.diary.fold import Said, fold
from app.diary.question import choose_question
from app.diary.record import entry_row, standing
from app.models.access_log import note
from app.models.account import Account, Role, SignUp
from app.models.brief_read import mark_brief_read
from app.models.care import AcceptInvitation
from app.models.daily_log import DailyLog, LogEntry
from app.models.patient import Patient, PatientProfile
from app.models.question import ChooseQuestion
from app.models.therapist import ProfileChange, change_profile
from app.models.treatment_session import TreatmentSession
from app.reminders.schedule import instant_of
from app.settings import DEMO_PASSWORD

_SESSION_MINUTES = 50


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """How somebody of the demo signs in, and who they are."""

    email: str
    password: str
    about: str


def demo_people() -> list[DemoPerson]:
    therapist = DemoPerson(THERAPIST.email, DEMO_PASSWORD, f"{THERAPIST.name}, therapist")
    colleague = DemoPerson(
        COLLEAGUE.email, DEMO_PASSWORD, f"{COLLEAGUE.name}, therapist of the same practice"
    )
    patients = [DemoPerson(patient.email, DEMO_PASSWORD, patient.about) for patient in PATIENTS]
    return [therapist, *patients, colleague]


def open_demo(db: Session, now: datetime) -> list[DemoPerson]:
    """Add the demo people to an empty database; answers those of them who have an account here."""
    seed_demo(db, now)
    everybody = demo_people()
    emails = [person.email for person in everybody]
    here = set(db.scalars(select(col(Account.email)).where(col(Account.email).in_(emails))))
    return [person for person in everybody if person.email in here]


def seed_demo(db: Session, now: datetime) -> bool:
    """Add the demo people as of `now`. Does nothing, and says False, once anybody has an account."""
    if db.scalar(select(col(Account.id)).limit(1)):
        return False
    began = now - timedelta(days=DAYS)
    password_hash = hash_password_now(DEMO_PASSWORD)
    therapist_id = _therapist(db, THERAPIST, password_hash, began)
    seed_practice(db, therapist_id, _therapist(db, COLLEAGUE, password_hash, began), began)
    for patient in PATIENTS:
        _patient(db, patient, therapist_id, password_hash, now)
    return True


def _therapist(db: Session, demo: DemoTherapist, password_hash: str, began: datetime) -> UUID:
    account = _account(db, demo.email, demo.name, demo.zone, Role.THERAPIST, password_hash, began)
    profile = ProfileChange(
        practice=demo.practice, licence=demo.licence, certifications=list(demo.certifications)
    )
    change_profile(db, account.id, profile)
    return account.id


def _patient(db: Session, demo: DemoPatient, therapist_id: UUID, password_hash: str, now: datetime) -> None:
    began = now - timedelta(days=DAYS)
    account = _account(db, demo.email, demo.name, demo.zone, Role.PATIENT, password_hash, began)
    patient = db.get_one(Patient, account.id)
    profile = PatientProfile.of(account, patient)
    _consent(db, demo, profile, therapist_id, now)
    _sessions(db, demo, profile, therapist_id, now)
    seed_treatment(db, demo, profile, therapist_id, now)
    choose_question(db, profile, ChooseQuestion(habit=demo.asks), began)
    seed_plan(db, demo, profile, therapist_id, now)
    said = diary_of(demo, profile.day_at(now), now)
    said += ticks_of(db, demo, profile, {entry.day for entry in said}, now)
    _diary(db, profile, said)
    patient.last_logged_at = max(entry.recorded_at for entry in said)
    seed_devices(db, demo, profile, now)


def _account(
    db: Session, email: str, name: str, zone: str, role: Role, password_hash: str, began: datetime
) -> Account:
    person = SignUp(email=email, password=DEMO_PASSWORD, name=name, role=role, zone=zone)
    return sign_up(db, person, password_hash, began)


def _consent(
    db: Session, demo: DemoPatient, patient: PatientProfile, therapist_id: UUID, now: datetime
) -> None:
    began = now - timedelta(days=DAYS)
    code, _expires_at = invite(db, therapist_id, began)
    shares_for = demo.shares_for_days
    expires_on = patient.day_at(now) + timedelta(days=shares_for) if shares_for else None
    consent = AcceptInvitation(scopes=list(demo.scopes), expires_on=expires_on)
    accept_invitation(db, code, patient, consent, began)


def _sessions(
    db: Session, demo: DemoPatient, patient: PatientProfile, therapist_id: UUID, now: datetime
) -> None:
    """The sessions held and the next one booked; before each one held, the therapist read the brief."""
    today = local_time(now, patient.zone).date()
    for day in session_days(demo, today):
        starts_at = _at(day, demo.session_hour, patient.zone)
        held_at = starts_at + timedelta(minutes=_SESSION_MINUTES) if day < today else None
        db.add(
            TreatmentSession(
                patient_id=patient.id,
                therapist_id=therapist_id,
                starts_at=starts_at,
                minutes=_SESSION_MINUTES,
                held_at=held_at,
            )
        )
        if held_at is not None:
            read_at = starts_at - timedelta(minutes=8)
            note(db, patient.id, "web:brief:read", THERAPIST.name, therapist_id, read_at)
            mark_brief_read(db, patient.id, therapist_id, THERAPIST.name, read_at)
    db.flush()


def _at(day: date, hour: int, zone: str) -> datetime:
    instant = instant_of(day, time(hour), zone)
    if instant is None:
        raise ValueError("This day is missing from the calendar of its zone.")
    return instant


def _diary(db: Session, patient: PatientProfile, said: Sequence[DemoEntry]) -> None:
    """Store the entries as they would have come in, and the days they fold into."""
    rows = [
        entry_row(
            patient, e.id, e.day, e.recorded_at, {"set": e.set, "add": e.add}, received_at=e.recorded_at
        )
        for e in said
    ]
    by_day: dict[date, list[Said]] = defaultdict(list)
    for entry, row in zip(said, rows, strict=True):
        by_day[entry.day].append(
            Said(entry.id, entry.recorded_at, entry.recorded_at, row["late"], entry.set, entry.add)
        )
    days = [
        {"patient_id": patient.id, **standing(day, folded)}
        for day, of_day in by_day.items()
        if (folded := fold(of_day))
    ]
    db.execute(insert(LogEntry), rows)
    db.execute(insert(DailyLog), days)
