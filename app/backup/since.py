"""What happened after a backup was made and must not be undone by putting it back.

Whoever erased their account stays erased. Sharing that was stopped, browsers that were signed out, tokens and
links that were revoked stay so too, as far as the database that is replaced knows of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, TableClause, bindparam, inspect, select, update
from sqlalchemy.orm import Session

from app.backup.erased import erase_again, erased_before
from app.backup.portable import table_for

ENDINGS = {
    "care_relationship": "revoked_at",
    "sign_in": "ended_at",
    "personal_token": "revoked_at",
    "calendar_link": "revoked_at",
    "practice_membership": "ended_at",
}
"""By table, the column that says when a row ceased to open anything."""


@dataclass(slots=True)
class Since:
    """`erased` are accounts, `ended` the rows of each table, each with its instant."""

    erased: dict[UUID, datetime]
    ended: dict[str, Mapping[UUID, datetime]] = field(default_factory=dict)

    def learn_from(self, connection: Connection) -> None:
        """Take over what a database knows that may be of an older version, or empty."""
        self.erased |= erased_before(connection)
        here = set(inspect(connection).get_table_names())
        self.ended |= {name: _ended_in(connection, name) for name in ENDINGS if name in here}

    def happen_again(self, db: Session) -> int:
        """Answers how many accounts of the backup were erased again."""
        for name, ended in self.ended.items():
            _end(db, name, ended)
        return erase_again(db, self.erased)


def _ended_in(connection: Connection, name: str) -> Mapping[UUID, datetime]:
    table = _table(name)
    at = table.c[ENDINGS[name]]
    rows = connection.execute(select(table.c.id, at).where(at.is_not(None)))
    return {row[0]: row[1] for row in rows}


def _end(db: Session, name: str, ended: Mapping[UUID, datetime]) -> None:
    table = _table(name)
    at = table.c[ENDINGS[name]]
    if ended:
        one = (
            update(table).where(table.c.id == bindparam("row"), at.is_(None)).values({at: bindparam("then")})
        )
        db.connection().execute(one, [{"row": row, "then": then} for row, then in ended.items()])


def _table(name: str) -> TableClause:
    return table_for(name, [("id", "uuid"), (ENDINGS[name], "instant")])
