from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from selectolax.lexbor import LexborNode
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import local_time, utc_now
from app.language import ENGLISH, LANGUAGES, Language, _, speaking
from app.models.patient import Patient, PatientProfile
from app.models.push import Delivery, DeliveryState, PushSubscription
from app.models.reminder import Reminder, ReminderIn
from app.models.treatment_session import SessionHeld
from app.reminders.arrange import arrange, pause
from app.reminders.back_off import BackOff
from app.reminders.decide import Suppression
from app.reminders.devices import devices_of
from app.reminders.own_reminders import OwnReminder, paused_until_of, reminders_of
from app.treatment.after import around_sessions
from app.treatment.seen import Caller
from app.treatment.sessions import hold
from app.web.reminder_words import NEVER, NOT_SENT, rests_in_words
from app.web.reminders_page import Reminders, read_reminders
from builders import NOON, a_delivery, a_device, a_patient, a_reminder, a_session, ignored_for_long
from running import AppInside
from web.reading import chosen_in, filled_in, found, labelled, parsed, question, words_of


@pytest.fixture
def ana(standing_app: AppInside) -> PatientProfile:
    profile: PatientProfile = standing_app.write(a_patient_with_a_check_in, f"Ana{uuid4().hex}")
    return profile


@pytest.fixture
def browser(standing_app: AppInside, ana: PatientProfile) -> TestClient:
    return standing_app.browser_of(ana.id)


def a_patient_with_a_check_in(db: Session, name: str) -> PatientProfile:
    ana = a_patient(db, name)
    arrange(db, ana, ReminderIn.model_validate({"kind": "check_in", "times": ["20:00"]}), utc_now())
    return ana


def reminders(app: AppInside, patient: PatientProfile) -> list[OwnReminder]:
    return app.read(reminders_of, patient, utc_now())


def page_of(browser: TestClient, path: str = "/reminders") -> LexborNode:
    return parsed(browser.get(path))


def article(page: LexborNode, heading: str) -> LexborNode:
    return next(one for one in page.css("article") if words_of(found(one, "h3")) == heading)


def on_page(db: Session, patient: PatientProfile) -> Reminders:
    return read_reminders(db, patient, None, "key", NOON)


def test_a_reminder_says_when_it_comes(browser: TestClient) -> None:
    assert words_of(found(article(page_of(browser), "Check-in"), "p")) == "20:00, every day"


def test_the_next_three_times_of_all_reminders_come_first(browser: TestClient) -> None:
    browser.post("/reminders/add", data={"kind": "stretch"})
    times = page_of(browser).css("#coming time")
    assert len(times) == 3
    assert {words_of(time).split()[-1] for time in times} == {"20:00", "08:30"}


def test_the_steps_after_a_session_are_among_the_next_ones(db: Session) -> None:
    ana = a_patient_with_a_check_in(db, "Ana")
    session = a_session(db, ana.id, None, NOON - timedelta(hours=1))
    hold(db, Caller.patient_self(ana), session.id, SessionHeld(held_at=NOON), NOON)
    coming = on_page(db, ana).coming
    steps = around_sessions(db, ana, NOON).aftercare[0].aftercare.steps
    assert coming[:2] == [(step.at, "After your session") for step in steps[:2]]


def test_ones_own_reminder_is_among_the_next_ones_by_its_words(browser: TestClient) -> None:
    browser.post("/reminders/add", data={"kind": "custom"})
    own = found(article(page_of(browser), "Your own"), "form[aria-label]").attributes["action"]
    browser.post(own, data={"text": "Sit up straight", "time": ["10:00"], "day": ["mon", "tue", "wed"]})
    assert "Sit up straight" in words_of(found(page_of(browser), "#coming"))


def test_without_any_reminder_none_is_said_to_say_why(browser: TestClient) -> None:
    browser.post(found(article(page_of(browser), "Check-in"), "[formaction]").attributes["formaction"])
    said = words_of(found(page_of(browser), "#coming"))
    assert "You have no reminders" in said
    assert "says why" not in said


