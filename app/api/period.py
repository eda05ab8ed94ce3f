"""The days a list is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, Query

from app.errors import FieldError, Invalid
from app.language import _
from app.models.field_types import LocalDay

DAYS_SHOWN_UNASKED = 30


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the query says; `cursor` is the first day of the next page."""

    first: date | None
    last: date | None
    cursor: date | None

    def until(self, today: date) -> tuple[date, date]:
        """The first and the last day, both included; by default the thirty that end today."""
        last = self.last or today
        shown = min(timedelta(days=DAYS_SHOWN_UNASKED - 1), last - date.min)
        first = self.cursor or self.first or last - shown
        if first > last:
            raise Invalid(FieldError("first", "order", _("Choose a first day that is not after the last.")))
        return first, last


async def _asked(
    first: Annotated[LocalDay | None, Query()] = None,
    last: Annotated[LocalDay | None, Query()] = None,
    cursor: Annotated[LocalDay | None, Query(description="`next_cursor` of the page before.")] = None,
) -> _Asked:
    return _Asked(first, last, cursor)


AskedPeriod = Annotated[_Asked, Depends(_asked)]
