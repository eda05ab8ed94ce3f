"""Turning reminders on for this very phone. The push service of the browser is a stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from app.models.patient import PatientProfile
from app.reminders.devices import devices_of
from builders import a_patient
from push_service import PushService
from running import ServedApp

ASKED = "window.asked = 0; Notification.requestPermission = async () => { window.asked += 1; return '%s'; };"
ALLOWED = "Object.defineProperty(Notification, 'permission', { get: () => '%s' });"
NO_PUSH = "delete window.PushManager;"
HANGS = "PushManager.prototype.subscribe = () => new Promise(() => {});"
NOT_SUBSCRIBED = "PushManager.prototype.getSubscription = async () => null;"
LOOKING_HANGS = "PushManager.prototype.getSubscription = () => new Promise(() => {});"
UNSUBSCRIBING_HANGS = """PushManager.prototype.getSubscription = async () =>
  ({ endpoint: "https://fcm.googleapis.com/old", unsubscribe: () => new Promise(() => {}) });"""
SHORT_SECONDS = """const usual = setTimeout;
  window.setTimeout = (step, milliseconds) => usual(step, milliseconds / 20);"""
"""Twenty to a real one, so that nobody waits for long."""
NAME = "Chrome on Linux"
TURN_ON = "Turn on reminders"


@pytest.fixture
def ana(served_app: ServedApp) -> PatientProfile:
    profile: PatientProfile = served_app.write(a_patient)
    return profile


@pytest.fixture
def reminders(phone_of: Callable[[UUID], Page], ana: PatientProfile) -> Callable[..., Page]:
    """Opens "Turn on reminders" on a phone that behaves as these scripts say."""

    def opened(*scripts: str) -> Page:
        page = phone_of(ana.id)
        page.add_init_script("\n".join(scripts))
        page.goto("/reminders/turn-on")
        return page

    return opened


def subscribes(page_script: dict[str, object]) -> str:
    return f"""
      const subscription = {{ endpoint: {json.dumps(page_script["endpoint"])},
        toJSON: () => ({json.dumps(page_script)}), unsubscribe: async () => true }};
      PushManager.prototype.subscribe = async () => subscription;"""


def agent(words: str) -> str:
    return f"Object.defineProperty(navigator, 'userAgent', {{ get: () => {json.dumps(words)} }});"


def steps_shown(page: Page) -> list[str]:
    """The headings of the steps that are there for this device."""
    return page.locator("section[data-steps]:visible h2").all_inner_texts()


def test_permission_is_never_asked_for_without_a_tap(reminders: Callable[..., Page]) -> None:
    page = reminders(ALLOWED % "default", ASKED % "default", NOT_SUBSCRIBED)
    expect(page.get_by_role("button", name=TURN_ON)).to_be_visible()
    assert page.evaluate("window.asked") == 0
    assert steps_shown(page) == ["On this device"]


def test_turning_on_ends_with_a_test_that_arrived(
    reminders: Callable[..., Page], served_app: ServedApp, ana: PatientProfile
) -> None:
    device = PushService().device("phone")
    subscription = {**device.subscription, "endpoint": "https://fcm.googleapis.com/fcm/send/phone"}
    page = reminders(ALLOWED % "default", ASKED % "granted", NOT_SUBSCRIBED, subscribes(subscription))
    # The test itself would leave this machine, so only its outcome is played here.
    sent = {"deliveries": [{"id": "a", "state": "claimed"}]}
    page.route("**/api/push/test", lambda route: route.fulfill(json=sent))
    page.route("**/api/deliveries?*", answers_of_the_ledger(served_app, ana, "shown"))
    page.get_by_role("button", name=TURN_ON).click()
    expect(page.locator("#phone-state")).to_contain_text("The test arrived.")
    (known,) = served_app.read(devices_of, ana.id)
    assert known.device_name == NAME


def answers_of_the_ledger(
    served_app: ServedApp, ana: PatientProfile, state: str, *others: dict[str, Any]
) -> Callable[[Route], None]:
    """A ledger in which the test to this device, the only one of Ana's, is in this state."""

    def answer(route: Route) -> None:
        (device,) = served_app.read(devices_of, ana.id)
        ours = {"id": "a", "state": state, "device_name": NAME, "subscription_id": str(device.id)}
        route.fulfill(json={"deliveries": [ours, *others]})

    return answer


