"""Reminders as letters: only to a mailbox that was confirmed, only without a phone, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.accounts import change_email
from app.database import Database
from app.errors import NotFound, TooMany
from app.models.account import Account
from app.models.patient import PatientProfile
from app.models.push import Delivery
from app.models.reminder import Reminder
from app.reminders.dispatch import claim_due
from app.reminders.free import LEASE
from app.reminders.letter import Letter, Postman, link_to_confirm
from app.reminders.mailbox import (
    LINK_AGAIN_AFTER,
    LINK_LASTS,
    Asked,
    Mailbox,
    MailboxState,
    ask_mailbox,
    close_mailbox,
    confirm_mailbox,
    follow_address,
    mailbox_of,
)
from app.reminders.outcomes import record_outcomes
from app.reminders.own_devices import forget_every_browser
from app.reminders.reach import reach_of
from app.reminders.verdict import Outcome, Verdict
from app.reminders.worker import ReminderWorker
from app.settings import Secrets, Settings, open_secrets
from builders import a_device, a_patient, a_reminder
from mail_server import MailServer, mail_server

EIGHT = datetime(2026, 3, 18, 20, 0, tzinfo=UTC)
KEY = b"k" * 32


def due_patient(db: Session, now: datetime = EIGHT) -> PatientProfile:
    """Ana, whose check-in is due at `now`."""
    ana = a_patient(db, now=now - timedelta(days=1))
    a_reminder(db, ana.id, f"{now:%H:%M}", now=now - timedelta(hours=8)).due_at = now
    db.flush()
    return ana


def confirmed(db: Session, patient_id: UUID, now: datetime = EIGHT) -> None:
    asked = ask_mailbox(db, patient_id, KEY, now - timedelta(hours=1))
    confirm_mailbox(db, patient_id, asked.token, KEY, now)


def settings_for(mail: MailServer, folder: Path) -> Settings:
    return Settings(
        data=folder / "data",
        public_url="https://aftercare.example",
        smtp_host="127.0.0.1",
        smtp_port=mail.port,
        smtp_security="none",
        reminder_jitter=0,
    )


def deliveries(db: Session) -> list[tuple[str, str | None]]:
    return [(one.state, one.reason) for one in db.scalars(select(Delivery))]


@pytest.fixture
def due(db: Session) -> PatientProfile:
    return due_patient(db)


def test_nothing_goes_to_a_mailbox_that_nobody_confirmed(db: Session, due: PatientProfile) -> None:
    ask_mailbox(db, due.id, KEY, EIGHT)
    assert claim_due(db, EIGHT, 0, 10) == []
    assert deliveries(db) == [("suppressed", "no_device")]


def test_a_confirmed_mailbox_gets_what_is_due(db: Session, due: PatientProfile) -> None:
    confirmed(db, due.id)
    (parcel,) = claim_due(db, EIGHT, 0, 10)
    assert parcel.endpoint == "mailto:ana@people.example"


def test_whoever_has_a_phone_gets_no_letter(db: Session, due: PatientProfile) -> None:
    confirmed(db, due.id)
    phone = a_device(db, due.id)
    assert [parcel.endpoint for parcel in claim_due(db, EIGHT, 0, 10)] == [phone.endpoint]


def test_a_letter_nobody_can_tell_was_posted_is_not_posted_again(db: Session, due: PatientProfile) -> None:
    confirmed(db, due.id)
    claim_due(db, EIGHT, 0, 10)
    assert claim_due(db, EIGHT + LEASE, 0, 10) == []
    assert deliveries(db) == [("failed", "unclear")]


def test_a_closed_mailbox_gets_nothing(db: Session, due: PatientProfile) -> None:
    confirmed(db, due.id)
    close_mailbox(db, due.id, EIGHT)
    assert claim_due(db, EIGHT, 0, 10) == []
    assert mailbox_of(db, due.id).state is MailboxState.OFF


def moves_to(db: Session, account_id: UUID, email: str, now: datetime = EIGHT) -> Asked | None:
    """They sign in with another address."""
    former = db.get_one(Account, account_id).email
    change_email(db, account_id, email, now)
    return follow_address(db, account_id, former, KEY, now)


def test_whoever_changes_the_address_gets_letters_only_at_the_new_one_once_confirmed(
    db: Session, due: PatientProfile
) -> None:
    confirmed(db, due.id)
    asked = moves_to(db, due.id, "ana.new@people.example")
    assert asked is not None
    assert mailbox_of(db, due.id) == Mailbox("ana.new@people.example", MailboxState.WAITING)
    assert claim_due(db, EIGHT, 0, 10) == []
    confirm_mailbox(db, due.id, asked.token, KEY, EIGHT)
    db.scalars(select(Reminder)).one().due_at = EIGHT + timedelta(days=1)
    (parcel,) = claim_due(db, EIGHT + timedelta(days=1), 0, 10)
    assert (parcel.endpoint, asked.address) == ("mailto:ana.new@people.example", "ana.new@people.example")


def test_a_letter_on_its_way_to_a_former_address_is_not_posted_again(
    db: Session, due: PatientProfile
) -> None:
    confirmed(db, due.id)
    (parcel,) = claim_due(db, EIGHT, 0, 10)
    record_outcomes(db, [(parcel, Outcome(Verdict.RETRY, "unavailable", wait=timedelta(0)))], EIGHT)
    change_email(db, due.id, "ana.new@people.example", EIGHT)
    assert claim_due(db, EIGHT + LEASE, 0, 10) == []
    assert deliveries(db) == [("suppressed", "no_device")]


def test_an_address_that_was_left_before_mailboxes_followed_gets_nothing(
    db: Session, due: PatientProfile
) -> None:
    confirmed(db, due.id)
    change_email(db, due.id, "ana.new@people.example", EIGHT)
    assert mailbox_of(db, due.id) == Mailbox("ana.new@people.example", MailboxState.OFF)
    assert claim_due(db, EIGHT, 0, 10) == []
    assert reach_of(db, due.id, EIGHT).reaches is None


def test_whoever_wants_no_letters_is_not_asked_at_a_new_address(db: Session, ana: PatientProfile) -> None:
    confirmed(db, ana.id)
    close_mailbox(db, ana.id, EIGHT)
    assert moves_to(db, ana.id, "ana.new@people.example") is None


def test_the_same_address_again_leaves_letters_on(db: Session, ana: PatientProfile) -> None:
    confirmed(db, ana.id)
    assert moves_to(db, ana.id, "ana@people.example") is None
    assert mailbox_of(db, ana.id).state is MailboxState.ON


def test_back_at_a_former_address_its_owner_is_asked_again(db: Session, ana: PatientProfile) -> None:
    confirmed(db, ana.id)
    moves_to(db, ana.id, "ana.new@people.example")
    assert moves_to(db, ana.id, "ana@people.example") is not None
    assert mailbox_of(db, ana.id).state is MailboxState.WAITING


def test_whoever_has_the_former_address_of_somebody_else_can_have_letters_there(
    db: Session, due: PatientProfile
) -> None:
    confirmed(db, due.id)
    change_email(db, due.id, "ana.new@people.example", EIGHT)
    eva = a_patient(db, "Eva", now=EIGHT)
    change_email(db, eva.id, "ana@people.example", EIGHT)
    confirmed(db, eva.id)
    assert mailbox_of(db, eva.id).state is MailboxState.ON
    assert claim_due(db, EIGHT, 0, 10) == []


def test_who_is_signed_out_everywhere_still_gets_letters(db: Session, due: PatientProfile) -> None:
    confirmed(db, due.id)
    phone = a_device(db, due.id)
    forget_every_browser(db, due.id, EIGHT)
    assert (phone.forgotten_at, mailbox_of(db, due.id).state) == (EIGHT, MailboxState.ON)


def test_the_link_counts_for_two_days(db: Session, ana: PatientProfile) -> None:
    asked = ask_mailbox(db, ana.id, KEY, EIGHT)
    with pytest.raises(NotFound):
        confirm_mailbox(db, ana.id, asked.token, KEY, EIGHT + LINK_LASTS + timedelta(seconds=1))
    assert mailbox_of(db, ana.id).state is MailboxState.WAITING


def test_a_newer_link_ends_the_one_before(db: Session, ana: PatientProfile) -> None:
    first = ask_mailbox(db, ana.id, KEY, EIGHT)
    later = EIGHT + LINK_AGAIN_AFTER
    second = ask_mailbox(db, ana.id, KEY, later)
    with pytest.raises(NotFound):
        confirm_mailbox(db, ana.id, first.token, KEY, later)
    confirm_mailbox(db, ana.id, second.token, KEY, later)
    confirm_mailbox(db, ana.id, second.token, KEY, later)
    assert mailbox_of(db, ana.id).state is MailboxState.ON


def test_links_are_not_sent_one_after_the_other(db: Session, ana: PatientProfile) -> None:
    ask_mailbox(db, ana.id, KEY, EIGHT)
    with pytest.raises(TooMany):
        ask_mailbox(db, ana.id, KEY, EIGHT + timedelta(seconds=1))


def test_the_link_of_somebody_else_turns_nothing_on(db: Session, ana: PatientProfile) -> None:
    eva = a_patient(db, "Eva")
    ask_mailbox(db, ana.id, KEY, EIGHT)
    with pytest.raises(NotFound):
        confirm_mailbox(db, ana.id, ask_mailbox(db, eva.id, KEY, EIGHT).token, KEY, EIGHT)


def test_nobody_knows_whether_letters_are_read(db: Session, ana: PatientProfile) -> None:
    confirmed(db, ana.id)
    assert reach_of(db, ana.id, EIGHT).reaches is None


class Office:
    """A worker's postman and a mail server, around the test's own database."""

    def __init__(self, db: Session, mail: MailServer, folder: Path) -> None:
        self.db, self.mail, self.settings = db, mail, settings_for(mail, folder)
        self.secrets = Secrets(key=KEY, vapid_private_pem=b"")
        self.postman = Postman(self.settings, self.secrets)

    async def send(self, now: datetime = EIGHT) -> None:
        for parcel in claim_due(self.db, now, 0, 10):
            letter = self.postman.write(parcel, now)
            is_letter = isinstance(letter, Letter)
            outcome = await self.postman.deliver(letter, lambda: now) if is_letter else letter
            record_outcomes(self.db, [(parcel, outcome)], now)


@pytest.fixture
async def office(db: Session, tmp_path: Path) -> AsyncIterator[Office]:
    async with mail_server() as mail:
        yield Office(db, mail, tmp_path)


@pytest.mark.anyio
async def test_a_letter_says_nothing_but_that_a_check_in_is_ready(
    office: Office, db: Session, due: PatientProfile
) -> None:
    db.scalars(select(Reminder)).one().text = "Left knee, ten minutes"
    confirmed(db, due.id)
    await office.send()
    (letter,) = office.mail.letters
    assert (letter["To"], letter["Subject"]) == ("ana@people.example", "Your check-in is ready")
    assert "knee" not in str(letter)
    assert "https://aftercare.example/today?delivery=" in letter.get_content()
    assert deliveries(db) == [("sent", None)]


@pytest.mark.anyio
async def test_a_letter_refused_for_now_is_posted_once_later(
    office: Office, db: Session, due: PatientProfile
) -> None:
    confirmed(db, due.id)
    office.mail.refusals = ["451 later"]
    await office.send()
    assert deliveries(db) == [("claimed", "unavailable")]
    await office.send(EIGHT + timedelta(seconds=30))
    assert (len(office.mail.letters), deliveries(db)) == (1, [("sent", None)])


@pytest.mark.anyio
async def test_a_mailbox_that_took_no_letter_for_a_day_is_off_until_its_owner_asks_again(
    office: Office, db: Session, due: PatientProfile
) -> None:
    confirmed(db, due.id)
    for day in range(3):
        office.mail.refusals = ["550 nobody here"]
        await office.send(EIGHT + timedelta(days=day))
    assert mailbox_of(db, due.id).state is MailboxState.OFF
    confirmed(db, due.id, EIGHT + timedelta(days=3))
    assert mailbox_of(db, due.id).state is MailboxState.ON


@pytest.mark.anyio
async def test_a_letter_the_server_took_without_a_word_is_not_posted_again(
    office: Office, db: Session, due: PatientProfile
) -> None:
    confirmed(db, due.id)
    office.mail.drops_after_data = True
    await office.send()
    await office.send(EIGHT + timedelta(minutes=5))
    assert (len(office.mail.letters), deliveries(db)) == (1, [("failed", "unclear")])


@pytest.mark.anyio
async def test_a_letter_whose_turn_comes_too_late_is_given_back(
    office: Office, db: Session, due: PatientProfile
) -> None:
    confirmed(db, due.id)
    (parcel,) = claim_due(db, EIGHT, 0, 10)
    letter = office.postman.write(parcel, EIGHT)
    assert isinstance(letter, Letter)
    outcome = await office.postman.deliver(letter, lambda: EIGHT + LEASE)
    record_outcomes(db, [(parcel, outcome)], EIGHT + LEASE)
    assert (office.mail.letters, deliveries(db)) == ([], [("claimed", "push_service_resting")])


@pytest.mark.anyio
async def test_the_link_goes_out_in_the_language_of_its_owner(
    office: Office, db: Session, ana: PatientProfile
) -> None:
    asked = ask_mailbox(db, ana.id, KEY, EIGHT)
    letter = link_to_confirm(asked, office.settings, EIGHT)
    assert f"https://aftercare.example/reminders/by-mail/{asked.token}" in letter.get_content()


@pytest.mark.anyio
async def test_two_workers_post_one_letter(database: Database, tmp_path: Path) -> None:
    async with mail_server() as mail:
        settings = settings_for(mail, tmp_path)
        secrets = open_secrets(settings.data)
        ana = await database.write(due_patient)
        await database.write(confirmed, ana.id)
        workers = [ReminderWorker(database, settings, secrets, lambda: EIGHT) for _number in range(2)]
        running = [asyncio.create_task(worker.run()) for worker in workers]
        async with asyncio.timeout(15):
            while not mail.letters:
                await asyncio.sleep(0.05)
        for worker in workers:
            worker.stop()
        await asyncio.gather(*running)
        assert len(mail.letters) == 1
        assert await database.read(deliveries) == [("sent", None)]
