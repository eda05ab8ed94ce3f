"""Getting back in with a link."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from starlette.testclient import TestClient

from app.access.accounts import me
from app.access.password_links import make_password_link
from app.clock import utc_now
from app.models.password_link import PasswordLink
from builders import PASSWORD, a_device, a_patient, a_token
from running import AppInside
from web.reading import found, parsed, words_of

NEW = "a quite new long password"


class Anas:
    """Ana, who is signed in on her phone and has forgotten her password."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.id: UUID = app.write(a_patient, f"Ana{uuid4().hex}", now=utc_now()).id
        self.email = app.read(me, self.id).email
        self.phone: TestClient = app.browser_of(self.id)

    def link(self) -> str:
        lasts = PasswordLink.BY_OPERATOR_LASTS
        return f"/password/{self.app.write(make_password_link, self.id, lasts, utc_now())}"

    def signs_in_with(self, password: str) -> bool:
        said = {"email": self.email, "password": password}
        return self.app.nobody.post("/api/sign-in", json=said).status_code == 200


@pytest.fixture
def ana(standing_app: AppInside) -> Anas:
    return Anas(standing_app)


def test_the_page_says_whose_password_it_is(ana: Anas) -> None:
    assert ana.email in words_of(parsed(ana.app.nobody.get(ana.link())))


def test_a_new_password_signs_in_and_the_old_one_does_not(ana: Anas) -> None:
    answer = ana.app.nobody.post(ana.link(), data={"password": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert ana.signs_in_with(NEW)
    assert not ana.signs_in_with(PASSWORD)


def test_everything_signed_in_before_is_signed_out(ana: Anas) -> None:
    token = ana.app.write(a_token, ana.id, now=utc_now()).token
    ana.app.nobody.post(ana.link(), data={"password": NEW})
    assert ana.phone.get("/api/me").status_code == 401
    assert ana.app.nobody.get("/api/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_no_reminder_reaches_a_phone_that_was_signed_out(ana: Anas) -> None:
    device = ana.app.write(a_device, ana.id, utc_now())
    ana.app.nobody.post(ana.link(), data={"password": NEW})
    assert ana.app.read(lambda db: db.get(type(device), device.id).forgotten_at) is not None


def test_a_link_works_once(ana: Anas) -> None:
    link = ana.link()
    ana.app.nobody.post(link, data={"password": NEW})
    assert ana.app.nobody.post(link, data={"password": "another long password"}).status_code == 404
    assert ana.signs_in_with(NEW)


def test_a_newer_link_ends_the_older_one(ana: Anas) -> None:
    older, newer = ana.link(), ana.link()
    assert ana.app.nobody.get(older).status_code == 404
    assert ana.app.nobody.get(newer).status_code == 200


def test_a_link_is_open_for_a_day_and_no_longer(ana: Anas) -> None:
    link = ana.link()
    with time_machine.travel(utc_now() + timedelta(hours=23)):
        assert ana.app.nobody.get(link).status_code == 200
    with time_machine.travel(utc_now() + timedelta(hours=25)):
        assert ana.app.nobody.post(link, data={"password": NEW}).status_code == 404
    assert ana.signs_in_with(PASSWORD)


def test_a_password_that_is_too_short_leaves_the_link_open(ana: Anas) -> None:
    link = ana.link()
    answer = ana.app.nobody.post(link, data={"password": "short"})
    assert answer.status_code == 422
    assert words_of(found(parsed(answer), "#password-error")) == "Choose a password of 10 or more characters."
    assert ana.app.nobody.get(link).status_code == 200


@pytest.mark.parametrize("token", ["nonsense", "%00", "x" * 99])
def test_a_link_that_is_none_leads_nowhere(standing_app: AppInside, token: str) -> None:
    assert standing_app.nobody.get(f"/password/{token}").status_code == 404
