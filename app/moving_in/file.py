"""A file that somebody hands in: read beside the loop, and brought in by one transaction."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from app.access.sign_ins import SignedIn
from app.deps import InTransaction
from app.diary.spreadsheet import days_in
from app.errors import Refused
from app.language import _
from app.models.account import Role
from app.moving_in.arrive import MovedIn, TakenBack, bring_spreadsheet, bring_takeout
from app.moving_in.shape import read_takeout
from app.strict_json import parse


async def bring_file(
    account: SignedIn, body: bytes, write: InTransaction, now: datetime, *, is_takeout: bool, preview: bool
) -> MovedIn:
    """A take-out or else a spreadsheet: all of it, or nothing when something in it cannot stand.

    Raises Malformed or Invalid for what cannot be read or stand, and Refused for a therapist's spreadsheet.
    """
    try:
        if is_takeout:
            taken = await asyncio.to_thread(_takeout_in, body, account.role)
            return await write(bring_takeout, account.account_id, account.role, taken, now, preview=preview)
        if account.as_patient is None:
            raise Refused(_("A therapist’s account takes in a take-out only."))  # noqa: RUF001 (an apostrophe)
        days = await asyncio.to_thread(days_in, body)
        return await write(bring_spreadsheet, account.account_id, days, now, preview=preview)
    except TakenBack as looked:
        return looked.found


def _takeout_in(body: bytes, role: Role) -> Any:
    return read_takeout(parse(body), role)
