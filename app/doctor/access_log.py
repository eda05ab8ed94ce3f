"""What the doctor finds in the access log: whether each record still follows from the one before."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session
from sqlmodel import col

from app.doctor.check import Check, in_order, to_mend
from app.models.access_log import AccessChain, AccessLog

AT_ONCE = 2_000


def examine_looks(db: Session) -> Check:
    """As `access_log`, in a transaction of its own that sees one moment while others go on writing."""
    if db.get_bind().dialect.name == "postgresql":
        db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return access_log(db)


def access_log(db: Session) -> Check:
    """Every chain from its first record to the end that was noted for it. Nothing personal is told."""
    ends = {end.account_id: end for end in db.scalars(select(AccessChain))}
    reached: dict[UUID, tuple[int, str]] = {}
    for record in _records(db):
        number, before = reached.get(record.account_id, (0, ""))
        if record.number != number + 1 or record.digest != record.follows(before):
            return _broken(record.account_id, number + 1)
        reached[record.account_id] = (record.number, record.digest)
    for account_id, (number, digest) in reached.items():
        end = ends.pop(account_id, None)
        if end is None or (end.length, end.digest) != (number, digest):
            return _broken(account_id, number + 1)
    if ends:
        return _broken(min(ends), 1)
    counted = sum(number for number, _digest in reached.values())
    return in_order("access log", f"{counted} records in {len(reached)} chains, none changed or missing.")


def _broken(account_id: UUID, number: int) -> Check:
    found = f"the chain of account {account_id} breaks at record {number}: it was changed, or is missing."
    fix = "Somebody wrote into the database by hand. Keep it as it is, and compare it with your backups."
    return to_mend("access log", found, fix)


def _records(db: Session) -> Iterator[AccessLog]:
    """All records by chain, a few at a time, so that memory stays flat."""
    place = tuple_(col(AccessLog.account_id), col(AccessLog.number))
    in_order_of_chains = select(AccessLog).order_by(*place).limit(AT_ONCE)
    several = db.scalars(in_order_of_chains).all()
    while several:
        yield from several
        last = (several[-1].account_id, several[-1].number)
        db.expunge_all()
        several = db.scalars(in_order_of_chains.where(place > last)).all()
