"""Passkeys in Chromium, with a device that is only pretended: added, used, and of no use to anybody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import CDPSession, Page, Request, Route

from app.clock import utc_now
from builders import a_therapist
from passkey_device import bytes_of, text_of
from running import ServedApp

SIGN_IN = "/api/passkeys/sign-in"
ELSEWHERE = "http://localhost:9/"
"""Another site on the same host: browsers let it use keys of that host, so the server has to look."""

SIGN_AS_TOLD = """
async (options) => {
  const bytes = (text) => Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0),
  );
  const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const { rawId, response } = await navigator.credentials.get({ publicKey: {
    challenge: bytes(options.challenge), rpId: "localhost", userVerification: options.verification,
  } });
  return {
    id: text(rawId), client_data: text(response.clientDataJSON),
    authenticator_data: text(response.authenticatorData), signature: text(response.signature),
  };
}
"""


class PretendedDevice:
    """The authenticator that Chromium believes to be built in; `verifies` is whether its owner is there."""

    def __init__(self, page: Page) -> None:
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        self._cdp.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id = made["authenticatorId"]

    def verifies(self, verified: bool) -> None:
        said = {"authenticatorId": self._id, "isUserVerified": verified}
        self._cdp.send("WebAuthn.setUserVerified", said)


@pytest.fixture
def rui_id(served_app: ServedApp) -> UUID:
    return served_app.write(a_therapist, now=utc_now()).id


@pytest.fixture
def device(phone_of: Callable[[UUID], Page], rui_id: UUID) -> tuple[Page, PretendedDevice]:
    """Rui's phone with a passkey that was just added, nobody signed in."""
    phone = phone_of(rui_id)
    pretended = PretendedDevice(phone)
    phone.goto("/account/security")
    phone.get_by_label("Name of the passkey").fill("My phone")
    phone.get_by_role("button", name="Add a passkey").click()
    phone.get_by_text("Your passkey is saved.").wait_for()
    phone.context.clear_cookies()
    return phone, pretended


def asked(phone: Page) -> dict[str, Any]:
    answer = phone.request.post("/api/passkeys/options", headers={"Sec-Fetch-Site": "same-origin"})
    options: dict[str, Any] = answer.json()["public_key"]
    return options


def answered(phone: Page, body: object) -> int:
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    return phone.request.post(SIGN_IN, data=json.dumps(body), headers=headers).status


def test_a_passkey_opens_the_page_that_was_wanted_and_what_it_signed_opens_nothing_again(
    device: tuple[Page, PretendedDevice],
) -> None:
    phone, _pretended = device
    sent: list[Request] = []
    phone.on("request", lambda request: sent.append(request) if SIGN_IN in request.url else None)
    phone.goto("/sign-in?next=/account")
    phone.get_by_role("button", name="Use a passkey").click()
    phone.get_by_role("heading", name="Your account").wait_for()
    phone.context.clear_cookies()
    signed = sent[0].post_data_json
    assert answered(phone, signed) == 403
    fresh = phone.evaluate(SIGN_AS_TOLD, {**asked(phone), "verification": "required"})
    raw = bytearray(bytes_of(fresh["signature"]))
    raw[-1] ^= 1
    assert answered(phone, fresh | {"signature": text_of(bytes(raw))}) == 403
    fresh = phone.evaluate(SIGN_AS_TOLD, {**asked(phone), "verification": "required"})
    assert answered(phone, fresh) == 200


def test_what_another_site_had_signed_opens_nothing(device: tuple[Page, PretendedDevice]) -> None:
    phone, _pretended = device
    options = {**asked(phone), "verification": "required"}
    phone.route(ELSEWHERE, _blank)
    phone.goto(ELSEWHERE)
    signed = phone.evaluate(SIGN_AS_TOLD, options)
    assert json.loads(bytes_of(signed["client_data"]))["origin"] == ELSEWHERE.rstrip("/")
    assert answered(phone, signed) == 403


def test_without_its_owner_a_passkey_opens_nothing(device: tuple[Page, PretendedDevice]) -> None:
    phone, pretended = device
    pretended.verifies(False)
    phone.goto("/sign-in")
    signed = phone.evaluate(SIGN_AS_TOLD, {**asked(phone), "verification": "discouraged"})
    assert answered(phone, signed) == 403
    phone.get_by_role("button", name="Use a passkey").click()
    phone.get_by_text("No passkey was used.").wait_for()


def _blank(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="<!doctype html><title>Elsewhere</title>")
