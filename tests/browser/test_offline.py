"""The log without a network, in a real browser: nothing is lost, nothing is doubled, and two phones agree."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from sqlalchemy.orm import Session

from app.access.accounts import ProfileIn
from app.clock import utc_now
from app.models.patient import PatientProfile
from app.treatment.feedback import say_something_is_wrong
from app.treatment.own_clock import change_settings
from app.web.assets import STATIC, WORKER_PARTS
from browser.diary import FACTS, Diary, installed_on, opened, put_all, saved, send_again, sign_in, status, tap
from browser.installed import eventually
from builders import a_logged_day, a_session, an_entry
from running import ServedApp


@pytest.fixture
def ana(served_app: ServedApp) -> Diary:
    return Diary(served_app, "Ana")


@pytest.fixture
def phone_with_app(phone_of: Callable[[UUID], Page], ana: Diary, complaints: list[str]) -> Iterator[Page]:
    """Ana's phone with the worker in charge. What the browser says about missing networks is expected."""
    yield installed_on(phone_of(ana.patient.id))
    complaints.clear()


@pytest.fixture
def second_phone(chromium: Browser, served_app: ServedApp, ana: Diary) -> Iterator[Page]:
    context = chromium.new_context(base_url=served_app.url)
    page = context.new_page()
    sign_in(page, served_app, ana)
    yield installed_on(page)
    context.close()


def test_offline_reload_log_reload_and_reconnect_store_each_entry_once(
    phone_with_app: Page, ana: Diary
) -> None:
    page = phone_with_app
    page.context.set_offline(True)
    opened(page)
    tap(page, "4")
    page.get_by_role("button", name="+1 glass").click()
    expect(status(page)).to_have_text("Saved on this phone")
    expect(page.locator("#log-state")).to_have_text("Logged, waiting to be sent")
    page.reload()
    expect(page.locator("#log-state")).to_have_text("Logged, waiting to be sent")
    expect(page.locator("input[name=pain][value='4']")).to_be_checked()
    expect(page.locator("#water-now")).to_have_text("1")
    expect(status(page)).to_have_text("Saved on this phone")
    page.context.set_offline(False)
    saved(page)
    expect(page.locator("#log-state")).to_contain_text("Logged at ")
    assert ana.measures("pain", "water_glasses") == [4, 1]
    assert ana.entries() == 2


def test_today_from_the_cache_names_the_day_by_the_clock_of_the_phone(
    phone_with_app: Page, ana: Diary
) -> None:
    opened(phone_with_app)
    assert phone_with_app.evaluate("'shell' in document.documentElement.dataset")
    expect(phone_with_app.locator("h1")).to_have_text(f"{ana.today:%A} {ana.today.day} {ana.today:%B}")
    expect(phone_with_app.locator("#log-state")).to_have_text("Not logged yet")


def something_is_wrong(db: Session, patient: PatientProfile) -> None:
    now = utc_now()
    session = a_session(db, patient.id, None, now - timedelta(hours=2), now - timedelta(hours=1))
    say_something_is_wrong(db, patient, session.id, now)


def test_that_something_is_wrong_is_said_above_the_log_with_and_without_a_network(
    phone_with_app: Page, ana: Diary
) -> None:
    page, words = phone_with_app, "Something is wrong: help or undo"
    ana.app.write(something_is_wrong, ana.patient)
    expect(opened(page).get_by_role("link", name=words)).to_be_visible()
    page.context.set_offline(True)
    expect(opened(page).get_by_role("link", name=words)).to_be_visible()


