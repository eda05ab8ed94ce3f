"""What happened after a backup was made and must not be undone by putting it back.

Whoever erased their account stays erased. Sharing that was stopped or narrowed, browsers that were signed out
and their reminders, tokens and links that were revoked, links and codes that were used stay so too, as far as
the database that is replaced knows of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, TableClause, and_, bindparam, inspect, or_, select, update
from sqlalchemy.orm import Session

from app.backup.erased import erase_again, erased_before
from app.backup.portable import table_for

_SHARES = ("shares_measures", "shares_notes", "shares_plan")
ENDINGS = {
    "care_relationship": "revoked_at",
    "sign_in": "ended_at",
    "personal_token": "revoked_at",
    "calendar_link": "revoked_at",
    "practice_membership": "ended_at",
    "push_subscription": "forgotten_at",
    "password_link": "used_at",
    "recovery_code": "used_at",
}
"""By table, the column that says when a row ceased to open anything."""
_CONSENTS = table_for(
    "care_relationship",
    [("id", "uuid"), ("accepted_at", "instant"), ("expires_on", "day"), *((one, "truth") for one in _SHARES)],
)


@dataclass(slots=True)
class Since:
    """`erased` are accounts and `ended` the rows of each table, each with its instant.

    `consents` are those that were given, as they stood.
    """

    erased: dict[UUID, datetime]
    ended: dict[str, Mapping[UUID, datetime]] = field(default_factory=dict)
    consents: list[dict[str, Any]] = field(default_factory=list)

    def learn_from(self, connection: Connection) -> None:
        """Take over what a database knows that may be of an older version, or empty."""
        self.erased |= erased_before(connection)
        here = set(inspect(connection).get_table_names())
        self.ended |= {name: _ended_in(connection, name) for name in ENDINGS if name in here}
        if _CONSENTS.name in here:
            self.consents += _consents_in(connection)

    def happen_again(self, db: Session) -> int:
        """Answers how many accounts of the backup were erased again."""
        for name, ended in self.ended.items():
            _end(db, name, ended)
        _narrow(db, self.consents)
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


def _consents_in(connection: Connection) -> list[dict[str, Any]]:
    given = connection.execute(select(_CONSENTS).where(_IS_GIVEN)).mappings()
    return [{f"then_{name}": value for name, value in consent.items()} for consent in given]


def _narrow(db: Session, consents: list[dict[str, Any]]) -> None:
    """Nobody sees more, or for longer, than either database says."""
    if consents:
        db.connection().execute(_SHARE_NO_MORE, consents)
    with_a_last_day = [one for one in consents if one["then_expires_on"] is not None]
    if with_a_last_day:
        db.connection().execute(_SHARE_NO_LONGER, with_a_last_day)


def _then(name: str) -> BindParameter[Any]:
    return bindparam(f"then_{name}", type_=_CONSENTS.c[name].type)


_IS_GIVEN = _CONSENTS.c.accepted_at.is_not(None)
_THE_SAME = update(_CONSENTS).where(_CONSENTS.c.id == _then("id"), _IS_GIVEN)
_SHARE_NO_MORE = _THE_SAME.values({one: and_(_CONSENTS.c[one], _then(one)) for one in _SHARES})
_SHARE_NO_LONGER = _THE_SAME.where(
    or_(_CONSENTS.c.expires_on.is_(None), _CONSENTS.c.expires_on > _then("expires_on"))
).values(expires_on=_then("expires_on"))


def _table(name: str) -> TableClause:
    return table_for(name, [("id", "uuid"), (ENDINGS[name], "instant")])
