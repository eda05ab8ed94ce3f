from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from selectolax.lexbor import LexborNode
from starlette.testclient import TestClient

from app.web.next_page import own_path
from builders import PASSWORD, a_patient, a_therapist
from running import AppInside
from web.reading import chosen_in, found, labelled, parsed, question, words_of

HERE = "Europe/Lisbon"


@pytest.fixture
def visitor(standing_app: AppInside) -> TestClient:
    """A browser where nobody is signed in any more."""
    standing_app.nobody.cookies.clear()
    return standing_app.nobody


def ana_says(**said: str) -> dict[str, str]:
    """A sign-up form as Ana fills it in."""
    email = f"ana-{uuid4().hex}@people.example"
    return {"name": "Ana", "email": email, "password": PASSWORD, "role": "patient", "zone": HERE, **said}


def refused(visitor: TestClient, status: int = 422, **said: str) -> LexborNode:
    answer = visitor.post("/sign-up", data=ana_says(**said))
    assert answer.status_code == status
    return parsed(answer)


def message_beside(page: LexborNode, control: Any) -> str:
    """The message a control is described by."""
    described_by = control.attributes["aria-describedby"].split()
    return words_of(found(page, f"#{described_by[-1]}"))


def test_a_new_patient_arrives_on_today(visitor: TestClient) -> None:
    answer = visitor.post("/sign-up", data=ana_says())
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert visitor.get("/today").status_code == 200


def test_a_new_therapist_is_asked_who_they_are(visitor: TestClient) -> None:
    answer = visitor.post("/sign-up", data=ana_says(role="therapist"))
    page = parsed(visitor.get(answer.headers["location"]))
    assert words_of(found(page, "h1")) == "Welcome, Ana"


def test_whoever_came_for_an_invitation_goes_back_to_it(visitor: TestClient) -> None:
    answer = visitor.post("/sign-up", data=ana_says(next="/invitations/abc"))
    assert answer.headers["location"] == "/invitations/abc"


def test_an_invitation_makes_the_form_ask_as_a_patient(visitor: TestClient) -> None:
    page = parsed(visitor.get("/sign-up", params={"next": "/invitations/abc"}))
    assert chosen_in(question(page, "Who are you?")) == ["patient"]


def test_nothing_is_chosen_for_anybody_else(visitor: TestClient) -> None:
    page = parsed(visitor.get("/sign-up"))
    assert chosen_in(question(page, "Who are you?")) == []
    assert not page.css("option[selected]")


def test_a_short_password_is_named_beside_its_field(visitor: TestClient) -> None:
    page = refused(visitor, password="short")
    control = labelled(page, "Password")
    assert message_beside(page, control) == "Choose a password of 10 or more characters."
    assert control.attributes["aria-invalid"] == "true"


def test_the_summary_takes_focus_and_leads_to_the_field(visitor: TestClient) -> None:
    page = refused(visitor, email="nowhere")
    summary = found(page, "[role=alert]")
    assert "autofocus" in summary.attributes
    link = found(summary, "a")
    assert words_of(link) == "Write an e-mail address like name@example.org."
    assert labelled(page, "E-mail address").attributes["id"] == link.attributes["href"].removeprefix("#")


def test_what_was_typed_stays_except_the_password(visitor: TestClient) -> None:
    page = refused(visitor, name="Ana Maria", zone="Nowhere/Atall", role="therapist")
    assert labelled(page, "Your name").attributes["value"] == "Ana Maria"
    assert chosen_in(question(page, "Who are you?")) == ["therapist"]
    assert labelled(page, "Password").attributes["value"] == ""
    assert PASSWORD not in str(page)


def test_an_unknown_zone_is_asked_for_again(visitor: TestClient) -> None:
    page = refused(visitor, zone="Europe/Atlantis")
    assert message_beside(page, found(page, "select#zone")) == "Choose your time zone."


def test_somebody_who_is_neither_patient_nor_therapist_is_asked_again(visitor: TestClient) -> None:
    page = refused(visitor, role="owner")
    assert message_beside(page, question(page, "Who are you?")).startswith("Choose whether you are")


def test_hidden_direction_characters_in_a_name_are_refused(visitor: TestClient) -> None:
    page = refused(visitor, name="Ana\u202egnp.exe")
    assert message_beside(page, labelled(page, "Your name")) == "Remove invisible characters."


def test_an_empty_form_names_every_field_once_in_the_order_of_the_page(visitor: TestClient) -> None:
    answer = visitor.post("/sign-up", data={"name": ""})
    assert answer.status_code == 422
    links = [link.attributes["href"] for link in parsed(answer).css("[role=alert] a")]
    assert links == ["#role", "#name", "#email", "#password", "#zone"]


def test_a_taken_address_is_said_at_the_address(visitor: TestClient) -> None:
    said = ana_says()
    visitor.post("/sign-up", data=said)
    visitor.cookies.clear()
    page = refused(visitor, status=409, email=said["email"])
    assert message_beside(page, labelled(page, "E-mail address")).startswith("There is already an account")


def test_nothing_is_stored_of_a_refused_form(standing_app: AppInside, visitor: TestClient) -> None:
    before = standing_app.stored()["account"]
    refused(visitor, password="short")
    assert standing_app.stored()["account"] == before


def test_a_form_from_another_site_is_refused(visitor: TestClient) -> None:
    answer = visitor.post("/sign-up", data=ana_says(), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert words_of(found(parsed(answer), "h1")) == "This is not open to you"


def test_somebody_signed_in_has_no_need_to_sign_up(standing_app: AppInside) -> None:
    ana = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    answer = standing_app.browser_of(ana.id).get("/sign-up")
    assert answer.headers["location"] == "/today"


@pytest.mark.parametrize("path", ["/today", "/invitations/a-b_c", "/sharing?done=changed#looks"])
def test_own_pages_may_come_next(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "today",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "https://elsewhere.example/",
        "javascript:alert(1)",
        "/today\r\nSet-Cookie: a=b",
        "/\telsewhere",
        " /today",
        "/%0d%0a\u2028",
        "/a\\b",
    ],
)
def test_no_other_place_may_come_next(path: str) -> None:
    assert own_path(path) == ""


def test_a_next_page_elsewhere_is_forgotten(visitor: TestClient) -> None:
    answer = visitor.post("/sign-up", data=ana_says(next="//elsewhere.example/"))
    assert answer.headers["location"] == "/today"


def test_the_start_leads_a_patient_to_today(standing_app: AppInside) -> None:
    ana = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    assert standing_app.browser_of(ana.id).get("/").headers["location"] == "/today"


def test_the_start_leads_a_therapist_to_the_patients(standing_app: AppInside) -> None:
    rui = standing_app.write(a_therapist, f"Rui{uuid4().hex}")
    assert standing_app.browser_of(rui.id).get("/").headers["location"] == "/patients"


def test_the_start_leads_everybody_else_to_signing_in(visitor: TestClient) -> None:
    assert visitor.get("/").headers["location"] == "/sign-in"