def test_every_one_of_the_last_seven_days_can_be_filled_in_offline(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    page.context.set_offline(True)
    for ago in range(1, 8):
        page.goto("/days")
        page.locator("#past-days a").nth(ago - 1).click()
        day = ana.days_ago(ago)
        expect(page.locator("h1")).to_have_text(f"{day:%A} {day.day} {day:%B}")
        expect(page.get_by_role("heading", name="Done that day")).to_be_visible()
        tap(page, str(ago))
        expect(status(page)).to_have_text("Saved on this phone")
    page.context.set_offline(False)
    saved(page)
    assert [ana.measures("pain", day=ana.days_ago(ago)) for ago in range(1, 8)] == [[n] for n in range(1, 8)]


def test_500_entries_over_a_week_arrive_once_and_in_order_through_a_bad_network(
    phone_with_app: Page, ana: Diary
) -> None:
    page, chance = phone_with_app, random.Random(7)

    def bad_network(route: Route) -> None:
        match chance.random():
            case dice if dice < 0.3:
                route.fetch()  # it arrived, and the answer is lost
                route.abort()
            case dice if dice < 0.45:
                route.fulfill(status=500)
            case _:
                route.continue_()

    begun = utc_now() - timedelta(hours=1)
    entries = [
        an_entry(ana.days_ago(n % 7), at=begun + timedelta(seconds=n), patient=str(ana.patient.id))
        | (
            {"set": {"pain": n % 11, "note": "ä" * 900}}
            if n % 5
            else {"set": {}, "add": {"water_glasses": 0}}
        )
        for n in range(500)
    ]
    put_all(page, entries)
    page.context.route("**/api/entries", bad_network)
    assert eventually_sent(page)
    history = [entry for ago in range(7) for entry in ana.history(ana.days_ago(ago))]
    assert sorted(str(entry.id) for entry in history) == sorted(entry["id"] for entry in entries)
    sent_in_order = [e["id"] for e in entries if e["day"] == str(ana.today)]
    assert [str(entry.id) for entry in ana.history()] == sent_in_order
    newest = [[n for n in range(500) if n % 7 == ago and n % 5][-1] % 11 for ago in range(7)]
    assert [ana.measures("pain", day=ana.days_ago(ago))[0] for ago in range(7)] == newest


def eventually_sent(page: Page) -> bool:
    for _ in range(120):
        send_again(page)
        page.wait_for_timeout(150)
        if status(page).text_content() == "Saved":
            return True
    return False


def test_two_tabs_send_each_entry_once(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    sent: list[str] = []

    def hear(request: Request) -> None:
        if request.url.endswith("/api/entries"):
            sent.append(request.post_data or "")

    page.context.on("requestfinished", hear)
    page.context.set_offline(True)
    other = opened(page.context.new_page())
    tap(page, "4")
    expect(status(page)).to_have_text("Saved on this phone")
    expect(other.locator("input[name=pain][value='4']")).to_be_checked()
    sent.clear()
    page.context.set_offline(False)
    saved(page)
    saved(other)
    arrived = [entry["id"] for body in sent if body for entry in json.loads(body)["entries"]]
    assert ana.entries() == 1
    assert len(arrived) == len(set(arrived)) == 1


def test_what_another_tab_sent_is_not_sent_again_where_it_was_said(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    page.route("**/api/entries", lambda route: route.abort())
    other = opened(page.context.new_page())
    tap(page, "4")
    expect(status(page)).to_have_text("Saved on this phone")
    send_again(other)
    saved(other)
    saved(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    send_again(page)
    page.wait_for_timeout(300)
    assert [url for url in sent if url.endswith("/api/entries")] == []
    assert ana.entries() == 1


def test_two_phones_offline_on_one_day_lose_nothing(
    phone_with_app: Page, second_phone: Page, ana: Diary
) -> None:
    one, other = phone_with_app, second_phone
    one.context.set_offline(True)
    other.context.set_offline(True)
    tap(one, "4")
    tap(one, "3", "How stiff were you")
    tap(other, "7")
    other.get_by_role("button", name="+1 glass").click()
    expect(status(other)).to_have_text("Saved on this phone")
    other.context.set_offline(False)
    saved(other)
    one.context.set_offline(False)
    saved(one)
    assert ana.measures("pain", "stiffness", "water_glasses") == [7, 3, 1]
    assert len(ana.history()) == 4
    expect(one.locator("input[name=pain][value='7']")).to_be_checked()


def test_what_another_phone_said_is_shown_after_coming_back_to_the_page(
    phone_with_app: Page, served_app: ServedApp, ana: Diary
) -> None:
    opened(phone_with_app)
    served_app.write(a_logged_day, ana.patient, ana.today, utc_now(), pain=8)
    phone_with_app.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(phone_with_app.locator("input[name=pain][value='8']")).to_be_checked()


def test_a_refused_entry_waits_for_its_person_and_blocks_nothing(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    page.context.set_offline(True)
    tap(page, "4")
    put_all(page, [*ana.waiting(1, set={"stiffness": 77}), *ana.waiting(1, set={"mobility": 88})])
    page.context.set_offline(False)
    attention = page.get_by_role("region", name="2 entries need attention")
    expect(attention).to_be_visible()
    expect(status(page)).to_have_text("2 entries need attention")
    assert ana.measures("pain", "stiffness", "mobility") == [4, None, None]
    attention.get_by_role("listitem").filter(has_text="Stiffness 77").get_by_role("link").click()
    expect(page.locator("input[name=stiffness]").first).to_be_focused()
    tap(page, "7", "How stiff were you")
    expect(page.get_by_role("region", name="1 entry needs attention")).to_be_visible()
    page.get_by_role("button", name="Drop it").click()
    expect(page.locator("#attention")).to_be_hidden()
    saved(page)
    assert ana.measures("pain", "stiffness", "mobility") == [4, 7, None]


def test_a_refused_note_is_corrected_from_its_own_words(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    put_all(page, ana.waiting(1, set={"note": "Long \u202ewalk."}))
    send_again(page)
    page.get_by_role("link", name="Correct it").click()
    expect(page.get_by_label("In your own words")).to_have_value("Long walk.")
    expect(page.locator("#attention")).to_be_hidden()
    saved(page)
    assert ana.measures("note") == ["Long walk."]


def test_the_words_of_a_refused_note_outlive_another_note(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    put_all(page, ana.waiting(1, set={"note": "Long \u202ewalk."}))
    send_again(page)
    expect(page.get_by_role("region", name="1 entry needs attention")).to_be_visible()
    page.get_by_text("Add a note").click()
    page.get_by_label("In your own words").fill("Tea.")
    page.get_by_label("In your own words").blur()
    assert eventually(lambda: ana.measures("note") == ["Tea."])
    expect(page.get_by_role("region", name="1 entry needs attention")).to_be_visible()


def test_what_needs_attention_is_still_there_after_a_reload(phone_with_app: Page, ana: Diary) -> None:
    put_all(phone_with_app, ana.waiting(1, set={"stiffness": 77}))
    opened_again = phone_with_app
    opened_again.reload()
    expect(opened_again.get_by_role("region", name="1 entry needs attention")).to_be_visible()
    opened_again.reload()
    expect(opened_again.get_by_role("region", name="1 entry needs attention")).to_be_visible()


def test_the_worker_sends_what_waits_after_the_page_was_closed(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    page.context.set_offline(True)
    tap(page, "4")
    expect(status(page)).to_have_text("Saved on this phone")
    page.goto("/help")
    page.context.set_offline(False)
    page.goto("/offline")
    assert eventually(lambda: ana.entries() == 1)


def test_coming_back_in_the_morning_shows_the_new_day(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    tap(page, "4")
    saved(page)
    tomorrow = ana.days_ago(-1)
    page.clock.install(time=f"{tomorrow}T02:58:00Z")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("h1")).to_contain_text(f"{ana.today:%A}")
    page.clock.set_fixed_time(f"{tomorrow}T03:01:00Z")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("h1")).to_contain_text(f"{tomorrow:%A}")
    expect(page.locator("input[name=pain]:checked")).to_have_count(0)
    expect(page.locator("#log-state")).to_have_text("Not logged yet")


@pytest.mark.parametrize("day", ["2026-13-45", "2026-02-30", "1999-01-01", "2999-01-01"])
def test_what_is_no_day_has_no_page_where_the_worker_has_pages_of_days(
    phone_with_app: Page, day: str
) -> None:
    phone_with_app.goto(f"/days/{day}")
    expect(phone_with_app.get_by_role("heading", level=1)).to_have_text("There is no page here")


def test_an_entry_about_no_day_can_be_dropped(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    put_all(page, [one | {"day": "2026-13-45"} for one in ana.waiting(1, set={"pain": 3})])
    page.reload()
    attention = page.get_by_role("region", name="1 entry needs attention")
    expect(attention.get_by_role("listitem")).to_contain_text("2026-13-45: Pain 3")
    attention.get_by_role("button", name="Drop it").click()
    expect(page.locator("#attention")).to_be_hidden()


def test_trends_show_their_last_copy_offline_and_say_how_old_it_is(
    phone_with_app: Page, served_app: ServedApp, ana: Diary
) -> None:
    page = phone_with_app
    served_app.write(a_logged_day, ana.patient, ana.today, utc_now(), pain=8)
    page.goto("/trends")
    page.context.set_offline(True)
    page.goto("/trends")
    expect(page.get_by_role("heading", level=1)).to_have_text("Trends")
    expect(page.locator("#kept-at")).to_contain_text("There is no connection. This is how it was on")
    page.goto("/trends?days=365")
    expect(page.get_by_role("heading", level=1)).to_have_text("Trends")
    expect(page.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "page")


def test_sharing_and_my_data_show_their_last_copy_which_changes_nothing(phone_with_app: Page) -> None:
    page = phone_with_app
    pages = {"/sharing": "Sharing", "/my-data": "Your data"}
    for path in pages:
        page.goto(path)
    page.context.set_offline(True)
    for path, heading in pages.items():
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(page.locator("#kept-at")).to_contain_text("There is no connection.")
        expect(page.locator("main form :enabled")).to_have_count(0)
        expect(page.locator("main a[href^='/api/']")).to_have_count(0)
    expect(page.locator("#kept-at")).to_contain_text("Files can be opened and downloaded again when you are")
    expect(page.locator("main a[aria-disabled=true]").filter(has_text="Download")).not_to_have_count(0)


def test_a_page_that_only_the_server_can_show_says_so_offline(phone_with_app: Page) -> None:
    phone_with_app.context.set_offline(True)
    for path in (
        "/check-in",
        "/intake",
        "/sessions",
        "/aftercare",
        "/account/security",
        "/reminders/turn-on",
    ):
        phone_with_app.goto(path)
        expect(phone_with_app.get_by_role("heading", level=1)).to_have_text("No connection")


def test_a_form_without_a_network_stays_with_all_that_was_typed(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    page.goto("/check-in")
    wish, tick = page.get_by_label("What would help you most"), page.locator("input[name=safety]").first
    wish.fill("Turning my head")
    tick.check(force=True)
    page.context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#kept-at")).to_have_text(
        "No connection. What you wrote is still here: send it again when you are connected."
    )
    expect(page.locator("#kept-at")).to_be_focused()
    expect(wish).to_have_value("Turning my head")
    expect(tick).to_be_checked()
    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. You can change it until your session.")).to_be_visible()
    expect(wish).to_have_value("Turning my head")
    expect(tick).to_be_checked()


def test_whoever_says_offline_that_something_is_wrong_reads_how_to_get_help_and_tells_it_later(
    phone_with_app: Page, served_app: ServedApp, ana: Diary
) -> None:
    page = phone_with_app
    session = served_app.write(a_session, ana.patient.id, None, utc_now(), utc_now())
    page.goto(f"/sessions/{session.id}/feedback")
    page.context.set_offline(True)
    page.get_by_role("button", name="Something is wrong").click()
    expect(page.get_by_text("this is not noted yet")).to_be_visible()
    expect(page.get_by_text("Call the emergency number")).to_be_visible()
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("this is not noted yet")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("Noted. No further steps come from this session.")).to_be_visible()


def test_help_is_there_offline_in_the_language_of_the_person(
    phone_of: Callable[[UUID], Page], served_app: ServedApp, ana: Diary, complaints: list[str]
) -> None:
    served_app.write(change_settings, ana.patient.id, ProfileIn(locale="de"), utc_now())
    page = phone_of(ana.patient.id)
    page.goto("/today")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    assert eventually(lambda: page.evaluate(FACTS) is not None)
    page.reload()
    assert eventually(lambda: page.evaluate("caches.match('/shell/de/help').then(Boolean)"))
    page.context.set_offline(True)
    page.goto("/help")
    expect(page.get_by_text("Ruf den Notruf")).to_be_visible()
    complaints.clear()


def test_the_worker_leaves_the_api_and_every_page_of_therapists_alone() -> None:
    own = re.search(r"^const OWN = /(.+)/;$", (STATIC / WORKER_PARTS / "shell.js").read_text(), re.MULTILINE)
    assert own is not None
    answered = re.compile(own[1].replace("\\/", "/"))
    others = [
        "/patients",
        "/patients/1",
        "/patients/1/plan",
        "/api/days",
        "/operator",
        "/invitations",
        "/trendsx",
        "/aftercare-templates",
        "/profile",
        "/practice",
    ]
    assert [path for path in others if answered.search(path)] == []
    own_pages = (
        "/today",
        "/trends",
        "/days/2026-11-03",
        "/plan",
        "/plan/edit",
        "/my-data",
        "/sessions/1/feedback",
        "/",
    )
    assert all(answered.search(path) for path in own_pages)


def test_going_back_to_a_refused_form_opens_the_form_again(phone_with_app: Page) -> None:
    page = phone_with_app
    page.goto("/check-in")
    wish = page.get_by_label("What would help you most")
    wish.evaluate("(one) => one.removeAttribute('maxlength')")
    wish.fill("x" * 2500)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This is too long. Make it shorter.")).to_be_visible()
    page.get_by_role("link", name="Trends").click()
    page.wait_for_url("**/trends")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Before your session")
    expect(page.get_by_text("No connection")).to_be_hidden()
