"""Everything an account has, as one JSON document that can be brought in again.

It is written piece by piece: head, the nouns a person made, the diary entry by entry, and what this server
noted about the account. `app/moving_in/` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.accounts import me
from app.access.care import relationships_of
from app.models.access_log import AccessLog
from app.models.account import Account, Role, SignIn
from app.models.brief_read import BriefRead
from app.models.carried_over import CarriedOver
from app.models.daily_log import MEASURES, Day, StoredEntry, days_between, entries_after
from app.models.digest import Digest
from app.models.patient import Patient
from app.models.personal_token import PersonalToken
from app.models.practice import Practice, PracticeMembership
from app.models.push import Delivery, PushSubscription
from app.models.therapist import Therapist
from app.models.therapist_note import notes_shared_with
from app.reports.exporting import NextPiece, Piece, Place
from app.reports.nouns import OF_PATIENTS, OF_THERAPISTS, Noun, Record, plain, records_of

FORMAT, VERSION = "aftercare-takeout", 1
A_PIECE = 500
NOTES_AT_MOST = 10_000

Page = Callable[[Session, UUID, Place], tuple[Sequence[Any], Place]]
"""The next records of one list, and where to go on."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One list of a take-out. `same_by` tells two of its records apart, whatever became of them since."""

    name: str
    page: Page
    same_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reached:
    """Which list comes next, where in it, and whether it was opened and has a record already."""

    number: int
    place: Place = None
    opened: bool = False
    filled: bool = False


def takeout(account_id: UUID, role: Role, now: datetime) -> NextPiece:
    """The take-out of an account, as an export."""
    return partial(_piece, account_id, role, now)


def _piece(account_id: UUID, role: Role, now: datetime, db: Session, after: Place) -> Piece:
    nouns, listed = (OF_PATIENTS, OF_A_PATIENT) if role is Role.PATIENT else (OF_THERAPISTS, OF_A_THERAPIST)
    if after is None:
        return Piece(_head(db, account_id, nouns, now), _Reached(0))
    if after.number == len(listed):
        return Piece("\n}\n", None)
    one = listed[after.number]
    records, place = one.page(db, account_id, after.place)
    opening = "" if after.opened else f',\n"{one.name}": ['
    parting = "," if after.filled and records else ""
    text = opening + parting + ",".join("\n" + _json(record) for record in records)
    if place is None:
        return Piece(text + "]", _Reached(after.number + 1))
    return Piece(text, _Reached(after.number, place, opened=True, filled=after.filled or bool(records)))


def _head(db: Session, account_id: UUID, nouns: tuple[Noun, ...], now: datetime) -> str:
    """The document up to its first list; it is closed by the last piece."""
    head = {"format": FORMAT, "version": VERSION, "made_at": now.isoformat()}
    parts = {**head, "account": _account(db, account_id), "profile": profile_of(db, account_id)}
    parts |= records_of(db, account_id, nouns)
    return "{\n" + ",\n".join(f'"{name}": {_json(part)}' for name, part in parts.items())


def _account(db: Session, account_id: UUID) -> Record:
    account = db.get_one(Account, account_id)
    return {"email": account.email, "role": account.role, "created_at": plain(account.created_at)}


def profile_of(db: Session, account_id: UUID) -> Record:
    """What a person chose about themselves."""
    own = asdict(me(db, account_id))
    chosen = {name: value for name, value in own.items() if name not in _OF_THE_ACCOUNT}
    patient, therapist = db.get(Patient, account_id), db.get(Therapist, account_id)
    if patient is not None:
        chosen["reminders_paused_until"] = plain(patient.reminders_paused_until)
    if therapist is not None:
        chosen |= {name: plain(getattr(therapist, name)) for name in _PRACTICE}
    return {name: value for name, value in chosen.items() if value is not None}


_OF_THE_ACCOUNT = ("id", "email", "role", "created_at")
_PRACTICE = ("practice", "licence", "certifications", "digest_at")


def _entries(db: Session, account_id: UUID, after: Place) -> tuple[list[Record], Place]:
    entries = entries_after(db, account_id, after, A_PIECE)
    more = (entries[-1].day, entries[-1].id) if len(entries) == A_PIECE else None
    return [_entry(entry) for entry in entries], more


def _entry(entry: StoredEntry) -> Record:
    """An entry with what it said; `late` only when it was."""
    told = ("id", "day", "recorded_at", "received_at", "source")
    content = {part: said for part, said in json.loads(entry.content).items() if said}
    late = {"late": True} if entry.late else {}
    return {name: plain(getattr(entry, name)) for name in told} | late | content


