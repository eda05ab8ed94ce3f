"""Whoever changes how an account is signed in to, its owner hears of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest
from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient

from app.access.accounts import ProfileIn, change_me, me
from app.clock import utc_now
from app.reminders.mailbox import ask_mailbox, confirm_mailbox
from builders import a_passkey, a_patient
from conftest import settings_for
from mail_server import MailServer, mail_server
from running import AppInside, running
from web.reading import parsed, words_of

A_LETTER_TAKES, KEY = 10, b"k" * 32


class Ana:
    """Ana, signed in, and the letters that came to her."""

    def __init__(self, app: AppInside, mail: MailServer) -> None:
        self.app, self.mail = app, mail
        self.id = app.write(a_patient, f"Ana{uuid4().hex}", now=utc_now()).id
        self.email = app.read(me, self.id).email
        self.browser: TestClient = app.browser_of(self.id)

    def letter(self) -> EmailMessage:
        """The one letter to her, once it has come."""
        end = time.monotonic() + A_LETTER_TAKES
        while not (mine := [one for one in self.mail.letters if one["To"] == self.email]):
            assert time.monotonic() < end, "No letter came."
            time.sleep(0.02)
        (letter,) = mine
        return letter


@pytest.fixture(scope="module")
def post_office(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path
) -> Iterator[tuple[AppInside, MailServer]]:
    folder = tmp_path_factory.mktemp("post")
    file = folder / "aftercare.sqlite3"
    file.write_bytes(migrated_sqlite.read_bytes())
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(mail_server()) as mail:
        sends = {"smtp_host": "127.0.0.1", "smtp_port": mail.port, "smtp_security": "none"}
        with running(settings_for(f"sqlite:///{file}", folder).model_copy(update=sends)) as app:
            yield app, mail


@pytest.fixture
def ana(post_office: tuple[AppInside, MailServer]) -> Ana:
    return Ana(*post_office)


def test_a_new_password_is_told(ana: Ana) -> None:
    ana.browser.post("/account/security/password", data={"password": "a quite new long password"})
    text = ana.letter().get_content()
    assert "The password of your Aftercare account was changed." in text
    assert "Ana" not in text


def test_a_new_address_is_told_at_the_old_one(ana: Ana) -> None:
    ana.browser.post("/account/security/email", data={"email": f"{uuid4().hex}@people.example"})
    assert "has another e-mail address" in ana.letter().get_content()


def test_whoever_has_reminders_by_e_mail_is_asked_at_the_new_address(ana: Ana) -> None:
    asked = ana.app.write(ask_mailbox, ana.id, KEY, utc_now())
    ana.app.write(confirm_mailbox, ana.id, asked.token, KEY, utc_now())
    ana.email = f"{uuid4().hex}@people.example"
    saved = ana.browser.post("/account/security/email", data={"email": ana.email}).headers["location"]
    (link,) = re.findall(r"/reminders/by-mail/\S+", ana.letter().get_content())
    assert "open the link that was sent there" in words_of(parsed(ana.browser.get(saved)))
    assert ana.browser.get("/api/reminders/mailbox").json() == {"address": ana.email, "state": "waiting"}
    ana.browser.post(link, data={"x": "y"})
    assert ana.browser.get("/api/reminders/mailbox").json()["state"] == "on"


def test_a_removed_passkey_is_told_in_the_language_of_its_owner(ana: Ana) -> None:
    ana.app.write(change_me, ana.id, ProfileIn(locale="de"), utc_now())
    passkey = ana.app.write(a_passkey, ana.id, utc_now())
    ana.browser.post(f"/account/security/passkeys/{passkey.id}/remove")
    assert "Passkeys oder Codes" in ana.letter().get_content()
