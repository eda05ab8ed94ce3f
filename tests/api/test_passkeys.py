"""Passkeys through the JSON door: what a device signed counts once, and only when all of it is right."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from httpx2 import Response
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.passkey import PasskeyChallenge
from builders import a_patient, a_therapist
from conftest import settings_for
from passkey_device import PRESENT, Device, bytes_of, text_of
from running import AppInside, running

Bend = Callable[[Device, dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[AppInside]:
    """An app at http://localhost, where browsers know passkeys, that asks therapists for one."""
    folder = tmp_path_factory.mktemp("home")
    file = folder / "aftercare.sqlite3"
    file.write_bytes(migrated_sqlite.read_bytes())
    asks = {"public_url": "http://localhost", "therapist_second_factor": "required", "rate_limits": "off"}
    with running(settings_for(f"sqlite:///{file}", folder).model_copy(update=asks)) as app:
        yield app


class Owner:
    """Ana, signed in, with a device of hers."""

    def __init__(self, app: AppInside, account_id: UUID) -> None:
        self.app, self.id = app, account_id
        self.browser = app.browser_of(account_id)
        self.device = Device()

    def adds(self, device: Device | None = None, bend: Bend | None = None) -> Response:
        device = device or self.device
        made = device.makes(asked(self.browser, "/api/me/passkeys/options"))
        return self.browser.post("/api/me/passkeys", json=bend(device, made) if bend else made)


@pytest.fixture
def ana(home: AppInside) -> Owner:
    return Owner(home, home.write(a_patient, f"Ana{uuid4().hex}", now=utc_now()).id)


@pytest.fixture
def known(ana: Owner) -> Device:
    """Ana's device, which the server knows."""
    assert ana.adds().status_code == 201
    return ana.device


@pytest.fixture
def stranger(home: AppInside) -> TestClient:
    home.nobody.cookies.clear()
    return home.nobody


def asked(browser: TestClient, path: str = "/api/passkeys/options") -> dict[str, Any]:
    options: dict[str, Any] = browser.post(path).json()["public_key"]
    return options


def signs_in(stranger: TestClient, device: Device, bend: Bend | None = None) -> Response:
    answer = device.signs(asked(stranger))
    return stranger.post("/api/passkeys/sign-in", json=bend(device, answer) if bend else answer)


def test_a_passkey_signs_its_owner_in(ana: Owner, known: Device, stranger: TestClient) -> None:
    assert signs_in(stranger, known).json()["id"] == str(ana.id)
    assert stranger.get("/today").status_code == 200
    (row,) = ana.browser.get("/api/me/passkeys").json()["passkeys"]
    assert row["name"] == "Phone"
    assert row["last_used_at"]


def test_the_server_asks_for_a_key_that_knows_its_owner_and_checks_who_holds_it(ana: Owner) -> None:
    wanted = asked(ana.browser, "/api/me/passkeys/options")
    assert wanted["rp"]["id"] == "localhost"
    assert wanted["authenticatorSelection"]["residentKey"] == "required"
    assert wanted["authenticatorSelection"]["userVerification"] == "required"
    assert asked(ana.browser)["userVerification"] == "required"


def test_what_was_signed_counts_once(known: Device, stranger: TestClient) -> None:
    signed = known.signs(asked(stranger))
    assert stranger.post("/api/passkeys/sign-in", json=signed).status_code == 200
    assert stranger.post("/api/passkeys/sign-in", json=signed).status_code == 403


def test_a_challenge_is_used_up_by_a_wrong_answer(known: Device, stranger: TestClient) -> None:
    options = asked(stranger)
    wrong = known.signs(options) | {"signature": text_of(b"wrong")}
    assert stranger.post("/api/passkeys/sign-in", json=wrong).status_code == 403
    assert stranger.post("/api/passkeys/sign-in", json=known.signs(options)).status_code == 403


def test_a_passkey_that_was_refused_is_on_record_with_whose_it_is(
    ana: Owner, known: Device, stranger: TestClient
) -> None:
    signs_in(stranger, known, lambda _device, answer: answer | {"signature": text_of(b"wrong")})
    look = ana.browser.get("/api/me/access-log").json()["looks"][0]
    assert (look["what"], look["who"]) == ("account:sign_in:refused", "A browser")


