"""People and what they say, with honest defaults. Everything takes `db` first, as the house does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from pyotp import TOTP
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from app.access.accounts import sign_up
from app.access.calendar_links import make_calendar_link
from app.access.care import accept_invitation, invite
from app.access.code_app import add_code_app, new_pairing
from app.access.looks import patient_in_care
from app.access.passkeys import new_challenge
from app.access.password_links import make_password_link
from app.access.passwords import hash_password_now
from app.access.personal_tokens import NewToken, make_token
from app.access.practices import (
    PracticeSeen,
    found_practice,
    invite_colleague,
    join_practice,
    practice_of,
)
from app.access.sign_ins import count_attempt, start_sign_in
from app.clock import day_of, utc_now
from app.diary.question import choose_question, keep_review, offer_help_card
from app.diary.record import Recorded, record_entries
from app.home_care.answers import answer_plan
from app.home_care.write import write_plan
from app.models.account import Account, Role, SignUp
from app.models.aftercare import (
    STANDARD,
    AftercareSequence,
    AftercareTemplate,
    AftercareTemplateNew,
    AftercareTemplateVersion,
)
from app.models.brief_read import mark_brief_read
from app.models.calendar_link import CalendarLinkIn
from app.models.care import AcceptInvitation, CareRelationship, Scope
from app.models.carried_over import CarriedOver
from app.models.check_in import ActivityScore, CheckIn, Intake, NamedActivity
from app.models.digest import Digest, DigestState
from app.models.erasure import Erasure
from app.models.feedback import Feedback
from app.models.home_care import PlanIn
from app.models.passkey import ChallengeFor, Passkey
from app.models.password_link import PasswordLink
from app.models.patient import PatientProfile, patient_profile
from app.models.personal_token import PersonalTokenIn, TokenScope
from app.models.plan_answer import PlanAnswerIn
from app.models.plan_in_force import PlanVersion
from app.models.practice import PracticeIn
from app.models.push import Delivery, DeliveryState, PushSubscription
from app.models.question import AskedHabit, ChooseQuestion
from app.models.reminder import Reminder, ReminderKind, Weekday
from app.models.therapist import Therapist
from app.models.therapist_note import NoteAbout, NoteIn, NoteVisibility, write_note
from app.models.treatment_session import TreatmentSession
from app.models.worker_beat import WorkerBeat
from app.models.zone_data import ZoneData
from app.reminders.back_off import STOPPED_AFTER
from app.reports.own_insights import review_due
from app.treatment.templates import TemplateSeen, add_template

NOON = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
"""A Wednesday without anything special about it; what tests mean by now unless the time matters."""

HOME = "Europe/Lisbon"
"""The zone people of the tests live in unless the zone matters."""

PASSWORD = "correct horse battery"
ALL_SCOPES = (Scope.MEASURES, Scope.NOTES, Scope.PLAN)


def todays_date() -> date:
    """The day people of the tests mean by "today": before 03:00 it is still the day before."""
    return day_of(utc_now(), HOME)


@cache
def hash_of_password() -> str:
    """Hashing costs 20 ms on purpose, so all people of the tests share one password and its hash."""
    return hash_password_now(PASSWORD)


def an_account(db: Session, name: str, role: Role, zone: str, now: datetime) -> Account:
    email = f"{name.lower()}@people.example"
    person = SignUp(email=email, password=PASSWORD, name=name, role=role, zone=zone)
    return sign_up(db, person, hash_of_password(), now)


def a_patient(db: Session, name: str = "Ana", zone: str = HOME, now: datetime = NOON) -> PatientProfile:
    account = an_account(db, name, Role.PATIENT, zone, now)
    return patient_profile(db, account.id)


def a_therapist(db: Session, name: str = "Rui", zone: str = HOME, now: datetime = NOON) -> Account:
    account = an_account(db, name, Role.THERAPIST, zone, now)
    therapist = db.get_one(Therapist, account.id)
    therapist.practice = "Practice by the river"
    therapist.licence = "PT 4711"
    therapist.certifications = ["Manual therapy"]
    db.flush()
    return account


def a_consent(
    db: Session,
    therapist_id: UUID,
    patient: PatientProfile,
    scopes: tuple[Scope, ...] = ALL_SCOPES,
    expires_on: date | None = None,
    now: datetime = NOON,
) -> UUID:
    """The id of a relationship that was invited and accepted at `now`."""
    code, _expires_at = invite(db, therapist_id, now)
    consent = AcceptInvitation(scopes=list(scopes), expires_on=expires_on)
    return accept_invitation(db, code, patient, consent, now).id


def an_expired_consent(
    db: Session, therapist_id: UUID, patient: PatientProfile, now: datetime = NOON
) -> UUID:
    """Consent given for a day, a week ago."""
    relationship_id = a_consent(db, therapist_id, patient, now=now - timedelta(days=7))
    relationship = db.get_one(CareRelationship, relationship_id)
    relationship.expires_on = (now - timedelta(days=6)).date()
    db.flush()
    return relationship_id


def a_sign_in(db: Session, account_id: UUID, now: datetime = NOON) -> str:
    """The token a browser holds after signing in."""
    return start_sign_in(db, account_id, "Firefox on Android", now)


def an_entry(day: date | str, *, at: datetime = NOON, **said: Any) -> dict[str, Any]:
    """An entry as a phone sends it: `an_entry(day, set={"pain": 3}, add={"water_glasses": 1})`."""
    return {"id": str(uuid4()), "day": str(day), "recorded_at": at.isoformat(), **said}


def a_logged_day(
    db: Session, patient: PatientProfile, day: date, now: datetime = NOON, **measures: Any
) -> Recorded:
    """A day as the patient logged it; three of ten pain unless other measures are named."""
    entry = an_entry(day, at=now, set=measures or {"pain": 3})
    return record_entries(db, patient, [entry], now)


def a_session(
    db: Session,
    patient_id: UUID,
    therapist_id: UUID | None,
    starts_at: datetime,
    held_at: datetime | None = None,
) -> TreatmentSession:
    """An appointment of 50 minutes, not held unless told so."""
    session = TreatmentSession(
        patient_id=patient_id, therapist_id=therapist_id, starts_at=starts_at, minutes=50, held_at=held_at
    )
    db.add(session)
    db.flush()
    return session


def a_treated_session(
    db: Session, patient_id: UUID, therapist_id: UUID, held_at: datetime = NOON
) -> TreatmentSession:
    """A session with all that can be said before, at and after it, from the therapist's own template."""
    session = a_session(db, patient_id, therapist_id, held_at - timedelta(minutes=50), held_at)
    session.regions, session.visibility = [{"region": "low_back", "side": "left"}], "private"
    session.findings, session.written_by = "Left side tighter than right.", therapist_id
    template = AftercareTemplate(therapist_id=therapist_id, created_at=held_at)
    activity = NamedActivity(patient_id=patient_id, name="Putting on socks", started_at=held_at)
    db.add_all([template, activity])
    db.flush()
    steps = [step.stored() for step in STANDARD]
    version = AftercareTemplateVersion(
        template_id=template.id, version=1, name="After a session", steps=steps, created_at=held_at
    )
    check_in = CheckIn(
        patient_id=patient_id, session_id=session.id, request="The left side, please.",
        overall_change=3, answered_at=held_at, updated_at=held_at,
    )  # fmt: skip
    said = {"patient_id": patient_id, "updated_at": held_at}
    db.add_all([version, check_in, Intake(reason="Low back.", written_at=held_at, **said)])
    db.add(Feedback(session_id=session.id, pressure="right", soreness=3, given_at=held_at, **said))
    db.flush()
    db.add(ActivityScore(check_in_id=check_in.id, activity_id=activity.id, score=4))
    db.add(
        AftercareSequence(
            session_id=session.id, patient_id=patient_id, template_version_id=version.id, steps=steps,
            started_at=held_at,
        )
    )  # fmt: skip
    db.add(
        Reminder(
            patient_id=patient_id, kind=ReminderKind.AFTERCARE, session_id=session.id, step="stretch",
            step_number=2, on_day=held_at.date() + timedelta(days=1), times=["08:30"], days=list(Weekday),
            created_at=held_at,
        )
    )  # fmt: skip
    db.flush()
    return session


