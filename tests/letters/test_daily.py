"""One letter a day, through a real mail server: once, at the therapist's time, and nothing personal in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.care import relationships_of, revoke
from app.access.looks import patients_in_care
from app.database import Database
from app.letters.daily_worker import DigestWorker
from app.models.account import Account
from app.models.care import Scope
from app.models.check_in import CheckInSaid, SafetyItem
from app.models.digest import Digest
from app.models.patient import PatientProfile
from app.models.therapist import Therapist
from app.settings import Settings, open_secrets
from app.treatment.check_ins import check_in
from app.treatment.feedback import say_something_is_wrong
from builders import ALL_SCOPES, NOON, a_consent, a_logged_day, a_patient, a_therapist, a_treated_session
from mail_server import MailServer, mail_server

pytestmark = pytest.mark.anyio

SEVEN = NOON.replace(hour=7)
"""Winter in Lisbon: clocks there show UTC."""


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


class Desk:
    """Rui, who wants his letter at seven, and the workers that send it."""

    def __init__(self, database: Database, mail: MailServer, folder: Path) -> None:
        self.database, self.mail = database, mail
        self.settings = Settings(
            data=folder / "data",
            public_url="https://aftercare.example",
            smtp_host="127.0.0.1",
            smtp_port=mail.port,
            smtp_security="none",
        )

    async def open(self) -> Desk:
        self.rui: UUID = await self.database.write(rui_with_a_letter)
        return self

    async def patient(self, name: str, scopes: tuple[Scope, ...] = ALL_SCOPES) -> PatientProfile:
        return await self.database.write(patient_of, self.rui, name, scopes)

    async def logs(self, patient: PatientProfile, at: datetime, **said: Any) -> None:
        await self.database.write(a_logged_day, patient, at.date(), at, **said)

    async def look(self, at: datetime, **settings: Any) -> None:
        chosen = self.settings.model_copy(update=settings)
        await DigestWorker(self.database, chosen, open_secrets(chosen.data), lambda: at).look()

    async def state(self, at: datetime) -> str:
        digest = await self.database.read(lambda db: db.get_one(Digest, (self.rui, at.date())))
        return digest.state


def rui_with_a_letter(db: Session) -> UUID:
    rui = a_therapist(db, now=NOON - timedelta(days=30))
    db.get_one(Therapist, rui.id).digest_at = time(7, 0)
    return rui.id


def eva_with_a_letter_and_an_odd_address_before(db: Session, rui_id: UUID) -> None:
    """Rui's colleague, who treats his patients too; whose letter comes first has the address."""
    eva = a_therapist(db, "Eva", now=NOON - timedelta(days=30))
    db.get_one(Therapist, eva.id).digest_at = time(7, 0)
    for one in patients_in_care(db, rui_id, NOON):
        a_consent(db, eva.id, one.profile, now=NOON - timedelta(days=30))
    db.get_one(Account, min(rui_id, eva.id)).email = "odd@[people.example"


def states(db: Session) -> list[str]:
    return list(db.scalars(select(col(Digest.state))))


def patient_of(db: Session, rui_id: UUID, name: str, scopes: tuple[Scope, ...]) -> PatientProfile:
    patient = a_patient(db, name, now=NOON - timedelta(days=30))
    a_consent(db, rui_id, patient, scopes, now=NOON - timedelta(days=30))
    return patient


@pytest.fixture
async def desk(database: Database, mail: MailServer, tmp_path: Path) -> Desk:
    return await Desk(database, mail, tmp_path).open()


async def test_the_letter_says_how_many_and_where_to_look(desk: Desk) -> None:
    for name in ("Ana", "Bea"):
        await desk.logs(await desk.patient(name), SEVEN - timedelta(hours=9))
    await desk.patient("Caio")
    await desk.look(SEVEN)
    (letter,) = desk.mail.letters
    text = letter.get_content()
    assert letter["To"] == "rui@people.example"
    assert "2 of your patients have something new." in text
    assert "https://aftercare.example/patients" in text
    assert "Nobody watches diaries live" in text


async def test_nothing_personal_is_in_the_letter(desk: Desk) -> None:
    ana = await desk.patient("Ana")
    await desk.logs(ana, SEVEN - timedelta(hours=9), pain=8, note="My left knee again.")
    await desk.look(SEVEN)
    (letter,) = desk.mail.letters
    told = letter["Subject"] + letter["Message-ID"] + letter.get_content()
    secrets = ("Ana", "ana@", "knee", "pain", "8 of", str(ana.id), str(desk.rui))
    assert [secret for secret in secrets if secret in told] == []


async def test_before_its_time_no_letter_goes_out(desk: Desk) -> None:
    await desk.logs(await desk.patient("Ana"), SEVEN - timedelta(hours=9))
    await desk.look(SEVEN - timedelta(minutes=1))
    assert desk.mail.letters == []


async def test_long_after_its_time_no_letter_goes_out(desk: Desk) -> None:
    await desk.logs(await desk.patient("Ana"), SEVEN - timedelta(hours=9))
    await desk.look(SEVEN + timedelta(hours=7))
    assert desk.mail.letters == []


async def test_a_day_has_one_letter_however_often_and_by_however_many_it_is_looked_at(desk: Desk) -> None:
    await desk.logs(await desk.patient("Ana"), SEVEN - timedelta(hours=9))
    await asyncio.gather(*(desk.look(SEVEN) for _worker in range(8)))
    await desk.look(SEVEN + timedelta(minutes=5))
    assert len(desk.mail.letters) == 1


