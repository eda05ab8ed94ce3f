"""What the app does whenever it is opened: repair the subscription, and ask about a new zone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from app.access.accounts import ProfileIn, me
from app.clock import utc_now
from app.models.patient import PatientProfile
from app.models.push import PushSubscription
from app.reminders.devices import Device, devices_of
from app.treatment.own_clock import change_settings
from browser.installed import InstalledApp, eventually
from builders import a_delivery, a_device, a_patient, a_reminder
from push_service import PushService
from running import ServedApp

GRANTED = "Object.defineProperty(Notification, 'permission', { get: () => 'granted' });"
ANSWERED_LATE = """
  const really = fetch;
  const letGo = new Promise((resolve) => (window.nowLetGo = resolve));
  const later = (time) => new Promise((resolve) => setTimeout(resolve, time));
  window.told = false;
  window.fetch = async (path, how) => {
    const answer = await really(path, how);
    if (how?.method === "POST" && path.endsWith("/subscriptions")) {
      told = true;
      await Promise.race([letGo, later(1000)]);
    } else if (how?.method === "DELETE") {
      nowLetGo();
      await later(50);
    }
    return answer;
  };
"""
"""Being told of the browser, the server answers once it was told to let go of it, or in a second."""
ENDPOINT = "https://fcm.googleapis.com/fcm/send/"


@pytest.fixture
def ana(served_app: ServedApp) -> PatientProfile:
    profile: PatientProfile = served_app.write(a_patient, zone="UTC")
    return profile


@pytest.fixture
def anas_phone(phone_of: Callable[[UUID], Page], ana: PatientProfile) -> Page:
    """It has the service worker: a browser without one cannot hold a subscription."""
    page = phone_of(ana.id)
    page.goto("/offline")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    return page


@pytest.fixture
def opened(anas_phone: Page, ana: PatientProfile) -> Callable[..., Page]:
    """Opens Today on a phone that behaves as these scripts say."""

    def opened(*scripts: str, remembers: bool = True) -> Page:
        page = anas_phone
        if remembers:
            scripts = (*scripts, f"localStorage.setItem('aftercare-reminders', '{ana.id}');")
        page.add_init_script("\n".join(scripts))
        page.goto("/today")
        return page

    return opened


def holds(name: str, renewed_as: str = "") -> str:
    """A browser that holds this subscription, and gets that one when it subscribes again."""
    service = PushService()
    held = {**service.device(name).subscription, "endpoint": ENDPOINT + name}
    fresh = {**service.device(renewed_as).subscription, "endpoint": ENDPOINT + renewed_as}
    return f"""
      const made = (said, key) => ({{ endpoint: said.endpoint, toJSON: () => said,
        options: {{ applicationServerKey: key }}, unsubscribe: async () => true }});
      window.subscribed = 0;
      const oldKey = new Uint8Array([4, 1, 2, 3]).buffer;
      PushManager.prototype.getSubscription = async () =>
        {json.dumps(name)} ? made({json.dumps(held)}, {json.dumps(renewed_as)} ? oldKey : null) : null;
      PushManager.prototype.subscribe = async ({{ applicationServerKey }}) => {{
        window.subscribed += 1;
        return made({json.dumps(fresh)}, applicationServerKey.buffer ?? applicationServerKey);
      }};"""


def known(app: ServedApp, ana: PatientProfile) -> list[str]:
    """The endpoints the server would send to, by their last part."""
    devices: list[Device] = app.read(devices_of, ana.id)
    return [device.endpoint.removeprefix(ENDPOINT) for device in devices if not device.disabled_at]


def a_disabled_device(db: Session, account_id: UUID, endpoint: str) -> PushSubscription:
    device = a_device(db, account_id, utc_now())
    device.endpoint, device.disabled_at = endpoint, utc_now()
    db.flush()
    return device


def test_a_device_the_server_forgot_is_known_again(
    opened: Callable[..., Page], served_app: ServedApp, ana: PatientProfile
) -> None:
    opened(GRANTED, holds("phone"))
    assert eventually(lambda: known(served_app, ana) == ["phone"])


def test_a_device_the_server_gave_up_on_is_tried_again(
    opened: Callable[..., Page], served_app: ServedApp, ana: PatientProfile
) -> None:
    served_app.write(a_disabled_device, ana.id, ENDPOINT + "phone")
    opened(GRANTED, holds("phone"))
    assert eventually(lambda: known(served_app, ana) == ["phone"])


def test_a_subscription_of_another_key_is_made_anew_and_stays_one_device(
    opened: Callable[..., Page], served_app: ServedApp, ana: PatientProfile
) -> None:
    opened(GRANTED, holds("phone", renewed_as="renewed"))
    assert eventually(lambda: known(served_app, ana) == ["renewed"])


def test_a_subscription_the_browser_lost_is_made_anew(
    opened: Callable[..., Page], served_app: ServedApp, ana: PatientProfile
) -> None:
    opened(GRANTED, holds("", renewed_as="renewed"))
    assert eventually(lambda: known(served_app, ana) == ["renewed"])


def test_the_next_person_at_this_browser_is_not_reminded_unasked(
    opened: Callable[..., Page], served_app: ServedApp, ana: PatientProfile
) -> None:
    page = opened(GRANTED, holds("phone"), remembers=False)
    page.wait_for_load_state("networkidle")
    assert known(served_app, ana) == []


def test_without_permission_nothing_is_subscribed(opened: Callable[..., Page]) -> None:
    page = opened(holds("", renewed_as="renewed"))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.subscribed") == 0


def test_what_was_repaired_just_now_is_left_alone_on_the_next_page(opened: Callable[..., Page]) -> None:
    page = opened(GRANTED, holds("phone"))
    page.wait_for_load_state("networkidle")
    told: list[str] = []
    page.on("request", lambda request: told.append(request.url) if "/api/push" in request.url else None)
    page.goto("/trends")
    page.wait_for_load_state("networkidle")
    assert told == []


RENEWS = """([old, fresh]) => {
  const event = new ExtendableEvent("pushsubscriptionchange");
  Object.assign(event, {
    oldSubscription: { endpoint: old },
    newSubscription: { endpoint: fresh.endpoint, toJSON: () => fresh },
  });
  self.dispatchEvent(event);
}"""


def test_a_subscription_renewed_by_the_browser_is_told_at_once(
    installed: InstalledApp, phone_of: Callable[[UUID], Page], ana: PatientProfile
) -> None:
    phone_of(ana.id)
    app = installed.app
    before = app.write(a_known_device, ana.id, ENDPOINT + "old")
    fresh = {**PushService().device("new").subscription, "endpoint": ENDPOINT + "new"}
    installed.worker.evaluate(RENEWS, [ENDPOINT + "old", fresh])
    assert eventually(lambda: known(app, ana) == ["new"])
    assert app.read(devices_of, ana.id)[0].id == before.id


def a_known_device(db: Session, account_id: UUID, endpoint: str) -> PushSubscription:
    device = a_device(db, account_id, utc_now())
    device.endpoint = endpoint
    db.flush()
    return device


def test_turning_off_on_the_page_of_reminders_lets_the_browser_forget_too(
    anas_phone: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    served_app.write(a_known_device, ana.id, ENDPOINT + "phone")
    page = anas_phone
    page.add_init_script(GRANTED + holds("phone"))
    page.goto("/reminders")
    expect(page.locator("#phone-state")).to_have_text("On, nothing received yet.")
    expect(page.get_by_text("this phone", exact=True)).to_be_visible()
    page.locator("li[data-device]").get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("That device gets no more reminders.")).to_be_visible()
    assert known(served_app, ana) == []
    assert page.evaluate("localStorage.getItem('aftercare-reminders')") is None


def test_turning_off_while_the_server_is_still_being_told_stays_off(
    anas_phone: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    """What a page says on opening may be answered after the tap, and must not bring the device back."""
    served_app.write(a_known_device, ana.id, ENDPOINT + "phone")
    page = anas_phone
    page.add_init_script(GRANTED + holds("phone") + ANSWERED_LATE)
    page.goto("/reminders")
    expect(page.get_by_text("this phone", exact=True)).to_be_visible()
    assert eventually(lambda: bool(page.evaluate("told")))
    page.locator("li[data-device]").get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("That device gets no more reminders.")).to_be_visible()
    assert known(served_app, ana) == []
    assert page.evaluate("localStorage.getItem('aftercare-reminders')") is None


def test_a_test_from_the_page_of_reminders_ends_in_words(
    phone_of: Callable[[UUID], Page], push_peer: PushService, ana: PatientProfile
) -> None:
    page, device = phone_of(ana.id), push_peer.device("phone")
    page.goto("/reminders")
    same_origin = {"Sec-Fetch-Site": "same-origin"}
    page.request.post("/api/push/subscriptions", data=device.subscription, headers=same_origin)
    page.reload()
    page.get_by_role("button", name="Send a test").click()
    push_peer.wait_until(lambda peer: bool(peer.received_by(device)))
    (message,) = push_peer.received_by(device)
    arrived = {"token": message.notification["data"]["token"], "event": "shown"}
    delivery = message.notification["data"]["delivery"]
    page.request.post(f"/api/deliveries/{delivery}/events", data=arrived, headers=same_origin)
    expect(page.locator("#test-outcome")).to_have_text("Test: it arrived.")


def test_what_came_of_a_form_far_down_the_page_is_in_view_and_read(
    phone_of: Callable[[UUID], Page], ana: PatientProfile
) -> None:
    page = phone_of(ana.id)
    page.goto("/reminders?open=add")
    page.get_by_role("button", name="Add Your own").click()
    said = page.locator("#said", has_text="Added. Change its times below if you like.")
    expect(said).to_be_in_viewport(ratio=1)
    expect(said).to_be_focused()


MOST_LINES = """(words) => Math.max(...Array.from({ length: 100 }, (_, more) => {
  document.documentElement.style.fontSize = `${100 + more}%`;
  return words.getClientRects().length;
}))"""
"""Over how many lines words are broken when the text grows to twice its size."""


def a_reminder_was_sent(db: Session, ana: PatientProfile) -> None:
    now = utc_now()
    a_delivery(db, a_reminder(db, ana.id, now=now), a_device(db, ana.id, now), now)


def test_the_name_of_a_reminder_is_not_broken_at_its_hyphen(
    phone_of: Callable[[UUID], Page], served_app: ServedApp, ana: PatientProfile
) -> None:
    served_app.write(a_reminder_was_sent, ana)
    page = phone_of(ana.id)
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/reminders")
    name = page.locator("#past").get_by_text("Check-in", exact=True)
    assert name.evaluate(MOST_LINES) == 1


@pytest.fixture
def in_rome(chromium: Browser, served_app: ServedApp, ana: PatientProfile) -> Iterator[Page]:
    """Ana's phone after a flight."""
    context = chromium.new_context(base_url=served_app.url, timezone_id="Europe/Rome")
    name, value = served_app.cookie_of(ana.id)
    context.add_cookies([{"name": name, "value": value, "url": served_app.url}])
    yield context.new_page()
    context.close()


