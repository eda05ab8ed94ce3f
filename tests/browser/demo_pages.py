"""Every page of the product, opened in the demo by the person it is for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.accounts import ProfileIn, change_me
from app.access.care import invite
from app.clock import utc_now
from app.demo.seed import seed_demo
from app.migrate import migrate
from app.models.account import Account
from app.models.treatment_session import TreatmentSession
from app.settings import Environment, Settings
from running import ServedApp, free_port, served

NOBODY, ANA, THERAPIST = "", "ana@demo.example", "therapist@demo.example"
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo as it is served, and the ids its addresses are made of."""

    app: ServedApp
    accounts: dict[str, UUID]
    code: str
    session_id: UUID

    def address(self, path: str) -> str:
        """A path with its places filled in, such as `/days/{day}`."""
        ids: dict[str, Any] = {
            "{patient_id}": self.accounts[ANA],
            "{code}": self.code,
            "{session_id}": self.session_id,
            "{day}": (utc_now() - timedelta(days=2)).date(),
            "{delivery_id}": uuid4(),
        }
        for place, value in ids.items():
            path = path.replace(place, str(value))
        return self.app.url + path

    def browser_of(self, chromium: Browser, email: str, **how: Any) -> BrowserContext:
        """A phone where this person is signed in; pages come from the server, not from the phone.

        Colours change at once, so that nothing is measured half way.
        """
        still = {"service_workers": "block", "reduced_motion": "reduce"}
        options = {"viewport": PHONE, "timezone_id": "Europe/Lisbon", **still, **how}
        context = chromium.new_context(**options)
        if email:
            name, value = self.app.cookie_of(self.accounts[email])
            context.add_cookies([{"name": name, "value": value, "url": self.app.url}])
        return context

    def speak(self, tag: str) -> None:
        """Everybody in the demo reads this language from now on."""
        for email in (ANA, THERAPIST):
            self.app.write(change_me, self.accounts[email], ProfileIn(locale=tag), utc_now())


@contextmanager
def served_demo(folder: Path) -> Iterator[Demo]:
    port = free_port()
    settings = Settings(
        environment=Environment.DEMO, data=folder, port=port, public_url=f"http://localhost:{port}"
    )
    migrate(settings.sqlalchemy_url)
    with served(settings) as app:
        app.write(seed_demo, utc_now())
        accounts: dict[str, UUID] = app.read(_accounts)
        code, _expires_at = app.write(invite, accounts[THERAPIST], utc_now())
        yield Demo(app, accounts, code, app.read(_held_session, accounts[ANA]))


def _accounts(db: Session) -> dict[str, UUID]:
    return {email: id for email, id in db.execute(select(col(Account.email), col(Account.id)))}


def _held_session(db: Session, patient_id: UUID) -> UUID:
    held = select(col(TreatmentSession.id)).where(
        col(TreatmentSession.patient_id) == patient_id, col(TreatmentSession.held_at).is_not(None)
    )
    return db.scalars(held.order_by(col(TreatmentSession.held_at).desc())).first() or uuid4()


PAGES: list[tuple[str, str]] = [
    (NOBODY, "/sign-in"),
    (NOBODY, "/sign-up"),
    (NOBODY, "/password"),
    (NOBODY, "/sign-out"),
    (NOBODY, "/help"),
    (NOBODY, "/offline"),
    (NOBODY, "/invitations/{code}"),
    (NOBODY, "/nowhere"),
    (ANA, "/today"),
    (ANA, "/days"),
    (ANA, "/days/{day}"),
    (ANA, "/plan"),
    (ANA, "/plan/edit"),
    (ANA, "/trends"),
    (ANA, "/aftercare"),
    (ANA, "/check-in"),
    (ANA, "/intake"),
    (ANA, "/sessions"),
    (ANA, "/sessions/{session_id}/feedback"),
    (ANA, "/sessions/{session_id}/something-wrong"),
    (ANA, "/reminders"),
    (ANA, "/reminders?open=add"),
    (ANA, "/reminders/turn-on"),
    (ANA, "/sharing"),
    (ANA, "/invitations/{code}"),
    (ANA, "/did/{delivery_id}?ask=add_glass"),
    (ANA, "/my-data"),
    (ANA, "/account"),
    (ANA, "/account/tokens"),
    (ANA, "/account/calendar"),
    (ANA, "/account/security"),
    (ANA, "/account/security/codes"),
    (ANA, "/prove"),
    (THERAPIST, "/patients"),
    (THERAPIST, "/patients/{patient_id}/brief"),
    (THERAPIST, "/patients/{patient_id}/notes"),
    (THERAPIST, "/patients/{patient_id}/plan"),
    (THERAPIST, "/patients/{patient_id}/sessions"),
    (THERAPIST, "/patients/{patient_id}/sessions/done"),
    (THERAPIST, "/aftercare-templates"),
    (THERAPIST, "/practice"),
    (THERAPIST, "/account/calendar"),
    (THERAPIST, "/invitations"),
    (THERAPIST, "/invitations/{code}"),
    (THERAPIST, "/profile"),
]
"""Who looks at it, and its address."""


def name_of(page: tuple[str, str]) -> str:
    who, path = page
    return f"{who.partition('@')[0] or 'nobody'} {path}"
