"""A letter for whoever forgot their password: the page says the same whether there is an account or not."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.access.accounts import me
from app.access.password_links import behind_link
from app.clock import utc_now
from app.database import Database
from app.errors import NotFound
from app.letters.way_back import make_way_back, send_way_back
from app.models.password_link import PasswordLink
from app.post import TIMEOUT_SECONDS
from app.settings import Settings
from app.web.filled_form import FilledForm
from app.web.page import rendered
from builders import PASSWORD, a_patient
from conftest import settings_for
from mail_server import MailServer, mail_server
from running import AppInside, running


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


def with_mail(settings: Settings, port: int) -> Settings:
    sends = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    return settings.model_copy(update={**sends, "public_url": "https://aftercare.example"})


@pytest.fixture(scope="module")
def posting_app(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[AppInside]:
    """An app whose mail server takes calls and never says a word."""
    folder = tmp_path_factory.mktemp("posting")
    file = folder / "aftercare.sqlite3"
    file.write_bytes(migrated_sqlite.read_bytes())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = with_mail(settings_for(f"sqlite:///{file}", folder), silent.getsockname()[1])
        with running(settings) as app:
            yield app
            silent.close()


@pytest.fixture
def ana(posting_app: AppInside) -> str:
    patient = posting_app.write(a_patient, f"Ana{uuid4().hex}", now=utc_now())
    return posting_app.read(me, patient.id).email


def asked(browser: TestClient, email: str) -> tuple[int, str]:
    answer = browser.post("/password", data={"email": email})
    return answer.status_code, answer.text


@pytest.mark.anyio
async def test_the_letter_holds_a_link_of_the_public_address_and_nothing_personal(
    database: Database, mail: MailServer, tmp_path: Path
) -> None:
    now = utc_now()
    ana = await database.write(a_patient, now=now)
    settings = with_mail(Settings(data=tmp_path), mail.port)
    await send_way_back(database, settings, "Ana@people.example", now)
    (letter,) = mail.letters
    text = letter.get_content()
    link = re.search(r"https://aftercare\.example/password/([\w-]{43})", text)
    assert link
    assert "Ana" not in text
    assert (await database.read(behind_link, link[1], now)).account_id == ana.id
    with pytest.raises(NotFound):
        await database.read(behind_link, link[1], now + timedelta(minutes=30))


@pytest.mark.anyio
async def test_nothing_is_sent_to_whoever_has_no_account(
    database: Database, mail: MailServer, tmp_path: Path
) -> None:
    await send_way_back(
        database, with_mail(Settings(data=tmp_path), mail.port), "x@people.example", utc_now()
    )
    assert mail.connections == 0


def test_known_and_unknown_are_answered_the_same(posting_app: AppInside, ana: str) -> None:
    known, unknown = asked(posting_app.nobody, ana), asked(posting_app.nobody, "nobody@people.example")
    assert known == unknown
    assert known[0] == 200


def test_nobody_waits_for_the_letter(posting_app: AppInside, ana: str) -> None:
    begun = time.monotonic()
    asked(posting_app.nobody, ana)
    assert time.monotonic() - begun < TIMEOUT_SECONDS / 4


def test_one_mailbox_gets_three_letters_at_most(posting_app: AppInside, ana: str) -> None:
    now = utc_now()
    made = [posting_app.write(make_way_back, ana, now) for _ in range(PasswordLink.BY_EMAIL_AT_MOST + 1)]
    assert [one is not None for one in made] == [True, True, True, False]


def test_asking_again_and_again_is_slowed_down_without_keeping_anybody_from_signing_in(
    posting_app: AppInside, ana: str
) -> None:
    assert [asked(posting_app.nobody, ana)[0] for _ in range(11)] == [200] * 10 + [429]
    said = {"email": ana, "password": PASSWORD}
    assert posting_app.nobody.post("/api/sign-in", json=said).status_code == 200


def test_without_a_mail_server_the_page_says_whom_to_ask() -> None:
    page = rendered("forgotten.html", form=FilledForm(), asked=False, sends_mail=False)
    assert "Ask whoever runs it" in page
    assert "<form" not in page
