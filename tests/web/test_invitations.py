from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from selectolax.lexbor import LexborNode
from starlette.testclient import TestClient

from app.access.care import Relationship, invite, relationships_of
from app.clock import utc_now
from app.models.care import Scope
from app.models.patient import PatientProfile
from app.web.invitations import qr_code
from builders import a_patient, a_therapist
from running import AppInside
from web.reading import found, labelled, parsed, words_of


class Invited:
    """Rui's invitation, and Ana, who holds it."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.rui: UUID = app.write(a_therapist, f"Rui{uuid4().hex}").id
        self.ana: PatientProfile = app.write(a_patient, f"Ana{uuid4().hex}")
        code, _expires_at = app.write(invite, self.rui, utc_now())
        self.path = f"/invitations/{code}"
        self.ana_browser: TestClient = app.browser_of(self.ana.id)
        self.rui_browser: TestClient = app.browser_of(self.rui)

    def seen_by_ana(self) -> LexborNode:
        return parsed(self.ana_browser.get(self.path))

    def relationships(self) -> list[Relationship]:
        return self.app.read(relationships_of, self.ana.id)


@pytest.fixture
def invited(standing_app: AppInside) -> Invited:
    standing_app.nobody.cookies.clear()
    return Invited(standing_app)


def test_a_therapist_gets_a_link_and_a_code_to_scan(invited: Invited) -> None:
    made = invited.rui_browser.post("/invitations")
    page = parsed(invited.rui_browser.get(made.headers["location"]))
    link = labelled(page, "Or send this link").attributes["value"]
    assert re.fullmatch(r"http://testserver/invitations/[\w-]{43}", link)
    assert page.css_first("svg.qr path") is not None


def test_an_invitation_says_until_when_it_is_good(invited: Invited) -> None:
    page = parsed(invited.rui_browser.get(invited.path))
    week_ahead = utc_now() + timedelta(days=7)
    assert f"Good until {week_ahead:%A} {week_ahead.day}" in words_of(page)


def test_an_open_invitation_is_listed_without_its_code(invited: Invited) -> None:
    page = invited.rui_browser.get("/invitations")
    week_ahead = utc_now() + timedelta(days=7)
    assert f"Good until {week_ahead:%A} {week_ahead.day}" in words_of(found(parsed(page), "#open"))
    assert invited.path.removeprefix("/invitations/") not in page.text


def test_a_withdrawn_invitation_says_so_to_who_opens_the_link(invited: Invited) -> None:
    form = found(parsed(invited.rui_browser.get("/invitations")), "#open form")
    withdrawn = invited.rui_browser.post(form.attributes["action"])
    page = parsed(invited.rui_browser.get(withdrawn.headers["location"]))
    assert "Withdrawn." in words_of(found(page, "main .notice"))
    assert page.css_first("#open") is None
    answer = invited.ana_browser.get(invited.path)
    assert answer.status_code == 404
    assert "This invitation was withdrawn. Ask your therapist for a new one." in words_of(parsed(answer))


def test_the_code_to_scan_is_dark_on_light_without_any_style() -> None:
    drawing = qr_code("http://testserver/invitations/abc")
    assert 'fill="#fff"' in drawing
    assert 'stroke="#000"' in drawing
    assert "style" not in drawing


def test_a_patient_makes_no_invitations(invited: Invited) -> None:
    assert invited.ana_browser.post("/invitations").status_code == 403
    assert invited.ana_browser.get("/invitations").headers["location"] == "/sharing#invitation"


def test_a_visitor_sees_who_invites_and_is_led_in_and_back(invited: Invited) -> None:
    page = parsed(invited.app.nobody.get(invited.path))
    assert "Practice by the river" in words_of(page)
    assert "PT 4711" in words_of(page)
    assert "Manual therapy" in words_of(page)
    leads = [link.attributes["href"] for link in page.css("main a.button")]
    assert leads == [f"/sign-up?next={invited.path}", f"/sign-in?next={invited.path}"]


def test_a_patient_sees_who_invites_before_deciding(invited: Invited) -> None:
    who = words_of(found(invited.seen_by_ana(), "#who"))
    assert "Practice by the river" in who
    assert "PT 4711" in who
    assert "Manual therapy" in who


def test_nothing_is_shared_unless_it_is_chosen(invited: Invited) -> None:
    assert invited.seen_by_ana().css("input[name=scopes][checked]") == []


def test_looking_accepts_nothing(invited: Invited) -> None:
    invited.seen_by_ana()
    assert invited.relationships() == []


def test_the_address_that_accepts_leads_to_what_there_is_to_decide(invited: Invited) -> None:
    assert invited.ana_browser.get(f"{invited.path}/accept").headers["location"] == invited.path


def test_accepting_shares_what_was_chosen_for_as_long_as_was_chosen(invited: Invited) -> None:
    last = invited.ana.day_at(utc_now()) + timedelta(days=30)
    said = {"scopes": ["measures", "plan"], "expires_on": str(last)}
    answer = invited.ana_browser.post(f"{invited.path}/accept", data=said)
    assert answer.headers["location"] == "/sharing?done=accepted"
    (relationship,) = invited.relationships()
    assert (relationship.scopes, relationship.expires_on) == ([Scope.MEASURES, Scope.PLAN], last)


def test_without_an_end_date_the_sharing_goes_on(invited: Invited) -> None:
    invited.ana_browser.post(f"{invited.path}/accept", data={"scopes": ["notes"], "expires_on": ""})
    (relationship,) = invited.relationships()
    assert relationship.expires_on is None


def test_choosing_nothing_is_asked_again_beside_the_choices(invited: Invited) -> None:
    answer = invited.ana_browser.post(f"{invited.path}/accept", data={"expires_on": ""})
    page = parsed(answer)
    assert answer.status_code == 422
    described_by = found(page, "fieldset#scopes").attributes["aria-describedby"].split()
    assert words_of(found(page, f"#{described_by[-1]}")) == "Choose at least one."
    assert invited.relationships() == []


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "2020-01-01"])
def test_a_day_that_cannot_be_the_last_is_named_and_the_choices_stay(invited: Invited, day: str) -> None:
    said = {"scopes": ["notes"], "expires_on": day}
    answer = invited.ana_browser.post(f"{invited.path}/accept", data=said)
    page = parsed(answer)
    assert answer.status_code == 422
    assert words_of(found(page, "#expires_on-error")).startswith("Choose")
    assert [one.attributes["value"] for one in page.css("input[name=scopes][checked]")] == ["notes"]
    assert labelled(page, "Last day, if you want one").attributes["value"] == day


def test_whoever_accepted_an_invitation_is_told_so_when_it_is_opened_again(invited: Invited) -> None:
    invited.ana_browser.post(f"{invited.path}/accept", data={"scopes": "notes"})
    again = invited.ana_browser.get(invited.path)
    shown = parsed(invited.ana_browser.get(again.headers["location"]))
    assert "You accepted this invitation before." in words_of(found(shown, "main"))


def test_nobody_else_is_told_that_an_invitation_was_accepted(invited: Invited) -> None:
    invited.ana_browser.post(f"{invited.path}/accept", data={"scopes": "notes"})
    eva = invited.app.write(a_patient, f"Eva{uuid4().hex}")
    assert invited.app.browser_of(eva.id).get(invited.path).status_code == 404


def test_a_form_sent_twice_is_one_consent(invited: Invited) -> None:
    first, second = (
        invited.ana_browser.post(f"{invited.path}/accept", data={"scopes": "notes"}) for _time in range(2)
    )
    assert second.headers["location"] == first.headers["location"]
    assert len(invited.relationships()) == 1


def test_a_form_sent_again_with_another_choice_does_not_say_that_it_counts(invited: Invited) -> None:
    invited.ana_browser.post(f"{invited.path}/accept", data={"scopes": ["notes", "plan"]})
    assert invited.ana_browser.post(f"{invited.path}/accept", data={"scopes": "plan"}).status_code == 409


def test_an_invitation_is_used_once(invited: Invited) -> None:
    marta = invited.app.browser_of(invited.app.write(a_patient, f"Marta{uuid4().hex}").id)
    invited.ana_browser.post(f"{invited.path}/accept", data={"scopes": "notes"})
    assert marta.get(invited.path).status_code == 404
    assert marta.post(f"{invited.path}/accept", data={"scopes": "notes"}).status_code == 409


@pytest.mark.parametrize("code", ["abc", "a" * 43, "%00", "'--"])
def test_a_forged_code_leads_nowhere(invited: Invited, code: str) -> None:
    answer = invited.app.nobody.get(f"/invitations/{code}")
    assert answer.status_code == 404
    assert "Ask your therapist for a new one." in words_of(parsed(answer))


def test_a_therapist_accepts_nothing(invited: Invited) -> None:
    marta = invited.app.browser_of(invited.app.write(a_therapist, f"Marta{uuid4().hex}").id)
    assert marta.post(f"{invited.path}/accept", data={"scopes": "notes"}).status_code == 403


def test_the_last_day_can_be_today(invited: Invited) -> None:
    today: date = invited.ana.day_at(utc_now())
    said = {"scopes": "notes", "expires_on": str(today)}
    assert invited.ana_browser.post(f"{invited.path}/accept", data=said).status_code == 303
