"""What waits on the phone in a real browser: nothing said is lost, and nothing lands with somebody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, Route, expect

from app.clock import utc_now
from browser.diary import GET_ALL, Diary, opened, put_all, saved, send_again, sign_in, status, tap
from builders import a_logged_day
from running import ServedApp

LEFT_SHOULDER = {"region": "shoulder", "side": "left", "intensity": 5}
NOTE = "In your own words"
A_STORE_THAT_FAILS = """IDBDatabase.prototype.transaction = () => {
  throw new DOMException("The connection is closed.", "InvalidStateError");
};"""

A_PHONE_THAT_KEEPS_FACTS_SLOWLY = """(() => {
  const property = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete");
  let isSlow = true;
  addEventListener("kept", () => (isSlow = false));
  Object.defineProperty(IDBTransaction.prototype, "oncomplete", { set(done) {
    const isKeeping = this.mode === "readwrite" && this.objectStoreNames.contains("kept");
    property.set.call(this, isSlow && isKeeping ? () => {
      document.documentElement.dataset.facts = "being kept";
      addEventListener("kept", done, { once: true });
    } : done);
  }});
})()"""


@pytest.fixture
def ana(served_app: ServedApp) -> Diary:
    return Diary(served_app, "Ana")


@pytest.fixture
def today(phone_of: Callable[[UUID], Page], ana: Diary) -> Page:
    """Ana's phone with Today open and ready for taps."""
    return opened(phone_of(ana.patient.id))


def write_note(page: Page, words: str) -> None:
    page.get_by_label(NOTE).fill(words)
    page.get_by_label(NOTE).blur()