def a_reminder(db: Session, patient_id: UUID, time: str = "20:00", now: datetime = NOON) -> Reminder:
    """A check-in on every day of the week, due in eight hours."""
    reminder = Reminder(
        patient_id=patient_id,
        kind=ReminderKind.CHECK_IN,
        times=[time],
        days=list(Weekday),
        created_at=now,
        due_at=now + timedelta(hours=8),
    )
    db.add(reminder)
    db.flush()
    return reminder


def ignored_for_long(db: Session, patient_id: UUID, reminder_id: UUID) -> None:
    """So many occurrences in a row that were shown until yesterday and stayed unanswered."""
    reminder, phone = db.get_one(Reminder, reminder_id), a_device(db, patient_id, utc_now())
    for days_ago in range(STOPPED_AFTER, 0, -1):
        at = utc_now() - timedelta(days=days_ago)
        delivery = a_delivery(db, reminder, phone, at)
        delivery.state, delivery.shown_at = DeliveryState.SHOWN.value, at
    db.flush()


def a_token(db: Session, account_id: UUID, *scopes: TokenScope, now: datetime = NOON) -> NewToken:
    """A personal token; without scopes it may do all that a token can."""
    wanted = PersonalTokenIn(name="Spreadsheet", scopes=list(scopes or TokenScope))
    return make_token(db, account_id, wanted, now)