def test_a_phone_in_another_zone_asks_whether_to_move(
    in_rome: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    in_rome.goto("/today")
    expect(in_rome.get_by_text("Your phone is now in Rome time. Move your reminders?")).to_be_visible()
    in_rome.get_by_role("button", name="Yes, move them").click()
    expect(in_rome.locator("#zone-question")).to_be_hidden()
    assert served_app.read(me, ana.id).zone == "Europe/Rome"


def test_the_question_of_the_zone_is_in_view_where_the_page_begins(in_rome: Page) -> None:
    in_rome.goto("/reminders")
    expect(in_rome.get_by_role("group", name="Time zone")).to_be_in_viewport()


def test_a_phone_in_another_zone_says_by_which_clock_its_reminders_come(
    in_rome: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    served_app.write(change_settings, ana.id, ProfileIn(zone="Europe/Lisbon"), utc_now())
    in_rome.goto("/reminders")
    in_rome.get_by_role("button", name="No", exact=True).click()
    expect(in_rome.get_by_text("All times here are Lisbon time.")).to_be_visible()


def test_a_no_is_not_asked_again_for_that_zone(
    in_rome: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    in_rome.goto("/today")
    in_rome.get_by_role("button", name="No", exact=True).click()
    in_rome.goto("/reminders")
    expect(in_rome.get_by_role("heading", level=1)).to_have_text("Reminders")
    expect(in_rome.locator("#zone-question")).to_be_hidden()
    assert served_app.read(me, ana.id).zone == "UTC"


def test_another_name_for_the_same_clock_asks_nothing(opened: Callable[..., Page]) -> None:
    here = "Intl.DateTimeFormat.prototype.resolvedOptions = () => ({ timeZone: 'Atlantic/Reykjavik' });"
    page = opened(here)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#zone-question")).to_be_hidden()