async def test_the_next_day_tells_only_what_came_since(desk: Desk) -> None:
    ana, bea = await desk.patient("Ana"), await desk.patient("Bea")
    await desk.logs(ana, SEVEN - timedelta(hours=9))
    await desk.look(SEVEN)
    await desk.logs(bea, SEVEN + timedelta(hours=5))
    await desk.look(SEVEN + timedelta(days=1))
    assert "1 of your patients has something new." in desk.mail.letters[1].get_content()


async def test_without_news_there_is_no_letter(desk: Desk) -> None:
    await desk.patient("Ana")
    await desk.look(SEVEN)
    assert desk.mail.letters == []
    assert await desk.state(SEVEN) == "nothing_new"


async def test_who_stopped_sharing_is_not_counted(desk: Desk) -> None:
    ana = await desk.patient("Ana")
    await desk.logs(ana, SEVEN - timedelta(hours=9))
    await desk.database.write(stop_sharing, ana)
    await desk.look(SEVEN)
    assert desk.mail.letters == []


async def test_what_is_not_shared_is_no_news(desk: Desk) -> None:
    ana = await desk.patient("Ana", (Scope.PLAN,))
    await desk.logs(ana, SEVEN - timedelta(hours=9))
    await desk.look(SEVEN)
    assert desk.mail.letters == []


async def test_something_wrong_is_news_though_the_feedback_was_given_before(desk: Desk) -> None:
    ana = await desk.patient("Ana", (Scope.PLAN,))
    session = await desk.database.write(a_treated_session, ana.id, desk.rui, SEVEN - timedelta(days=3))
    await desk.database.write(say_something_is_wrong, ana, session.id, SEVEN - timedelta(hours=9))
    await desk.look(SEVEN)
    assert len(desk.mail.letters) == 1


async def test_what_is_said_for_the_next_session_whenever_is_news(desk: Desk) -> None:
    ana = await desk.patient("Ana", (Scope.PLAN,))
    said = CheckInSaid(safety_items=[SafetyItem.NIGHT_PAIN])
    await desk.database.write(check_in, ana, said, SEVEN - timedelta(hours=9))
    await desk.look(SEVEN)
    assert len(desk.mail.letters) == 1


async def test_a_letter_refused_for_now_is_tried_again(desk: Desk) -> None:
    await desk.logs(await desk.patient("Ana"), SEVEN - timedelta(hours=9))
    desk.mail.refusals.append("451 come back later")
    await desk.look(SEVEN)
    await desk.look(SEVEN + timedelta(minutes=5))
    assert desk.mail.letters == []
    await desk.look(SEVEN + timedelta(minutes=11))
    assert len(desk.mail.letters) == 1
    assert await desk.state(SEVEN) == "sent"


async def test_a_letter_refused_for_good_is_not_tried_again(desk: Desk) -> None:
    await desk.logs(await desk.patient("Ana"), SEVEN - timedelta(hours=9))
    desk.mail.refusals.append("550 nobody here")
    await desk.look(SEVEN)
    await desk.look(SEVEN + timedelta(hours=1))
    assert (desk.mail.letters, await desk.state(SEVEN)) == ([], "failed")


async def test_a_letter_nobody_can_tell_of_is_not_sent_twice(desk: Desk) -> None:
    await desk.logs(await desk.patient("Ana"), SEVEN - timedelta(hours=9))
    desk.mail.drops_after_data = True
    await desk.look(SEVEN)
    await desk.look(SEVEN + timedelta(hours=1))
    assert len(desk.mail.letters) == 1


async def test_an_address_no_letter_can_be_written_to_stops_only_its_own(desk: Desk) -> None:
    await desk.logs(await desk.patient("Ana"), SEVEN - timedelta(hours=9))
    await desk.database.write(eva_with_a_letter_and_an_odd_address_before, desk.rui)
    await desk.look(SEVEN)
    assert len(desk.mail.letters) == 1
    assert sorted(await desk.database.read(states)) == ["failed", "sent"]


async def test_without_a_safe_connection_nothing_is_sent(desk: Desk) -> None:
    await desk.logs(await desk.patient("Ana"), SEVEN - timedelta(hours=9))
    await desk.look(SEVEN, smtp_security="starttls")
    assert (desk.mail.letters, await desk.state(SEVEN)) == ([], "failed")


async def test_a_mail_server_that_is_away_is_met_again(desk: Desk) -> None:
    await desk.logs(await desk.patient("Ana"), SEVEN - timedelta(hours=9))
    await desk.look(SEVEN, smtp_port=1)
    await desk.look(SEVEN + timedelta(minutes=11))
    assert len(desk.mail.letters) == 1


async def test_without_a_mail_server_nothing_is_claimed(desk: Desk) -> None:
    settings = desk.settings.model_copy(update={"smtp_host": ""})
    await DigestWorker(desk.database, settings, open_secrets(settings.data), lambda: SEVEN).run()
    assert desk.mail.connections == 0


def stop_sharing(db: Session, ana: PatientProfile) -> None:
    (relationship,) = relationships_of(db, ana.id)
    revoke(db, ana.id, relationship.id, NOON - timedelta(days=1))