def sign_out_elsewhere(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/account")
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/sign-in")
    other.close()


def cut_off(route: Route) -> None:
    route.abort()


def test_a_full_outbox_is_sent_in_parts_the_server_takes(today: Page, ana: Diary) -> None:
    sizes: list[int] = []
    today.on("request", lambda request: sizes.append(len(request.post_data_buffer or b"")))
    glasses, notes = ana.waiting(520, add={"water_glasses": 0}), ana.waiting(45, set={"note": "ä" * 2000})
    put_all(today, [*glasses, *notes])
    send_again(today)
    saved(today)
    assert ana.entries() == 565
    assert max(sizes) <= 49 * 1024


def test_one_entry_that_is_refused_never_blocks_the_others(
    today: Page, ana: Diary, complaints: list[str]
) -> None:
    def refuse_seven(route: Route) -> None:
        said = [entry["set"] for entry in json.loads(route.request.post_data or "")["entries"]]
        route.fulfill(status=413) if {"stiffness": 7} in said else route.continue_()

    today.route("**/api/entries", refuse_seven)
    spoiled = ana.waiting(1, set={"stiffness": 7})
    good = ana.waiting(9, set={"pain": 3})
    put_all(today, [*good[:4], *spoiled, *good[4:]])
    send_again(today)
    expect(status(today)).to_have_text("1 entry needs attention")
    assert ana.measures("pain", "stiffness") == [3, None]
    assert ana.entries() == 9
    complaints.clear()


def test_a_note_written_offline_waits_once(today: Page, ana: Diary, complaints: list[str]) -> None:
    today.context.set_offline(True)
    tap(today, "4")
    today.get_by_text("Add a note").click()
    write_note(today, "Long")
    write_note(today, "Long walk")
    write_note(today, "Long walk by the river.")
    expect(status(today)).to_contain_text("Saved on this phone")
    waiting = today.evaluate(GET_ALL)
    today.context.set_offline(False)
    saved(today)
    assert [entry["set"] for entry in waiting if "note" in entry["set"]] == [
        {"note": "Long walk by the river."}
    ]
    assert ana.measures("pain", "note") == [4, "Long walk by the river."]
    complaints.clear()


def test_a_note_on_its_way_is_followed_by_another_under_its_own_id(
    today: Page, ana: Diary, complaints: list[str]
) -> None:
    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    today.route("**/api/entries", lose_the_answer, times=1)
    today.get_by_text("Add a note").click()
    write_note(today, "Long")
    expect(status(today)).to_contain_text("Saved on this phone")
    write_note(today, "Long walk")
    saved(today)
    assert ana.measures("note") == ["Long walk"]
    assert ana.entries() == 2
    complaints.clear()


def test_signing_out_sends_first_what_waits(today: Page, ana: Diary, complaints: list[str]) -> None:
    today.route("**/api/entries", cut_off)
    tap(today, "4")
    expect(status(today)).to_contain_text("Saved on this phone")
    today.unroute("**/api/entries")
    today.goto("/account")
    today.get_by_role("button", name="Sign out").click()
    today.wait_for_url("**/sign-in")
    assert ana.measures("pain") == [4]
    complaints.clear()


def test_signing_out_says_what_cannot_be_sent_and_asks(
    today: Page, ana: Diary, complaints: list[str]
) -> None:
    today.context.route("**/api/entries", cut_off)
    tap(today, "4")
    expect(status(today)).to_contain_text("Saved on this phone")
    today.goto("/account")
    today.get_by_role("button", name="Sign out").click()
    expect(today.locator("#unsent")).to_contain_text("1 answer is not sent yet.")
    today.context.unroute("**/api/entries")
    today.get_by_role("button", name="Send and sign out").click()
    today.wait_for_url("**/sign-in")
    assert ana.measures("pain") == [4]
    complaints.clear()


def test_signing_out_anyway_forgets_what_was_not_sent(
    today: Page, served_app: ServedApp, ana: Diary, complaints: list[str]
) -> None:
    today.context.route("**/api/entries", cut_off)
    tap(today, "4")
    expect(status(today)).to_contain_text("Saved on this phone")
    today.goto("/account")
    today.get_by_role("button", name="Sign out").click()
    today.get_by_role("button", name="Sign out anyway").click()
    today.wait_for_url("**/sign-in")
    today.context.unroute("**/api/entries")
    sign_in(today, served_app, ana)
    opened(today)
    assert ana.entries() == 0
    complaints.clear()


def test_signing_out_does_not_silently_delete_what_somebody_else_said(
    today: Page, served_app: ServedApp, ana: Diary, complaints: list[str]
) -> None:
    put_all(today, ana.waiting(2, set={"pain": 4}))
    sign_in(today, served_app, Diary(served_app, "Eva"))
    today.goto("/account")
    today.get_by_role("button", name="Sign out").click()
    expect(today.locator("#unsent")).to_contain_text(
        "2 answers that somebody else gave here are not sent yet."
    )
    today.get_by_role("button", name="Sign out anyway").click()
    today.wait_for_url("**/sign-in")
    assert ana.entries() == 0


def test_a_page_left_open_keeps_its_entries_for_its_own_patient(
    today: Page, served_app: ServedApp, ana: Diary, complaints: list[str]
) -> None:
    eva = Diary(served_app, "Eva")
    sign_in(today, served_app, eva)
    tap(today, "4")
    expect(status(today)).to_contain_text("Somebody else is signed in here now.")
    assert (ana.entries(), eva.entries()) == (0, 0)
    sign_in(today, served_app, ana)
    send_again(today)
    saved(today)
    assert (ana.measures("pain"), eva.entries()) == ([4], 0)
    complaints.clear()


def test_signing_out_in_one_tab_leaves_no_diary_on_the_others(today: Page) -> None:
    tap(today, "4")
    saved(today)
    sign_out_elsewhere(today)
    today.wait_for_url("**/sign-in")


def test_what_another_tab_wiped_is_never_called_saved(
    today: Page, served_app: ServedApp, ana: Diary, complaints: list[str]
) -> None:
    today.route("**/api/entries", cut_off)
    tap(today, "4")
    expect(status(today)).to_contain_text("Saved on this phone")
    today.evaluate("indexedDB.deleteDatabase('aftercare')")
    send_again(today)
    expect(status(today)).to_have_text("Not saved yet. Keep this page open until it is sent.")
    today.unroute("**/api/entries")
    send_again(today)
    saved(today)
    assert ana.measures("pain") == [4]
    complaints.clear()


def test_a_store_that_fails_saves_all_the_same(phone_of: Callable[[UUID], Page], ana: Diary) -> None:
    page = phone_of(ana.patient.id)
    page.add_init_script(A_STORE_THAT_FAILS)
    tap(opened(page), "4")
    saved(page)
    assert ana.measures("pain") == [4]


def test_places_and_a_note_from_before_the_scripts_are_saved_too(
    phone_of: Callable[[UUID], Page], ana: Diary
) -> None:
    page = phone_of(ana.patient.id)
    held: list[Route] = []
    page.route("**/static/js/today*.js", lambda route: held.append(route))
    page.goto("/today?whole=1", wait_until="commit")
    page.get_by_text("From the list").click()
    page.get_by_text("Shoulders, arms and hands").click()
    page.get_by_label("left shoulder", exact=True).check(force=True)
    page.get_by_text("Add a note").click()
    write_note(page, "Long walk.")
    tap(page, "6")
    held[0].continue_()
    saved(page)
    expect(page.get_by_label("left shoulder", exact=True)).to_be_checked()
    assert ana.measures("pain", "pain_sites", "note") == [
        6, [{"region": "shoulder", "side": "left"}], "Long walk.",
    ]  # fmt: skip


def test_an_answer_from_before_a_tap_never_takes_it_off_the_page(
    phone_of: Callable[[UUID], Page], ana: Diary
) -> None:
    page = phone_of(ana.patient.id)
    page.add_init_script(A_PHONE_THAT_KEEPS_FACTS_SLOWLY)
    page.goto("/today")
    expect(page.locator("html")).to_have_attribute("data-facts", "being kept")
    tap(page, "4")
    saved(page)
    with page.expect_response("**/api/today"):
        page.evaluate("dispatchEvent(new Event('kept'))")
    expect(page.get_by_role("radio", name="4", exact=True).first).to_be_checked()
    assert ana.measures("pain") == [4]


def test_a_page_opened_again_says_nothing_by_itself(
    phone_of: Callable[[UUID], Page], served_app: ServedApp, ana: Diary
) -> None:
    words = {"pain": 6, "note": "Long walk.\n\nThen tea.", "pain_sites": [LEFT_SHOULDER]}
    served_app.write(a_logged_day, ana.patient, ana.today, utc_now(), **words)
    page = opened(phone_of(ana.patient.id))
    page.reload()
    expect(status(page)).to_have_text("Each tap is saved by itself.")
    assert ana.entries() == 1


def test_places_suggested_stay_ticked_while_other_taps_are_saved(
    phone_of: Callable[[UUID], Page], served_app: ServedApp, ana: Diary
) -> None:
    yesterday = utc_now() - timedelta(days=1)
    day = ana.patient.day_at(yesterday)
    served_app.write(a_logged_day, ana.patient, day, yesterday, pain_sites=[LEFT_SHOULDER])
    page = opened(phone_of(ana.patient.id))
    page.get_by_text("Same places as yesterday").click()
    tap(page, "4")
    saved(page)
    page.get_by_role("button", name="Yes, save").click()
    saved(page)
    expect(page.locator("#same-places")).to_be_hidden()
    expect(page.get_by_label("left shoulder", exact=True)).to_be_checked()
    assert ana.measures("pain", "pain_sites") == [4, [{"region": "shoulder", "side": "left"}]]