def test_a_challenge_ends_after_five_minutes(known: Device, stranger: TestClient) -> None:
    signed = known.signs(asked(stranger))
    with time_machine.travel(utc_now() + PasskeyChallenge.LASTS):
        assert stranger.post("/api/passkeys/sign-in", json=signed).status_code == 403


def test_a_challenge_of_our_own_making_counts_for_nothing(known: Device, stranger: TestClient) -> None:
    signed = known.signs({"challenge": text_of(b"x" * 32)})
    assert stranger.post("/api/passkeys/sign-in", json=signed).status_code == 403


def changed(part: str) -> Bend:
    def bend(_device: Device, answer: dict[str, Any]) -> dict[str, Any]:
        raw = bytearray(bytes_of(answer[part]))
        raw[-1] ^= 1
        return answer | {part: text_of(bytes(raw))}

    return bend


def with_device(**bent: Any) -> Bend:
    """The same key, on a device or a page that is not as it should be."""

    def bend(device: Device, answer: dict[str, Any]) -> dict[str, Any]:
        challenge = json.loads(bytes_of(answer["client_data"]))["challenge"]
        return replace(device, **bent).signs({"challenge": challenge})

    return bend


@pytest.mark.parametrize(
    "bend",
    [
        pytest.param(changed("signature"), id="a changed signature"),
        pytest.param(changed("authenticator_data"), id="a changed count"),
        pytest.param(changed("user_handle"), id="another owner"),
        pytest.param(with_device(origin="http://localhost:9"), id="another port"),
        pytest.param(with_device(origin="https://localhost.evil.example"), id="another site"),
        pytest.param(with_device(host="evil.example"), id="a key for another site"),
        pytest.param(with_device(flags=PRESENT), id="nobody verified"),
        pytest.param(with_device(flags=0), id="nobody there"),
        pytest.param(with_device(key=Device().key), id="another key"),
        pytest.param(with_device(credential_id=b"unknown"), id="an unknown key"),
        pytest.param(lambda _device, answer: answer | {"client_data": text_of(b"{}")}, id="no challenge"),
        pytest.param(lambda _device, answer: answer | {"client_data": text_of(b"[" * 5000)}, id="brackets"),
        pytest.param(lambda _device, answer: answer | {"client_data": "A"}, id="no base64"),
        pytest.param(lambda _device, answer: answer | {"authenticator_data": text_of(b"")}, id="no data"),
        pytest.param(lambda _device, answer: answer | {"id": "A"}, id="no id"),
    ],
)
def test_what_is_not_right_in_every_way_signs_nobody_in(
    known: Device, stranger: TestClient, bend: Bend
) -> None:
    answer = signs_in(stranger, known, bend)
    assert answer.status_code in (403, 422)
    assert "set-cookie" not in answer.headers


def test_a_device_that_counts_backwards_is_a_copy(known: Device, stranger: TestClient) -> None:
    known.counts = 7
    assert signs_in(stranger, known).status_code == 200
    known.counts = 7
    assert signs_in(stranger, known).status_code == 403
    known.counts = 8
    assert signs_in(stranger, known).status_code == 200


@pytest.mark.parametrize(
    "bent",
    [
        pytest.param({"origin": "http://localhost:9"}, id="another port"),
        pytest.param({"host": "evil.example"}, id="another site"),
        pytest.param({"flags": PRESENT}, id="nobody verified"),
    ],
)
def test_a_key_made_elsewhere_or_by_nobody_is_not_added(ana: Owner, bent: dict[str, Any]) -> None:
    assert ana.adds(Device(**bent)).status_code == 403
    assert ana.browser.get("/api/me/passkeys").json()["passkeys"] == []


@pytest.mark.parametrize("attestation", [b"", b"\xff" * 40, b"\xa0", b"\xa3" + b"\x61a" * 3])
def test_what_is_no_key_at_all_is_not_added(ana: Owner, attestation: bytes) -> None:
    answer = ana.adds(bend=lambda _device, made: made | {"attestation": text_of(attestation)})
    assert answer.status_code in (403, 422)


