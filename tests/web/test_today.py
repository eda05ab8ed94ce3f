from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from selectolax.lexbor import LexborNode
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.daily_log import Day, day_on, entries_about
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession
from app.web.today import read_today
from builders import NOON, a_logged_day, a_patient, a_therapist
from running import AppInside
from web.reading import chosen_in, filled_in, found, parsed, question, words_of

LEFT_SHOULDER = {"region": "shoulder", "side": "left", "intensity": 7}
WEDNESDAY = date(2026, 3, 18)


class Anas:
    """Ana, her browser, and what is stored of her."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.profile: PatientProfile = app.write(a_patient, f"Ana{uuid4().hex}")
        self.browser: TestClient = app.browser_of(self.profile.id)
        self.today = self.profile.day_at(utc_now())

    def page(self, query: str = "") -> LexborNode:
        answer = self.browser.get(f"/today{query}")
        assert answer.status_code == 200
        return parsed(answer)

    def send(self, page: LexborNode, **fields: Any) -> str:
        """Submit the log form of `page` as it stands, but for `fields`; where that leads."""
        form = found(page, "form#log")
        answer = self.browser.post(form.attributes["action"], data={**filled_in(form), **fields})
        assert answer.status_code == 303
        return answer.headers["location"]

    def day(self) -> Day | None:
        return self.app.read(day_on, self.profile.id, self.today)

    def entries(self) -> int:
        return len(self.app.read(entries_about, self.profile.id, self.today))

    def logged(self, days_ago: int = 0, **measures: Any) -> None:
        day, now = self.today - timedelta(days=days_ago), utc_now() - timedelta(days=days_ago)
        self.app.write(a_logged_day, self.profile, day, now, **measures)


@pytest.fixture
def ana(standing_app: AppInside) -> Anas:
    return Anas(standing_app)


def test_today_says_the_date_in_words(ana: Anas) -> None:
    assert words_of(found(ana.page(), "h1")) == f"{ana.today:%A} {ana.today.day} {ana.today:%B}"


def test_nothing_is_chosen_before_the_person_chooses(ana: Anas) -> None:
    assert ana.page().css("input[checked]") == []


def test_pain_is_asked_with_eleven_choices(ana: Anas) -> None:
    pain = question(ana.page(), "On average over the last 24 hours")
    assert [control.attributes["value"] for control in pain.css("input")] == [str(step) for step in range(11)]


def test_ease_of_movement_says_that_higher_is_better(ana: Anas) -> None:
    assert "higher number is better" in words_of(question(ana.page(), "How easily could you move"))


def test_the_form_saves_what_was_chosen(ana: Anas) -> None:
    ana.send(ana.page(), pain="4", sleep_hours="6.5", place=["low_back:middle"], note="Long walk.")
    day = ana.day()
    assert day is not None
    assert (day.pain, day.sleep_hours, day.note, day.stiffness) == (4, 6.5, "Long walk.", None)
    assert day.pain_sites == [{"region": "low_back", "side": "middle"}]


def test_what_was_saved_is_shown_again(ana: Anas) -> None:
    page = ana.page(ana.send(ana.page(), pain="4").removeprefix("/today"))
    assert chosen_in(question(page, "On average")) == ["4"]
    assert "Saved." in words_of(found(page, "#saved"))
    assert words_of(found(page, "#log-state")).startswith("Logged at ")


def test_the_same_form_sent_twice_is_one_entry(ana: Anas) -> None:
    page = ana.page()
    assert ana.send(page, pain="4") == ana.send(page, pain="4")
    assert ana.entries() == 1


def test_one_glass_tapped_twice_on_one_page_is_one_glass(ana: Anas) -> None:
    form = found(ana.page(), "form#log")
    glass = {**filled_in(form), "add": "water_glasses:1"}
    ana.browser.post(form.attributes["action"], data=glass)
    ana.browser.post(form.attributes["action"], data=glass)
    assert words_of(found(ana.page(), "#water-now")) == "1"


def test_a_form_sent_again_with_something_else_is_another_entry(ana: Anas) -> None:
    page = ana.page()
    ana.send(page, pain="4")
    ana.send(page, pain="6")
    day = ana.day()
    assert day is not None
    assert day.pain == 6


def test_saving_says_nothing_again_that_another_phone_changed(ana: Anas) -> None:
    ana.logged(pain=3)
    page = ana.page()
    ana.logged(pain=8)
    ana.send(page, stiffness="2")
    day = ana.day()
    assert day is not None
    assert (day.pain, day.stiffness) == (8, 2)


def test_undo_brings_back_what_stood_before(ana: Anas) -> None:
    ana.logged(pain=3)
    page = ana.page(ana.send(ana.page(), pain="9").removeprefix("/today"))
    undo = found(page, "#saved form")
    answer = ana.browser.post(undo.attributes["action"], data=filled_in(undo))
    day = ana.day()
    assert answer.headers["location"] == "/today?saved=undone"
    assert day is not None
    assert day.pain == 3


def undo(ana: Anas, location: str) -> None:
    """Tap Undo on the page that a saved form led to."""
    form = found(ana.page(location.removeprefix("/today")), "#saved form")
    ana.browser.post(form.attributes["action"], data=filled_in(form))


def test_a_form_sent_again_after_undo_is_saved_again(ana: Anas) -> None:
    page = ana.page()
    undo(ana, ana.send(page, pain="4"))
    assert ana.day() is None
    undo(ana, ana.send(page, pain="4"))
    assert ana.day() is None
    assert ana.send(page, pain="4") == ana.send(page, pain="4")
    day = ana.day()
    assert day is not None
    assert day.pain == 4


def test_a_form_sent_again_does_not_say_saved_when_the_day_was_changed_since(ana: Anas) -> None:
    page = ana.page()
    ana.send(page, pain="4")
    ana.logged(pain=6)
    form = found(page, "form#log")
    answer = ana.browser.post(form.attributes["action"], data={**filled_in(form), "pain": "4"})
    assert answer.status_code == 409
    assert "the day was changed since" in answer.text


def test_a_page_left_open_writes_nothing_into_the_diary_of_another(
    ana: Anas, standing_app: AppInside
) -> None:
    eva = Anas(standing_app)
    form = found(ana.page(), "form#log")
    answer = eva.browser.post(form.attributes["action"], data={**filled_in(form), "add": "water_glasses:1"})
    assert answer.status_code == 409
    assert "Somebody else is signed in here now." in answer.text
    assert (ana.entries(), eva.entries()) == (0, 0)


def test_a_form_without_a_change_stores_nothing(ana: Anas) -> None:
    assert ana.send(ana.page()) == "/today?saved=nothing"
    assert ana.entries() == 0


def test_a_measure_can_be_cleared(ana: Anas) -> None:
    ana.logged(pain=3, stiffness=2)
    ana.send(ana.page(), clear="pain")
    day = ana.day()
    assert day is not None
    assert (day.pain, day.stiffness) == (None, 2)


def test_a_note_that_cannot_be_stored_is_shown_again_with_the_reason(ana: Anas) -> None:
    form = found(ana.page(), "form#log")
    fields = {**filled_in(form), "pain": "4", "note": "Bell \x07"}
    answer = ana.browser.post(form.attributes["action"], data=fields)
    page = parsed(answer)
    assert answer.status_code == 422
    assert "Not saved. Remove control characters." in words_of(found(page, "#saved"))
    assert chosen_in(question(page, "On average")) == ["4"]
    assert "Bell" in found(page, "textarea").text()
    assert ana.entries() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"pain": "11"},
        {"pain": "3.5"},
        {"pain": "four"},
        {"sleep_hours": "25"},
        {"place": ["tail:left"]},
        {"place": ["shoulder:middle"]},
        {"place": ["hip:left", "hip:left"]},
        {"add": "water_glasses:9999"},
        {"note": "x" * 2001},
        {"entry": "not-an-id", "pain": "4"},
    ],
)
def test_what_cannot_stand_is_refused_and_nothing_is_stored(ana: Anas, wrong: dict[str, Any]) -> None:
    form = found(ana.page(), "form#log")
    answer = ana.browser.post(form.attributes["action"], data={**filled_in(form), **wrong})
    assert answer.status_code == 422
    assert ana.entries() == 0


def test_the_same_places_are_offered_without_their_numbers(ana: Anas) -> None:
    ana.logged(days_ago=1, pain=7, pain_sites=[LEFT_SHOULDER])
    page = ana.page("?places=same")
    assert "checked" in found(page, "input[aria-label='left shoulder']").attributes
    assert chosen_in(question(page, "On average")) == []
    assert page.css("option[selected]") == []


def test_offering_the_same_places_saves_nothing(ana: Anas) -> None:
    ana.logged(days_ago=1, pain_sites=[LEFT_SHOULDER])
    ana.page("?places=same")
    assert ana.day() is None


def test_the_same_places_are_saved_when_the_person_says_so(ana: Anas) -> None:
    ana.logged(days_ago=1, pain_sites=[LEFT_SHOULDER])
    ana.send(ana.page("?places=same"))
    day = ana.day()
    assert day is not None
    assert day.pain_sites == [{"region": "shoulder", "side": "left"}]


def test_the_offer_names_the_day_it_comes_from(ana: Anas) -> None:
    ana.logged(days_ago=1, pain_sites=[LEFT_SHOULDER])
    assert words_of(found(ana.page(), "[data-places]")) == "Same places as yesterday"


def test_what_few_open_comes_later_and_at_once_for_whoever_has_no_scripts(ana: Anas) -> None:
    light, whole = ana.page(), ana.page("?whole=1")
    assert light.css("input[name=place], input[name=pain_worst]") == []
    assert found(light, "noscript meta").attributes["content"] == "0;url=?whole=1"
    assert len(whole.css("input[name=place]")) > 50
    assert whole.css("noscript meta, [data-later]") == []


def test_the_places_named_lately_stand_first(ana: Anas) -> None:
    ana.logged(days_ago=3, pain_sites=[{"region": "knee", "side": "right"}, LEFT_SHOULDER])
    ana.logged(days_ago=1, pain_sites=[LEFT_SHOULDER])
    chips = ana.page().css("#recent-places button")
    assert [words_of(chip) for chip in chips] == ["Left shoulder", "Right knee"]


def test_how_strong_is_asked_only_where_it_hurts(ana: Anas) -> None:
    assert ana.page().css("#chosen-places select") == []
    ana.send(ana.page(), place=["shoulder:left"])
    asked = ana.page().css("#chosen-places select")
    assert [select.attributes["name"] for select in asked] == ["strength:shoulder:left"]


def test_how_strong_is_saved_with_its_place(ana: Anas) -> None:
    ana.send(ana.page(), place=["shoulder:left"])
    ana.send(ana.page(), **{"strength:shoulder:left": "7"})
    day = ana.day()
    assert day is not None
    assert day.pain_sites == [LEFT_SHOULDER]


def test_a_bad_day_is_said_and_taken_back(ana: Anas) -> None:
    ana.send(ana.page(), bad_day="yes", pain="8")
    said = ana.day()
    assert said is not None
    assert said.bad_day is True
    ana.send(ana.page(), bad_day="")
    taken_back = ana.day()
    assert taken_back is not None
    assert taken_back.bad_day is None


def test_a_past_day_asks_no_bad_day_and_keeps_the_one_that_was_said(ana: Anas) -> None:
    ana.logged(days_ago=1, bad_day=True)
    form = found(parsed(ana.browser.get(f"/days/{ana.today - timedelta(days=1)}")), "form#log")
    ana.browser.post(form.attributes["action"], data={**filled_in(form), "pain": "8"})
    day = ana.app.read(day_on, ana.profile.id, ana.today - timedelta(days=1))
    assert day is not None
    assert day.bad_day is True


def test_a_glass_of_water_is_not_a_check_in(ana: Anas) -> None:
    ana.logged(water_glasses=2)
    assert "How you feel is not logged yet" in words_of(found(ana.page(), "#log-state"))


def test_what_was_written_is_never_markup(ana: Anas) -> None:
    ana.logged(note="<img src=x onerror=alert(1)>")
    page = ana.page()
    assert page.css("img") == []
    assert found(page, "textarea").text().strip() == "<img src=x onerror=alert(1)>"


def test_the_page_carries_no_inline_script_or_style(ana: Anas) -> None:
    page = ana.page()
    assert [script for script in page.css("script") if not script.attributes.get("src")] == []
    assert page.css("style, [style], [onclick]") == []


def test_a_therapist_has_no_log(standing_app: AppInside) -> None:
    rui = standing_app.write(a_therapist)
    assert standing_app.browser_of(rui.id).get("/today").status_code == 403


def test_a_stranger_is_asked_to_sign_in(standing_app: AppInside) -> None:
    answer = standing_app.nobody.get("/today")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_another_site_cannot_post_the_form(ana: Anas) -> None:
    answer = ana.browser.post(
        f"/days/{ana.today}/log",
        data={"entry": str(uuid4()), "pain": "4"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert ana.entries() == 0


def held(db: Session, patient: PatientProfile, at: datetime) -> None:
    db.add(TreatmentSession(patient_id=patient.id, starts_at=at, minutes=60, held_at=at))
    db.flush()


@pytest.mark.parametrize(("days_ago", "asked"), [(0, True), (3, True), (4, False)])
def test_soreness_is_asked_until_three_days_after_a_session(db: Session, days_ago: int, asked: bool) -> None:
    ana = a_patient(db)
    held(db, ana, NOON - timedelta(days=days_ago))
    assert read_today(db, ana, NOON, False).form.asks_soreness is asked


def test_the_day_is_the_patients_local_day(db: Session) -> None:
    ana = a_patient(db, zone="Pacific/Auckland")
    assert read_today(db, ana, NOON + timedelta(hours=4), False).form.day == date(2026, 3, 19)


def test_the_night_still_belongs_to_yesterday(db: Session) -> None:
    ana = a_patient(db, zone="Europe/Lisbon")
    at_half_past_one = NOON - timedelta(hours=10, minutes=30)
    assert read_today(db, ana, at_half_past_one, False).form.day == date(2026, 3, 17)


def test_a_week_without_a_log_is_not_counted(db: Session) -> None:
    assert read_today(db, a_patient(db), NOON, False).logged_words == "Days you log get a dot."


def test_the_week_counts_logged_days_without_blame(db: Session) -> None:
    ana = a_patient(db)
    a_logged_day(db, ana, WEDNESDAY - timedelta(days=1))
    a_logged_day(db, ana, WEDNESDAY - timedelta(days=5))
    today = read_today(db, ana, NOON, False)
    assert today.logged_words == "2 of 7 days logged"
    assert [day.mark for day in today.week] == ["", "late", "", "", "", "logged", ""]
