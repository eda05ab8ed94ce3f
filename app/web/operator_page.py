"""The operator's page: what the doctor found, for the accounts the operator named in the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from app.access.sign_ins import SignedIn
from app.deps import AppSettings, MaybeAccount, Now, lacks_second_factor
from app.doctor.check import Check, State
from app.doctor.examine import examine
from app.errors import NotFound, SecondFactorNeeded
from app.settings import Settings
from app.web.page import frame_of, render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The checks that came out alike, under their heading."""

    id: str
    heading: str
    hint: str
    checks: list[Check]


@router.get("/operator")
async def show_operator(request: Request, settings: AppSettings, account: MaybeAccount, now: Now) -> Response:
    """For everybody else, signed in or not, there is no such page."""
    if account is None or not _operates(account, settings):
        raise NotFound
    if lacks_second_factor(account, settings):
        raise SecondFactorNeeded
    checks = await examine(settings, request.app.state.database, now)
    frame = frame_of(account.role)
    return render(request, "operator.html", frame=frame, groups=_grouped(checks), now=now, zone=account.zone)


def _operates(account: SignedIn, settings: Settings) -> bool:
    return account.email.lower() in {email.lower() for email in settings.operators}


def _grouped(checks: Sequence[Check]) -> list[Found]:
    """What is worst comes first; groups without any check are not shown."""
    groups = [
        Found(state.value, *_HEADINGS[state], [check for check in checks if check.state is state])
        for state in reversed(State)
    ]
    return [group for group in groups if group.checks]


_HEADINGS = {
    State.MEND: ("To mend", "Reminders or data are at risk until this is done."),
    State.LOOK: ("Worth a look", "It runs, but somebody should know."),
    State.OK: ("In order", ""),
}
