"""Whose daily letter is due, claimed so that of several workers one sends it; and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import local_time
from app.database import insert_into
from app.letters.daily_news import patients_with_news
from app.models.account import Account
from app.models.digest import Digest, DigestState
from app.models.therapist import Therapist
from app.reminders.schedule import instant_of

VALID_FOR = timedelta(hours=6)
"""A letter that could not go out for so long is not sent any more: tomorrow's tells the same."""
TRIES = 4
TRY_AGAIN_AFTER = timedelta(minutes=10)
THERAPISTS_AT_ONCE = 200
FIRST_LOOKS_BACK = timedelta(days=1)
LOOKS_BACK_AT_MOST = timedelta(days=7)
SAVING_TAKES = timedelta(minutes=1)
"""What came in so shortly before a count may not have been saved by then: told twice rather than never."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that this worker is to send."""

    therapist_id: UUID
    day: date
    address: str
    locale: str
    news: int


def due_letters(db: Session, after: UUID, now: datetime) -> tuple[list[UUID], UUID | None]:
    """Of the therapists that follow `after`, whose letter is due; and the last of them (None: no more).

    Only looks: nearly always all of today's letters are out already, and nobody has to write that down.
    """
    therapists = db.execute(_WHO_WANTS_ONE, {"after": after}).all()
    settled = _settled(db, [account.id for account, _wanted_at in therapists], now)
    due = [
        account.id
        for account, wanted_at in therapists
        if (day := _due_day(account, wanted_at, now)) is not None and (account.id, day) not in settled
    ]
    reached = therapists[-1][0].id if len(therapists) == THERAPISTS_AT_ONCE else None
    return due, reached


def claim_letter(db: Session, therapist_id: UUID, now: datetime) -> Letter | None:
    """The letter to send now, counted and addressed as things are by now.

    None when it is not due any more, or somebody else's to send. A day without news is noted, and nothing is
    sent.
    """
    account, therapist = db.get(Account, therapist_id), db.get(Therapist, therapist_id)
    if account is None or therapist is None:
        return None
    day = _due_day(account, therapist.digest_at, now)
    if day is None or not _claim(db, therapist_id, day, now):
        return None
    news = patients_with_news(db, therapist_id, _since(db, therapist_id, day, now), now)
    letter = Letter(therapist_id, day, account.email, account.locale, news)
    state = DigestState.SENDING if news else DigestState.NOTHING_NEW
    _note(db, letter, state=state.value, news=news)
    return letter if news else None


def note_sent(db: Session, letter: Letter) -> None:
    _note(db, letter, state=DigestState.SENT.value, again_at=None)


def note_failed(db: Session, letter: Letter, now: datetime, may_try_again: bool) -> None:
    """Tried again a few times, later each time, as long as it surely did not go out."""
    digest = db.get_one(Digest, (letter.therapist_id, letter.day))
    again_at = now + TRY_AGAIN_AFTER * digest.tries if may_try_again and digest.tries < TRIES else None
    _note(db, letter, state=DigestState.FAILED.value, again_at=again_at)


_WHO_WANTS_ONE = (
    select(Account, col(Therapist.digest_at))
    .join(Therapist, col(Therapist.id) == col(Account.id))
    .where(col(Therapist.digest_at).is_not(None), col(Therapist.id) > bindparam("after"))
    .order_by(col(Therapist.id))
    .limit(THERAPISTS_AT_ONCE)
)


def _settled(db: Session, therapist_ids: Sequence[UUID], now: datetime) -> set[tuple[UUID, date]]:
    """Today's letters with which there is nothing to do any more, or not yet. It may be yesterday yet."""
    begun = db.execute(
        select(col(Digest.therapist_id), col(Digest.day)).where(
            col(Digest.therapist_id).in_(therapist_ids),
            col(Digest.day) >= now.date() - timedelta(days=1),
            or_(
                col(Digest.state) != DigestState.FAILED.value,
                col(Digest.again_at).is_(None),
                col(Digest.again_at) > now,
            ),
        )
    )
    return {(therapist_id, day) for therapist_id, day in begun}


def _due_day(account: Account, wanted_at: time | None, now: datetime) -> date | None:
    """The therapist's local day whose letter is due, None while none is."""
    if wanted_at is None:
        return None
    try:
        today = local_time(now, account.zone).date()
        due_at = instant_of(today, wanted_at, account.zone)
    except (ValueError, KeyError):
        # A zone that is gone, say after an upgrade of the system, must not stop everybody's letters.
        log.error("digest.zone_unknown", account=str(account.id))
        return None
    return today if due_at is not None and due_at <= now < due_at + VALID_FOR else None


def _claim(db: Session, therapist_id: UUID, day: date, now: datetime) -> bool:
    """Whether this day's letter is ours to send: nobody began it, or it failed and may be tried again."""
    row = {"therapist_id": therapist_id, "day": day, "state": DigestState.SENDING.value, "at": now}
    begun = insert_into(db, Digest).values(news=0, tries=1, **row).on_conflict_do_nothing()
    if db.execute(begun.returning(col(Digest.day))).first() is not None:
        return True
    again = (
        update(Digest)
        .where(
            col(Digest.therapist_id) == therapist_id,
            col(Digest.day) == day,
            col(Digest.state) == DigestState.FAILED.value,
            col(Digest.again_at) <= now,
        )
        .values(state=DigestState.SENDING.value, at=now, again_at=None, tries=col(Digest.tries) + 1)
    )
    return db.execute(again.returning(col(Digest.day))).first() is not None


def _since(db: Session, therapist_id: UUID, day: date, now: datetime) -> datetime:
    """From when on no letter has told everything yet, within reason."""
    told = col(Digest.state).in_([DigestState.SENT.value, DigestState.NOTHING_NEW.value])
    last, first = db.execute(
        select(func.max(case((told, col(Digest.at)))), func.min(col(Digest.at))).where(
            col(Digest.therapist_id) == therapist_id, col(Digest.day) < day
        )
    ).one()
    since = last - SAVING_TAKES if last else (first or now) - FIRST_LOOKS_BACK
    return max(since, now - LOOKS_BACK_AT_MOST)


def _note(db: Session, letter: Letter, **what: Any) -> None:
    db.execute(
        update(Digest)
        .where(col(Digest.therapist_id) == letter.therapist_id, col(Digest.day) == letter.day)
        .values(**what)
    )