def a_passkey(db: Session, account_id: UUID, now: datetime = NOON) -> Passkey:
    """A passkey in the list; nobody can sign with it."""
    passkey = Passkey(
        account_id=account_id, credential_id=uuid4().bytes, public_key=b"nobody's", sign_count=0,
        name="Phone", created_at=now,
    )  # fmt: skip
    db.add(passkey)
    db.flush()
    return passkey


SERVER_KEY = b"k" * 31 + b"ey"
"""What the secrets of apps are sealed with, unless an app of the tests has a key of its own."""


def a_code_app(db: Session, account_id: UUID, now: datetime = NOON, key: bytes = SERVER_KEY) -> CodesOf:
    """An app that shows codes, set up at `now`."""
    pairing = new_pairing(key, account_id, "ana@people.example")
    app = CodesOf(pairing.secret)
    return replace(app, recovery=add_code_app(db, key, account_id, pairing.sealed, app.at(now), now))


@dataclass(frozen=True)
class CodesOf:
    """The app on somebody's phone, and their recovery codes on paper."""

    secret: str
    recovery: list[str] = field(default_factory=list)

    def at(self, now: datetime) -> str:
        """The code it shows then."""
        return TOTP(self.secret).at(now)


def a_device(db: Session, account_id: UUID, now: datetime = NOON) -> PushSubscription:
    """A phone that looks subscribed; its keys belong to nobody, so nothing can be encrypted for it."""
    device = PushSubscription(
        account_id=account_id,
        endpoint=f"https://updates.push.services.mozilla.com/wpush/v2/{uuid4().hex}",
        p256dh="B" + "A" * 86,
        auth="A" * 22,
        device_name="Phone",
        created_at=now,
    )
    db.add(device)
    db.flush()
    return device


def a_delivery(db: Session, reminder: Reminder, device: PushSubscription, now: datetime = NOON) -> Delivery:
    """A check-in that was sent at `now`."""
    delivery = Delivery(
        account_id=reminder.patient_id,
        reminder_id=reminder.id,
        subscription_id=device.id,
        kind=reminder.kind,
        day=now.date(),
        slot=reminder.times[0],
        counts_for=patient_profile(db, reminder.patient_id).day_at(now),
        state=DeliveryState.SENT,
        attempts=1,
        planned_at=now,
        valid_until=now + timedelta(hours=2),
        claimed_at=now,
        sent_at=now,
    )
    db.add(delivery)
    db.flush()
    return delivery


def an_item(kind: str = "exercise", title: str = "Chin tucks", **said: Any) -> dict[str, Any]:
    """An item of a plan as a therapist sends it."""
    return {"kind": kind, "title": title, **said}


def a_plan(
    db: Session,
    patient: PatientProfile,
    author_id: UUID,
    *items: dict[str, Any],
    now: datetime = NOON,
    **said: Any,
) -> PlanVersion:
    """A version that holds at once unless told otherwise; ten chin tucks a day when no item is named."""
    wanted = PlanIn.model_validate({"items": list(items) or [an_item(dose="10 times")], **said})
    return write_plan(db, patient, author_id, wanted, now)


