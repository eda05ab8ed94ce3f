"""Is this installation well: one check after the other, for the operator."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.database import Database, Unusable, missing_file, why_unusable
from app.doctor.access_log import examine_looks
from app.doctor.arriving import examine_arriving
from app.doctor.check import Check, State, in_order, to_mend, worth_a_look
from app.doctor.installation import examine_installation
from app.doctor.sending import examine_sending
from app.errors import AftercareError, Misconfigured
from app.migrate import head_revision, knows_revision
from app.reminders.web_push import VapidKey
from app.settings import VAPID_KEY, Settings, require_p256


async def examine(settings: Settings, database: Database, now: datetime) -> list[Check]:
    """Every check there is. What cannot be looked at is a finding, too, and never an error."""
    here = await asyncio.to_thread(lambda: list(examine_installation(settings, now)))
    return here + await _examine_database(settings, database, now)


def needs_mending(checks: Iterable[Check]) -> bool:
    return any(check.state is State.MEND for check in checks)


async def _examine_database(settings: Settings, database: Database, now: datetime) -> list[Check]:
    missing = missing_file(settings.sqlalchemy_url)
    if missing is not None:
        fix = "Run `python -m app migrate`, or name the right folder with --data."
        return [to_mend("database", f"there is none at {missing}.", fix)]
    try:
        checks = await database.read(examine_database, _server_key(settings), now)
        if not needs_mending(checks[:2]):
            checks.append(await database.read(examine_looks))
        if settings.sqlalchemy_replica_url:
            checks.insert(1, replica(await database.read_from_replica(_is_replica)))
        return checks
    except (AftercareError, SQLAlchemyError) as error:
        unusable = why_unusable(error) or Unusable(type(error).__name__, "Look into the log of the service.")
        return [to_mend("database", f"it cannot be used: {unusable.why}.", unusable.fix)]


def examine_database(db: Session, server_key: str | None, now: datetime) -> list[Check]:
    """All that the tables tell, once they are known to be there. See `examine_arriving` on `server_key`."""
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[db.get_bind().dialect.name]
    checks = [in_order("database", f"{kind} answers."), tables(db)]
    if needs_mending(checks):
        return checks
    return [*checks, *examine_sending(db, now), *examine_arriving(db, server_key, now)]


def replica(has_answered: bool) -> Check:
    if has_answered:
        return in_order("replica", "it answers, and holds all that is written.")
    fix = "Check AFTERCARE_REPLICA_URL, and whether that server follows this database."
    return worth_a_look("replica", "it is away, far behind or no replica; the primary is read instead.", fix)


def _is_replica(db: Session) -> bool:
    return bool(db.scalar(text("select pg_is_in_recovery()")))


def tables(db: Session) -> Check:
    revision = None
    if inspect(db.connection()).has_table("alembic_version"):
        revision = db.scalar(text("select version_num from alembic_version"))
    if revision == head_revision():
        return in_order("tables", f"up to date, at {revision}.")
    found = f"they are at {revision or 'nothing'}, and this version of Aftercare needs {head_revision()}."
    if revision is not None and not knows_revision(revision):
        return to_mend("tables", found, "They are those of a newer version: install that one here, too.")
    return to_mend("tables", found, "Make a backup, then run `python -m app migrate`.")


def _server_key(settings: Settings) -> str | None:
    """The fingerprint of our push key; a key that cannot be read is another check's finding."""
    path = settings.data / "secrets" / VAPID_KEY
    try:
        pem = path.read_bytes()
        require_p256(pem, path)
    except (OSError, Misconfigured):
        return None
    return VapidKey(pem, settings.vapid_contact).fingerprint