def test_a_test_that_is_refused_is_said_plainly(
    reminders: Callable[..., Page], served_app: ServedApp, ana: PatientProfile
) -> None:
    subscription = {
        **PushService().device("x").subscription,
        "endpoint": "https://fcm.googleapis.com/fcm/send/x",
    }
    page = reminders(ALLOWED % "default", ASKED % "granted", NOT_SUBSCRIBED, subscribes(subscription))
    page.route("**/api/push/test", lambda route: route.fulfill(json={"deliveries": [{"id": "a"}]}))
    page.route("**/api/deliveries?*", answers_of_the_ledger(served_app, ana, "failed"))
    page.get_by_role("button", name=TURN_ON).click()
    expect(page.locator("#phone-state")).to_contain_text("The test was refused on its way.")


def test_a_test_that_arrived_on_another_phone_of_the_same_name_is_not_ours(
    reminders: Callable[..., Page], served_app: ServedApp, ana: PatientProfile
) -> None:
    subscription = {
        **PushService().device("x").subscription,
        "endpoint": "https://fcm.googleapis.com/fcm/send/x",
    }
    page = reminders(ALLOWED % "default", ASKED % "granted", NOT_SUBSCRIBED, subscribes(subscription))
    both = {"deliveries": [{"id": "a"}, {"id": "b"}]}
    other = {"id": "b", "state": "shown", "device_name": NAME, "subscription_id": str(uuid4())}
    page.route("**/api/push/test", lambda route: route.fulfill(json=both))
    page.route("**/api/deliveries?*", answers_of_the_ledger(served_app, ana, "failed", other))
    page.get_by_role("button", name=TURN_ON).click()
    expect(page.locator("#phone-state")).to_contain_text("The test was refused on its way.")


def test_a_no_shows_how_to_allow_it_later(reminders: Callable[..., Page]) -> None:
    page = reminders(ALLOWED % "default", ASKED % "denied", NOT_SUBSCRIBED)
    page.get_by_role("button", name=TURN_ON).click()
    expect(page.locator("#phone-state")).to_have_text(
        "Notifications are blocked for Aftercare on this device."
    )
    assert steps_shown(page) == ["If they are blocked: a computer"]


def test_a_question_left_open_can_be_answered_later(reminders: Callable[..., Page]) -> None:
    page = reminders(ALLOWED % "default", ASKED % "default", NOT_SUBSCRIBED)
    page.get_by_role("button", name=TURN_ON).click()
    expect(page.locator("#phone-state")).to_have_text("No answer yet. Tap again when you are ready.")
    expect(page.get_by_role("button", name=TURN_ON)).to_be_enabled()


@pytest.mark.parametrize(
    "hangs",
    [
        pytest.param(NOT_SUBSCRIBED + HANGS, id="subscribing"),
        pytest.param(LOOKING_HANGS, id="looking for a subscription"),
        pytest.param(UNSUBSCRIBING_HANGS, id="giving the old one up"),
    ],
)
def test_a_browser_that_never_answers_is_given_up_on(reminders: Callable[..., Page], hangs: str) -> None:
    page = reminders(ALLOWED % "default", ASKED % "granted", hangs, SHORT_SECONDS)
    page.get_by_role("button", name=TURN_ON).click()
    expect(page.locator("#phone-state")).to_contain_text("Your browser did not answer.")
    expect(page.get_by_role("button", name=TURN_ON)).to_be_enabled()


@pytest.mark.parametrize(
    ("scripts", "heading"),
    [
        pytest.param(
            [NO_PUSH, agent("iPhone Version/18.4 Safari")], "iPhone or iPad, in Safari", id="safari"
        ),
        pytest.param(
            [NO_PUSH, agent("iPhone CriOS/140 Safari")],
            "iPhone or iPad, in Chrome or another browser",
            id="chrome on an iphone",
        ),
        pytest.param(
            [
                NO_PUSH,
                agent("iPhone Safari"),
                "Object.defineProperty(navigator, 'standalone', {value: true});",
            ],
            "If your iPhone or iPad has no reminders",
            id="an old iphone",
        ),
        pytest.param([NO_PUSH], "If this browser has no reminders", id="no push"),
        pytest.param(
            [ALLOWED % "denied", agent("Android Chrome")],
            "If they are blocked: Android",
            id="blocked on android",
        ),
        pytest.param(
            ["Object.defineProperty(window, 'isSecureContext', { get: () => false });"],
            "If the address begins with http://",
            id="plain http at home",
        ),
    ],
)
def test_each_device_is_shown_its_own_steps_only(
    reminders: Callable[..., Page], scripts: list[str], heading: str
) -> None:
    page = reminders(*scripts)
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    assert steps_shown(page) == [heading]
    expect(page.get_by_role("button", name=TURN_ON)).to_be_hidden()


def test_an_iphone_is_led_to_its_home_screen(reminders: Callable[..., Page]) -> None:
    page = reminders(NO_PUSH, agent("iPhone Safari"))
    expect(page.get_by_text("choose “Add to Home Screen”, then “Add”").first).to_be_visible()