def a_practice(db: Session, founder_id: UUID, *others: UUID, now: datetime = NOON) -> PracticeSeen:
    """A practice that the others joined one after another."""
    found_practice(db, founder_id, PracticeIn(name="By the river"), now)
    for number, therapist_id in enumerate(others, 1):
        code, _expires_at = invite_colleague(db, founder_id, now)
        join_practice(db, code, therapist_id, now + timedelta(minutes=number))
    return practice_of(db, founder_id)


def a_template(
    db: Session, therapist_id: UUID, name: str = "Deep work", *, shared: bool = False, now: datetime = NOON
) -> TemplateSeen:
    """A template of two steps, for oneself or for the practice."""
    steps = [{"kind": "water"}, {"kind": "custom", "text": "Rest."}]
    wanted = AftercareTemplateNew.model_validate({"name": name, "steps": steps, "shared": shared})
    return add_template(db, therapist_id, wanted, now)


def a_note(
    db: Session, therapist_id: UUID, patient_id: UUID, visibility: str = "private", now: datetime = NOON
) -> NoteAbout:
    said = NoteIn(text="Breathes high in the chest.", visibility=NoteVisibility(visibility))
    return write_note(db, therapist_id, patient_id, said, now)


def a_worker(db: Session, now: datetime = NOON, **told: Any) -> WorkerBeat:
    """A worker that started an hour before `now`, its last beat."""
    beat = {"host": "oak", "process_id": 7, "started_at": now - timedelta(hours=1), "beat_at": now}
    worker = WorkerBeat(**beat | told)
    db.add(worker)
    db.flush()
    return worker


def a_row_in_every_table(db: Session, now: datetime = NOON) -> PatientProfile:
    """Ana in Rui's care, with everything that can be known about her."""
    ana, rui = a_patient(db, now=now), a_therapist(db, now=now)
    a_consent(db, rui.id, ana, now=now)
    a_sign_in(db, ana.id, now)
    a_token(db, ana.id, now=now)
    a_passkey(db, ana.id, now)
    a_code_app(db, ana.id, now)
    new_challenge(db, ChallengeFor.PROVE, ana.id, now)
    make_password_link(db, ana.id, PasswordLink.BY_EMAIL_LASTS, now)
    make_calendar_link(db, ana.id, CalendarLinkIn(), now)
    count_attempt(db, ["0" * 64, "1" * 64], now)
    patient_in_care(db, rui.id, ana.id, "api:days:read", now)
    a_logged_day(db, ana, now.date(), now, pain=4, note="Stiff after the long drive.")
    a_treated_session(db, ana.id, rui.id, now)
    a_delivery(db, a_reminder(db, ana.id), a_device(db, ana.id), now)
    answer = {"version": a_plan(db, ana, rui.id, now=now).version, "answer": "ok"}
    answer_plan(db, ana, PlanAnswerIn.model_validate(answer), now)
    a_note(db, rui.id, ana.id, now=now)
    a_practice(db, rui.id, now=now)
    mark_brief_read(db, ana.id, rui.id, rui.name, now)
    choose_question(db, ana, ChooseQuestion(habit=AskedHabit.STRETCH), now - timedelta(days=28))
    if due := review_due(db, ana, now):
        keep_review(db, due.question_id, due.reviewed_on, due.looked_at, due.effects, now)
    offer_help_card(db, ana, now)
    a_worker(db, now)
    db.add(Digest(therapist_id=rui.id, day=now.date(), state=DigestState.SENT.value, news=1, at=now))
    db.add(Erasure(account_id=uuid4(), erased_at=now))
    db.add(CarriedOver(account_id=ana.id, noun="looks", digest="0" * 64, record='{"who":"Vera"}'))
    db.add(ZoneData(version="2026a", since=now))
    db.flush()
    return ana


def rows_of_each_table(db: Session) -> dict[str, int]:
    return dict(db.execute(_rows_of_each_table()).mappings().one())


@cache
def _rows_of_each_table() -> Select[Any]:
    tables = SQLModel.metadata.sorted_tables
    return select(
        *(select(func.count()).select_from(table).scalar_subquery().label(table.name) for table in tables)
    )
