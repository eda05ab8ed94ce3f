"""Turning reminders by e-mail on and off, as a browser without scripts does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models.account import Account
from app.reminders.mailbox import ask_mailbox
from builders import a_patient
from conftest import settings_for
from running import AppInside, running
from web.reading import found, parsed, words_of

NOBODY_LISTENS = 9


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[AppInside]:
    """An app that could send letters, if its mail server were there."""
    folder = tmp_path_factory.mktemp("by-mail")
    file = folder / "aftercare.sqlite3"
    file.write_bytes(migrated_sqlite.read_bytes())
    settings = settings_for(f"sqlite:///{file}", folder)
    sends = {"smtp_host": "127.0.0.1", "smtp_port": NOBODY_LISTENS, "smtp_security": "none"}
    with running(settings.model_copy(update=sends)) as app:
        yield app


def test_letters_are_turned_on_by_the_link_and_one_press_and_off_again(app: AppInside) -> None:
    ana = app.write(a_patient, f"Ana{uuid4().hex}")
    phone = app.browser_of(ana.id)
    asked = phone.post("/reminders/by-mail", data={"x": "y"}).headers["location"]
    assert asked.endswith("#said")
    assert "Look into your mailbox" in words_of(found(parsed(phone.get(asked)), "#by-mail #said"))
    assert "on its way" in words_of(found(parsed(phone.get("/reminders")), "#by-mail"))
    key, earlier = app.app.state.secrets.key, utc_now() + timedelta(hours=1)
    link = f"/reminders/by-mail/{app.write(ask_mailbox, ana.id, key, earlier).token}"
    assert "Turn on reminders by e-mail" in words_of(parsed(phone.get(link)))
    assert phone.get("/api/reminders/mailbox").json()["state"] == "waiting"
    phone.post(link, data={"x": "y"})
    assert phone.get("/api/reminders/mailbox").json()["state"] == "on"
    phone.post("/reminders/by-mail/off", data={"x": "y"})
    assert phone.get("/api/reminders/mailbox").json()["state"] == "off"


def test_the_api_asks_and_closes_and_keeps_the_mailbox_out_of_the_devices(app: AppInside) -> None:
    ana = app.write(a_patient, f"Ana{uuid4().hex}")
    phone = app.browser_of(ana.id)
    assert phone.post("/api/reminders/mailbox").json()["state"] == "waiting"
    assert phone.post("/api/reminders/mailbox").status_code == 429
    assert phone.get("/api/push/subscriptions").json()["subscriptions"] == []
    assert phone.delete("/api/reminders/mailbox").status_code == 204


def test_the_operator_learns_of_a_link_that_did_not_go_out(
    app: AppInside, capsys: pytest.CaptureFixture[str]
) -> None:
    ana = app.write(a_patient, f"Ana{uuid4().hex}")
    app.browser_of(ana.id).post("/reminders/by-mail", data={"x": "y"})
    assert "account_letter.not_sent" in capsys.readouterr().err


def test_an_address_no_letter_can_be_written_to_is_no_error(app: AppInside) -> None:
    ana = app.write(a_patient, f"Ana{uuid4().hex}")
    app.write(has_address, ana.id, "ana@[people.example")
    assert app.browser_of(ana.id).post("/api/reminders/mailbox").status_code == 202


def has_address(db: Session, account_id: UUID, address: str) -> None:
    db.get_one(Account, account_id).email = address


def test_without_a_mail_server_nothing_is_offered(anas_phone, standing_app: AppInside) -> None:
    assert parsed(anas_phone.get("/reminders")).css("#by-mail") == []
    assert anas_phone.post("/api/reminders/mailbox").status_code == 409