def test_what_became_of_ones_own_reminder_is_told_by_its_words(db: Session) -> None:
    ana = a_patient(db)
    own = a_reminder(db, ana.id)
    own.kind, own.text = "custom", "Sit up straight"
    a_delivery(db, own, a_device(db, ana.id), NOON)
    assert [what for what, _when, _fate in on_page(db, ana).past] == ["Sit up straight"]


def test_ones_own_reminder_that_goes_first_is_named_by_its_words(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    said = {"kind": "custom", "times": ["13:00"], "text": "Sit up straight"}
    for kind in (said, said | {"times": ["12:30"], "text": "Stand up"}):
        standing_app.write(arrange, ana, ReminderIn.model_validate(kind), utc_now())
    assert "“Stand up” is sent at 12:30" in words_of(article(page_of(browser), "Sit up straight"))


def test_times_and_days_are_changed(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    (check_in,) = reminders(standing_app, ana)
    form = {"time": ["18:30", "", "12:00:00"], "day": ["mon", "tue", "wed", "thu", "fri"]}
    answer = browser.post(f"/reminders/{check_in.id}/change", data=form)
    assert answer.headers["location"] == "/reminders?done=saved"
    assert words_of(found(article(page_of(browser), "Check-in"), "p")) == "12:00 and 18:30, Monday to Friday"


def test_a_form_shows_what_stands(browser: TestClient) -> None:
    form = article(page_of(browser), "Check-in")
    assert found(form, "input[aria-label='Time 1']").attributes["value"] == "20:00"
    assert len(chosen_in(question(form, "Days"))) == 7


def test_a_reminder_is_turned_off_and_on(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    (check_in,) = reminders(standing_app, ana)
    browser.post(f"/reminders/{check_in.id}/switch", data={"on": "no"})
    assert "off" in words_of(found(article(page_of(browser), "Check-in"), "p"))
    assert "Nothing is coming." in words_of(found(page_of(browser), "#coming"))
    browser.post(f"/reminders/{check_in.id}/switch", data={"on": "yes"})
    assert reminders(standing_app, ana)[0].on


@pytest.mark.parametrize(
    ("kind", "heading", "when"),
    [
        ("water", "Water", "10:00, 12:00, 14:00, 16:00 and 18:00, every day"),
        ("stretch", "Stretching", "08:30, every day"),
        ("exercise", "Exercises", "17:00, every day"),
        ("sleep", "Winding down", "21:00, every day"),
        ("custom", "Your own", "12:00, every day"),
    ],
)
def test_a_reminder_is_added_with_times_that_make_sense(
    browser: TestClient, kind: str, heading: str, when: str
) -> None:
    answer = browser.post("/reminders/add", data={"kind": kind})
    added = article(page_of(browser, answer.headers["location"]), heading)
    assert words_of(found(added, "p")) == when
    assert "open" in found(added, "details").attributes


def test_two_taps_on_add_make_one_reminder(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    form = next(form for form in page_of(browser).css("#add form") if "Your own" in words_of(form))
    twice = [browser.post("/reminders/add", data={**filled_in(form), "kind": "custom"}) for _tap in range(2)]
    assert twice[0].headers["location"] == twice[1].headers["location"]
    assert [own.kind for own in reminders(standing_app, ana)] == ["check_in", "custom"]


def test_a_reminder_of_somebody_else_is_not_there_to_be_added_again(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    bea = standing_app.write(a_patient_with_a_check_in, f"Bea{uuid4().hex}")
    (hers,) = reminders(standing_app, bea)
    assert browser.post("/reminders/add", data={"kind": "custom", "id": str(hers.id)}).status_code == 404


@pytest.mark.parametrize("on", ["yes", "no"])
def test_removing_a_reminder_is_taken_back_from_the_page(browser: TestClient, on: str) -> None:
    remove = found(article(page_of(browser), "Check-in"), "[formaction]").attributes["formaction"] or ""
    browser.post(remove.replace("/remove", "/switch"), data={"on": on})
    was = words_of(article(page_of(browser), "Check-in"))
    removed = page_of(browser, browser.post(remove).headers["location"])
    assert removed.css("article") == []
    undo = found(removed, "main .notice form")
    browser.post(undo.attributes["action"], data=filled_in(undo))
    assert words_of(article(page_of(browser), "Check-in")) == was


def test_winding_down_soon_after_the_check_in_is_said_to_give_way(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    browser.post("/reminders/add", data={"kind": "sleep"})
    assert "Stays away when “Check-in” is sent at 20:00" in words_of(
        article(page_of(browser), "Winding down")
    )
    check_in = next(own for own in reminders(standing_app, ana) if own.kind == "check_in")
    browser.post(f"/reminders/{check_in.id}/change", data={"time": "19:00", "day": list(check_in.days)})
    assert "Stays away" not in words_of(article(page_of(browser), "Winding down"))


def test_what_is_there_already_is_not_offered_again(browser: TestClient) -> None:
    offered = [button.attributes["value"] for button in page_of(browser).css("#add button")]
    assert offered == ["water", "stretch", "exercise", "sleep", "custom"]


def test_a_reminder_of_ones_own_has_ones_own_words(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    browser.post("/reminders/add", data={"kind": "custom"})
    own = reminders(standing_app, ana)[-1]
    form = {"time": "09:00", "day": "sun", "text": "Pillow under the knees"}
    browser.post(f"/reminders/{own.id}/change", data=form)
    assert words_of(found(article(page_of(browser), "Pillow under the knees"), "p")) == "09:00, Sun"


def test_a_reminder_is_removed(standing_app: AppInside, browser: TestClient, ana: PatientProfile) -> None:
    (check_in,) = reminders(standing_app, ana)
    browser.post(f"/reminders/{check_in.id}/remove")
    assert reminders(standing_app, ana) == []


def test_a_time_in_quiet_hours_is_said_to_be_silent(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    (check_in,) = reminders(standing_app, ana)
    browser.post(f"/reminders/{check_in.id}/change", data={"time": "23:00", "day": "mon"})
    assert "lie in your quiet hours" in words_of(found(article(page_of(browser), "Check-in"), ".aside"))


def why_silent(db: Session, ana: PatientProfile, kind: str, *times: str) -> str:
    """What the card of a reminder says of its times when it was arranged after the others."""
    own = arrange(db, ana, ReminderIn.model_validate({"kind": kind, "times": list(times)}), NOON)
    assert own.next == []
    return next(card.rests for card in on_page(db, ana).cards if card.own.id == own.id)


def test_water_early_and_late_says_why_it_stays_away(db: Session, ana_here: PatientProfile) -> None:
    assert "so early no glass is missing yet" in why_silent(db, ana_here, "water", "08:30", "20:00")


def test_water_late_without_quiet_hours_does_not_speak_of_them(db: Session, ana_here: PatientProfile) -> None:
    patient = db.get_one(Patient, ana_here.id)
    patient.quiet_from = patient.quiet_until
    assert "two hours before the night" in why_silent(db, ana_here, "water", "21:00")


def test_a_reminder_an_hour_after_its_equal_is_said_to_give_way(
    db: Session, ana_here: PatientProfile
) -> None:
    arrange(db, ana_here, ReminderIn.model_validate({"kind": "stretch", "times": ["09:00"]}), NOON)
    said = why_silent(db, ana_here, "exercise", "10:00")
    assert said.startswith("Stays away when “Stretching” is sent at 09:00")


def test_a_fourth_reminder_says_that_three_come_without_it(db: Session, ana_here: PatientProfile) -> None:
    arrange(db, ana_here, ReminderIn.model_validate({"kind": "stretch", "times": ["13:00"]}), NOON)
    arrange(db, ana_here, ReminderIn.model_validate({"kind": "exercise", "times": ["15:00"]}), NOON)
    arrange(db, ana_here, ReminderIn.model_validate({"kind": "check_in", "times": ["20:00"]}), NOON)
    assert "that many reminders a day come without it" in why_silent(db, ana_here, "custom", "17:30")


def test_a_reminder_that_stopped_does_not_speak_of_quiet_hours(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    (check_in,) = reminders(standing_app, ana)
    standing_app.write(ignored_for_long, ana.id, check_in.id)
    said = [words_of(aside) for aside in article(page_of(browser), "Check-in").css(".aside")]
    assert said == ["Has stopped, because the last ones stayed unanswered."]


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
def test_each_cause_has_a_sentence_of_its_own_in_every_language(language: Language) -> None:
    with speaking(language):
        said = [_(sentence) for sentence in NEVER.values()]
    assert len(set(said)) == 4
    assert language is ENGLISH or not any(one.startswith("Never") for one in said)


def test_a_refused_change_names_the_fix_beside_its_open_form(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    (check_in,) = reminders(standing_app, ana)
    answer = browser.post(f"/reminders/{check_in.id}/change", data={"time": "20:00"})
    assert answer.status_code == 422
    assert "Choose at least one day." in words_of(found(parsed(answer), ".notice--heed"))
    assert "open" in found(article(parsed(answer), "Check-in"), "details").attributes


def test_quiet_hours_are_kept(browser: TestClient) -> None:
    browser.post("/reminders/limits", data={"quiet_from": "22:15", "quiet_until": "07:00"})
    page = page_of(browser)
    assert labelled(page, "From").attributes["value"] == "22:15"
    assert labelled(page, "until").attributes["value"] == "07:00"


def test_fewer_reminders_are_one_less_a_day(browser: TestClient) -> None:
    form = {"quiet_from": "21:30", "quiet_until": "08:00", "reminders_a_day": "3", "fewer": "yes"}
    browser.post("/reminders/limits", data=form)
    assert chosen_in(question(page_of(browser), "At most on one day")) == ["2"]


@pytest.mark.parametrize(("choice", "days"), [("tomorrow", 1), ("week", 7)])
def test_a_pause_ends_when_that_day_begins(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile, choice: str, days: int
) -> None:
    browser.post("/reminders/pause", data={"for": choice})
    until = standing_app.read(paused_until_of, ana.id)
    assert until is not None
    local = local_time(until, ana.zone)
    assert local.date() == local_time(utc_now(), ana.zone).date() + timedelta(days=days)
    assert local.time() == ana.day_starts_at


def test_a_pause_can_last_until_a_day_of_choice(browser: TestClient, ana: PatientProfile) -> None:
    day = local_time(utc_now(), ana.zone).date() + timedelta(days=20)
    browser.post("/reminders/pause", data={"until": day.isoformat()})
    assert f"Paused until {day:%A} {day.day}" in words_of(found(page_of(browser), "main"))


def test_a_pause_can_be_ended(standing_app: AppInside, browser: TestClient, ana: PatientProfile) -> None:
    standing_app.write(pause, ana, utc_now() + timedelta(days=3), utc_now())
    assert "Paused until" in words_of(page_of(browser))
    browser.post("/reminders/resume")
    assert "Paused until" not in words_of(page_of(browser))


def test_a_test_without_a_phone_says_what_to_do(browser: TestClient) -> None:
    answer = browser.post("/reminders/test")
    assert "No phone gets reminders yet" in words_of(page_of(browser, answer.headers["location"]))


def test_a_test_is_followed_in_words(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    standing_app.write(a_device, ana.id, utc_now())
    browser.post("/reminders/test")
    outcome = words_of(found(page_of(browser), "#test-outcome"))
    assert outcome.startswith("Test: ")


def test_detail_is_chosen_for_each_device(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    phone = standing_app.write(a_device, ana.id, utc_now())
    assert "says only that a check-in is ready" in words_of(found(page_of(browser), ".device"))
    browser.post(f"/reminders/devices/{phone.id}/detail", data={"detail": "yes"})
    assert standing_app.read(devices_of, ana.id)[0].detail
    assert "says what each reminder is about" in words_of(found(page_of(browser), ".device"))


def test_a_device_is_turned_off_from_the_page(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    phone = standing_app.write(a_device, ana.id, utc_now())
    browser.post(f"/reminders/devices/{phone.id}/off")
    assert standing_app.read(devices_of, ana.id) == []


def test_the_browser_that_subscribed_is_called_this_phone(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    sign_in = browser.get("/api/me/sign-ins").json()["sign_ins"][0]["id"]
    standing_app.write(a_device_of, ana.id, UUID(sign_in))
    assert words_of(found(page_of(browser), "#phone-state")) == "On, nothing received yet."


def a_device_of(db: Session, account_id: UUID, sign_in_id: UUID) -> PushSubscription:
    device = a_device(db, account_id, utc_now())
    device.sign_in_id = sign_in_id
    db.flush()
    return device


def test_without_a_subscription_this_phone_is_off(browser: TestClient) -> None:
    page = page_of(browser)
    assert words_of(found(page, "#phone-state")) == "Off on this phone."
    assert found(page, "#to-turn-on").attributes["href"] == "/reminders/turn-on"


def test_the_last_sign_of_life_is_said_in_words(db: Session, ana_here: PatientProfile) -> None:
    device = a_device(db, ana_here.id, NOON - timedelta(days=7))
    device.last_accepted_at = device.last_shown_at = NOON - timedelta(hours=4)
    db.flush()
    page = on_page(db, ana_here)
    assert page.reach == "Reminders reach you. Last today 08:00."
    assert page.devices[0].light == "working, last received today 08:00"


def test_a_phone_that_is_not_reached_is_named(db: Session, ana_here: PatientProfile) -> None:
    device = a_device(db, ana_here.id, NOON - timedelta(days=7))
    device.last_accepted_at = NOON - timedelta(days=3)
    device.failing_since = NOON - timedelta(days=1)
    db.flush()
    page = on_page(db, ana_here)
    assert page.reach.startswith("Reminders no longer reach you.")
    assert page.devices[0].light == "not reached since yesterday 12:00"


def test_a_phone_that_shows_nothing_any_more_is_named(db: Session, ana_here: PatientProfile) -> None:
    device = a_device(db, ana_here.id, NOON - timedelta(days=9))
    device.last_accepted_at, device.last_shown_at = NOON, NOON - timedelta(days=8)
    db.flush()
    assert on_page(db, ana_here).devices[0].light == "not seen here since Tuesday 10 March 12:00"


def test_an_iphone_is_not_called_silent_for_taps_that_did_not_come(
    db: Session, ana_here: PatientProfile
) -> None:
    device = a_device(db, ana_here.id, NOON - timedelta(days=9))
    device.endpoint = "https://web.push.apple.com/anas-phone"
    device.last_accepted_at, device.last_shown_at = NOON, NOON - timedelta(days=8)
    db.flush()
    assert on_page(db, ana_here).devices[0].light == "sent, last tapped here Tuesday 10 March 12:00"


def test_without_a_phone_the_page_says_so(db: Session, ana_here: PatientProfile) -> None:
    assert on_page(db, ana_here).reach == "Reminders are not on for any phone yet."


@pytest.fixture
def ana_here(db: Session) -> PatientProfile:
    """Ana, known to the database of this test only, in the zone of the tests."""
    return a_patient(db, zone="UTC")


def a_past_one(
    db: Session, ana: PatientProfile, state: DeliveryState, hours: int = 16, reason: str | None = None
) -> Delivery:
    """A check-in of yesterday evening, with this end."""
    at = NOON - timedelta(hours=hours)
    delivery = a_delivery(db, a_reminder(db, ana.id, now=at), a_device(db, ana.id, at), at)
    delivery.state, delivery.reason, delivery.slot = state.value, reason, f"{at:%H:%M}"
    db.flush()
    return delivery


def test_what_was_shown_is_said_in_one_line(db: Session, ana_here: PatientProfile) -> None:
    past = a_past_one(db, ana_here, DeliveryState.SHOWN)
    past.shown_at = past.planned_at
    assert on_page(db, ana_here).past == [("Check-in", "yesterday 20:00", "sent, shown 20:00")]


def test_what_was_not_sent_says_why(db: Session, ana_here: PatientProfile) -> None:
    a_past_one(db, ana_here, DeliveryState.SUPPRESSED, reason="already_done")
    ((_what, when, fate),) = on_page(db, ana_here).past
    assert (when, fate) == ("yesterday 20:00", "not sent: you had already logged")


def test_what_was_done_and_taken_back_is_told(db: Session, ana_here: PatientProfile) -> None:
    past = a_past_one(db, ana_here, DeliveryState.ACTED)
    past.shown_at = past.acted_at = past.undone_at = past.planned_at
    past.action = "add_glass"
    db.flush()
    assert on_page(db, ana_here).past[0][2] == "sent, shown 20:00, +1 glass 20:00, taken back"


def test_one_occurrence_on_two_devices_is_one_line(db: Session, ana_here: PatientProfile) -> None:
    first = a_past_one(db, ana_here, DeliveryState.SENT)
    tablet = a_device(db, ana_here.id, first.planned_at)
    tablet.device_name = "Tablet"
    reminder = db.get_one(Reminder, first.reminder_id)
    second = a_delivery(db, reminder, tablet, first.planned_at)
    second.state, second.shown_at = DeliveryState.SHOWN.value, first.planned_at
    db.flush()
    assert on_page(db, ana_here).past == [("Check-in", "yesterday 20:00", "sent, shown 20:00 on Tablet")]


@pytest.mark.parametrize("reason", list(Suppression))
def test_every_reason_has_kind_words(reason: Suppression) -> None:
    assert NOT_SENT[reason][0].islower()
    assert not NOT_SENT[reason].endswith(".")


@pytest.mark.parametrize("back_off", list(BackOff))
def test_every_step_of_backing_off_but_none_has_words(back_off: BackOff) -> None:
    assert bool(rests_in_words(back_off)) == (back_off is not BackOff.NONE)


def test_a_reminder_nobody_answers_asks_once_whether_to_stop(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    (check_in,) = reminders(standing_app, ana)
    standing_app.write(ignored_for_long, ana.id, check_in.id)
    asked = found(page_of(browser), ".notice[role=group][aria-label='Check-in']")
    assert "Shall we stop?" in words_of(asked)
    browser.post(f"/reminders/{check_in.id}/switch", data={"on": "yes"})
    assert not page_of(browser).css(".notice[role=group][aria-label='Check-in']")


def test_today_asks_the_same_until_it_is_answered(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    (check_in,) = reminders(standing_app, ana)
    standing_app.write(ignored_for_long, ana.id, check_in.id)
    asked = [found(page_of(browser, path), "[aria-label='Check-in']") for path in ("/today", "/reminders")]
    assert asked[0] == asked[1]
    assert browser.get("/api/today").json()["asks_to_stop"]
    browser.post(f"/reminders/{check_in.id}/switch", data={"on": "no"})
    assert not page_of(browser, "/today").css("#stopped > *")
    assert not browser.get("/api/today").json()["asks_to_stop"]


def test_the_page_says_in_which_zone_the_reminders_are(browser: TestClient) -> None:
    assert found(page_of(browser), "#zone-question").attributes["data-zone"] == "Europe/Lisbon"


def test_every_way_to_turn_reminders_on_is_there_without_scripts(browser: TestClient) -> None:
    page = page_of(browser, "/reminders/turn-on")
    ways = [section.attributes["data-steps"] for section in page.css("section[data-steps]")]
    assert set(ways) == {
        "ready",
        "iphone_safari",
        "iphone_other",
        "iphone_old",
        "denied",
        "no_push",
        "insecure",
    }