def _days(db: Session, account_id: UUID, after: Place) -> tuple[list[Record], Place]:
    """The folded days, for people and programs that read; they are folded anew when a take-out comes back."""
    first = after or date.min
    days = days_between(db, account_id, first, date.max, A_PIECE + 1)
    more = days[A_PIECE].day if len(days) > A_PIECE else None
    return [_day(day) for day in days[:A_PIECE]], more


def _day(day: Day) -> Record:
    said = {measure: getattr(day, measure) for measure in MEASURES}
    known = {measure: value for measure, value in said.items() if value is not None}
    return {"day": plain(day.day), **known} | ({"late": True} if day.late else {})


def _noted(name: str, live: Page, *same_by: str) -> Listed:
    """What this server noted, after what earlier take-outs brought of the same kind."""

    def page(db: Session, account_id: UUID, after: Place) -> tuple[Sequence[Record], Place]:
        is_live, place = after or (False, None)
        if is_live:
            records, place = live(db, account_id, place)
            return records, None if place is None else (True, place)
        records, place = _carried_over(db, account_id, name, place)
        return records, (True, None) if place is None else (False, place)

    return Listed(name, page, same_by)


def _carried_over(db: Session, account_id: UUID, name: str, after: Place) -> tuple[list[Record], Place]:
    rows = db.execute(
        select(col(CarriedOver.id), col(CarriedOver.record))
        .where(
            col(CarriedOver.account_id) == account_id,
            col(CarriedOver.noun) == name,
            col(CarriedOver.id) > (after or 0),
        )
        .order_by(col(CarriedOver.id))
        .limit(A_PIECE)
    ).all()
    return [json.loads(row.record) for row in rows], rows[-1].id if len(rows) == A_PIECE else None


def _known(values: dict[str, Any]) -> Record:
    return {name: plain(value) for name, value in values.items() if value is not None}


def _relationships(db: Session, account_id: UUID, _after: Place) -> tuple[list[Record], Place]:
    """To whom the diary was open, how far, and when."""
    told = ("therapist_name", "practice", "scopes", "expires_on", "invited_at", "accepted_at", "revoked_at")
    own = relationships_of(db, account_id)
    return [_known({name: getattr(one, name) for name in told}) for one in reversed(own)], None


def _patients(db: Session, account_id: UUID, _after: Place) -> tuple[list[Record], Place]:
    """A therapist's side of the same, without anything a patient entered but their name while they share."""
    told = ("patient_name", "scopes", "expires_on", "invited_at", "accepted_at", "revoked_at")
    own = relationships_of(db, account_id)
    return [_known({name: getattr(one, name) for name in told}) for one in reversed(own)], None


def _looks(db: Session, account_id: UUID, after: Place) -> tuple[list[Record], Place]:
    looks = (
        select(col(AccessLog.number), col(AccessLog.at), col(AccessLog.who), col(AccessLog.what))
        .where(col(AccessLog.account_id) == account_id, col(AccessLog.number) > (after or 0))
        .order_by(col(AccessLog.number))
    )
    found = _page_of(db, cast("Select[Any]", looks))
    return _without(found, "number"), found[-1]["number"] if len(found) == A_PIECE else None


def _readings(db: Session, account_id: UUID, _after: Place) -> tuple[list[Record], Place]:
    """Who read the brief before a session, and when."""
    told = ("who", "read_at", "taken_back_at")
    own = db.scalars(
        select(BriefRead).where(col(BriefRead.patient_id) == account_id).order_by(col(BriefRead.read_at))
    )
    return [_known({name: getattr(one, name) for name in told}) for one in own], None


def _sign_ins(db: Session, account_id: UUID, _after: Place) -> tuple[list[Record], Place]:
    told = ("browser", "created_at", "last_seen_at", "expires_at", "ended_at")
    own = db.scalars(
        select(SignIn).where(col(SignIn.account_id) == account_id).order_by(col(SignIn.created_at))
    )
    return [_known({name: getattr(one, name) for name in told}) for one in own], None


def _tokens(db: Session, account_id: UUID, _after: Place) -> tuple[list[Record], Place]:
    told = ("name", "scopes", "created_at", "expires_on", "last_used_at", "revoked_at")
    own = db.scalars(
        select(PersonalToken)
        .where(col(PersonalToken.account_id) == account_id)
        .order_by(col(PersonalToken.created_at))
    )
    return [_known({name: getattr(one, name) for name in told}) for one in own], None


