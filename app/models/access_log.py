"""Who looked at what, who signed in and what was shared, and when. Only ever added to.

Each account has a chain of its own: every record carries a digest over itself and the digest of the record
before it, and `AccessChain` holds where the chain ends. A record that was changed, taken out or put in
between breaks it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Uuid, bindparam, insert, text, update
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

NOBODY = UUID(int=0)
"""Whose chain holds what happened to no account, such as a sign-in with an address nobody has."""


class AccessLog(SQLModel, table=True):
    """One thing that happened to an account and what belongs to it. `number` counts from 1 in its chain.

    `what` is a tag `source:subject:action`, such as `api:days:read`. The subject of a consent is what it
    shows and until when: `care:measures+notes@2026-12-31:given`. `who` is a name as it was at the time, so
    that the record still reads after that account is gone: of a consent the therapist it is for, and of a
    sign-in the browser, which is all that is known. `by_id` is the account that did it, None when nobody
    knows. Neither id is a foreign key: records outlive whoever looked, and go with whom they are about only
    through an Erasure.
    """

    __tablename__ = "access_log"
    __table_args__ = (
        CheckConstraint("number >= 1", name="access_log_counts_from_one"),
        Index("looks_by_whom", "by_id", "account_id", "at"),
        {"sqlite_with_rowid": False},
    )

    account_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    by_id: UUID | None = None
    who: str = Field(max_length=100)
    what: str = Field(max_length=64)
    at: datetime
    digest: str = Field(max_length=64)

    def follows(self, before: str) -> str:
        """The digest this record must have after one whose digest is `before` (empty before the first)."""
        said = (self.account_id, self.number, self.at, self.by_id, self.who, self.what)
        return digest_of(before, *said)


class AccessChain(SQLModel, table=True):
    """Where the chain of an account ends: how many records, and the digest of the last."""

    __tablename__ = "access_chain"

    account_id: UUID = Field(primary_key=True)
    length: int
    digest: str = Field(max_length=64)


def digest_of(
    before: str, account_id: UUID, number: int, at: datetime, by_id: UUID | None, who: str, what: str
) -> str:
    """SHA-256 over the canonical form of a record: a JSON array, ids in lower case, the instant in UTC."""
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    said: list[Any] = [before, str(account_id), number, instant, by_id and str(by_id), who, what]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


_NEXT = text(
    "insert into access_chain (account_id, length, digest) values (:account_id, 1, '')"
    " on conflict (account_id) do update set length = access_chain.length + 1"
    " returning length, digest"
).bindparams(bindparam("account_id", type_=Uuid()))
"""Takes the next number of a chain and holds the chain until this transaction ends."""


def note(db: Session, account_id: UUID, what: str, who: str, by_id: UUID | None, at: datetime) -> None:
    """Add a record to the chain of `account_id`. Whoever notes for several accounts goes by ascending id, so
    that two who do so cannot wait for each other."""
    number, before = db.execute(_NEXT, {"account_id": account_id}).one()
    digest = digest_of(before, account_id, number, at, by_id, who, what)
    record = {"number": number, "by_id": by_id, "who": who, "what": what, "at": at, "digest": digest}
    db.execute(insert(AccessLog).values(account_id=account_id, **record))
    db.execute(update(AccessChain).where(col(AccessChain.account_id) == account_id).values(digest=digest))