def test_a_challenge_to_sign_in_adds_no_key(ana: Owner) -> None:
    made = Device().makes({**asked(ana.browser, "/api/me/passkeys/options"), **asked(ana.browser)})
    assert ana.browser.post("/api/me/passkeys", json=made).status_code == 403


def test_the_same_key_is_added_once(ana: Owner, known: Device) -> None:
    assert ana.adds().status_code == 409


def test_several_keys_each_with_its_name(ana: Owner, known: Device) -> None:
    laptop = Device()
    ana.adds(laptop, lambda _device, made: made | {"name": "Laptop"})
    names = [row["name"] for row in ana.browser.get("/api/me/passkeys").json()["passkeys"]]
    assert names == ["Phone", "Laptop"]


def test_a_removed_key_opens_nothing(ana: Owner, known: Device, stranger: TestClient) -> None:
    (row,) = ana.browser.get("/api/me/passkeys").json()["passkeys"]
    assert ana.browser.delete(f"/api/me/passkeys/{row['id']}").status_code == 204
    assert signs_in(stranger, known).status_code == 403


def test_nobody_removes_the_key_of_another(ana: Owner, known: Device, home: AppInside) -> None:
    (row,) = ana.browser.get("/api/me/passkeys").json()["passkeys"]
    bea = Owner(home, home.write(a_patient, f"Bea{uuid4().hex}", now=utc_now()).id)
    assert bea.browser.delete(f"/api/me/passkeys/{row['id']}").status_code == 404


def test_a_passkey_proves_who_is_here(ana: Owner, known: Device) -> None:
    with time_machine.travel(utc_now() + timedelta(minutes=6)):
        assert ana.browser.get("/api/me/takeout").status_code == 403
        signed = known.signs(asked(ana.browser, "/api/me/proof/options"))
        assert ana.browser.post("/api/me/proof", json=signed).status_code == 204
        assert ana.browser.get("/api/me/takeout").status_code == 200


def test_the_passkey_of_another_proves_nothing(ana: Owner, known: Device, home: AppInside) -> None:
    bea = Owner(home, home.write(a_patient, f"Bea{uuid4().hex}", now=utc_now()).id)
    signed = known.signs(asked(bea.browser, "/api/me/proof/options"))
    assert bea.browser.post("/api/me/proof", json=signed).status_code == 403


def test_a_therapist_is_let_in_with_a_passkey(home: AppInside) -> None:
    rui = Owner(home, home.write(a_therapist, f"Rui{uuid4().hex}", now=utc_now()).id)
    assert rui.browser.get("/api/patients").json()["code"] == "second_factor_needed"
    rui.adds()
    assert rui.browser.get("/api/patients").status_code == 200
    another_browser = home.browser_of(rui.id)
    assert another_browser.get("/api/patients").status_code == 403
    signed = rui.device.signs(asked(another_browser, "/api/me/proof/options"))
    another_browser.post("/api/me/proof", json=signed)
    assert another_browser.get("/api/patients").status_code == 200


def test_a_password_alone_adds_no_passkey_beside_the_one_that_is_asked_for(home: AppInside) -> None:
    rui = Owner(home, home.write(a_therapist, f"Rui{uuid4().hex}", now=utc_now()).id)
    rui.adds()
    thief = home.browser_of(rui.id)
    answer = thief.post("/api/me/passkeys/options")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed")
    assert thief.get("/account/security/codes").headers["location"].startswith("/prove")


def test_a_shared_device_keeps_nothing(known: Device, stranger: TestClient) -> None:
    answer = signs_in(stranger, known, lambda _device, signed: signed | {"shared": True})
    assert "Max-Age" not in answer.headers["set-cookie"]


def test_old_challenges_are_swept_away(home: AppInside, stranger: TestClient) -> None:
    asked(stranger)
    with time_machine.travel(utc_now() + timedelta(days=1)):
        asked(stranger)
        assert home.read(lambda db: db.query(PasskeyChallenge).count()) == 1