def _notes_to_read(db: Session, account_id: UUID, _after: Place) -> tuple[list[Record], Place]:
    """What therapists wrote for the patient to read; their private notes are theirs."""
    notes = notes_shared_with(db, account_id, NOTES_AT_MOST)
    told = ({"text": n.text, "written_by": n.written_by, "written_at": n.written_at} for n in notes)
    return [_known(note) for note in reversed(list(told))], None


def _letters(db: Session, account_id: UUID, _after: Place) -> tuple[list[Record], Place]:
    """The daily letters to a therapist, and what became of each."""
    told = ("day", "state", "news", "at")
    own = db.scalars(select(Digest).where(col(Digest.therapist_id) == account_id).order_by(col(Digest.day)))
    return [_known({name: getattr(one, name) for name in told}) for one in own], None


def _practices(db: Session, account_id: UUID, _after: Place) -> tuple[list[Record], Place]:
    """The practices a therapist belonged to; what belongs to a practice is not theirs to take."""
    own = db.execute(
        select(PracticeMembership, col(Practice.name))
        .join(Practice, col(Practice.id) == col(PracticeMembership.practice_id))
        .where(col(PracticeMembership.therapist_id) == account_id)
        .order_by(col(PracticeMembership.joined_at))
    )
    told = ({"name": name, "joined_at": one.joined_at, "ended_at": one.ended_at} for one, name in own)
    return [_known(record) for record in told], None


def _devices(db: Session, account_id: UUID, _after: Place) -> tuple[list[Record], Place]:
    told = ("device_name", "detail", "created_at", "last_seen_at", "last_accepted_at", "last_shown_at")
    own = db.scalars(
        select(PushSubscription)
        .where(col(PushSubscription.account_id) == account_id)
        .order_by(col(PushSubscription.created_at))
    )
    return [_known({name: getattr(one, name) for name in (*told, "forgotten_at")}) for one in own], None


def _deliveries(db: Session, account_id: UUID, after: Place) -> tuple[list[Record], Place]:
    told = ("kind", "day", "slot", "state", "reason", "planned_at", "sent_at", "shown_at", "opened_at")
    also = ("acted_at", "undone_at", "action")
    table = Delivery.__table__  # type: ignore[attr-defined]
    own = select(*(table.c[name] for name in ("id", *told, *also))).where(table.c.account_id == account_id)
    if after is not None:
        at, delivery_id = after
        same_instant = and_(table.c.planned_at == at, table.c.id > delivery_id)
        own = own.where(or_(table.c.planned_at > at, same_instant))
    found = _page_of(db, own.order_by(table.c.planned_at, table.c.id))
    more = (found[-1]["planned_at"], found[-1]["id"]) if len(found) == A_PIECE else None
    return _without(found, "id"), more


def _page_of(db: Session, rows: Select[Any]) -> list[Record]:
    return [dict(row) for row in db.execute(rows.limit(A_PIECE)).mappings()]


def _without(rows: Sequence[Record], key: str) -> list[Record]:
    return [_known({name: value for name, value in row.items() if name != key}) for row in rows]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


NOTED = (
    _noted("relationships", _relationships, "therapist_name", "invited_at"),
    _noted("looks", _looks, "at", "who", "what"),
    _noted("readings", _readings, "who", "read_at"),
    _noted("notes", _notes_to_read, "text", "written_by", "written_at"),
    _noted("sign_ins", _sign_ins, "browser", "created_at"),
    _noted("tokens", _tokens, "name", "created_at"),
    _noted("devices", _devices, "device_name", "created_at"),
    _noted("deliveries", _deliveries, "kind", "day", "slot", "planned_at"),
)
"""What this server noted about a patient's account. It comes back as a record and acts upon nothing."""
OF_A_PATIENT = (Listed("entries", _entries), Listed("days", _days), *NOTED)
NOTED_OF_A_THERAPIST = (
    _noted("relationships", _patients, "invited_at"),
    _noted("looks", _looks, "at", "who", "what"),
    _noted("sign_ins", _sign_ins, "browser", "created_at"),
    _noted("tokens", _tokens, "name", "created_at"),
    _noted("letters", _letters, "day"),
    _noted("practices", _practices, "name", "joined_at"),
)
OF_A_THERAPIST = NOTED_OF_A_THERAPIST
