"""Bad input through the pages: the form or an error page again with a 4xx, and nothing stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app.clock import utc_now
from app.reminders.arrange import forget_removed
from builders import PASSWORD, todays_date
from running import AppInside

SCRIPT = "<script>alert(7391)</script>"
HIDDEN = "An\N{RIGHT-TO-LEFT OVERRIDE}a"

pytestmark = pytest.mark.usefixtures("nothing_is_stored")


def assert_page(answer: Response, *statuses: int) -> None:
    assert answer.status_code in statuses
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert SCRIPT not in answer.text


def log_but(**other: Any) -> dict[str, Any]:
    return {"entry": str(uuid4()), "pain": "3", "note": SCRIPT} | other


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(log_but(pain="11"), id="11 on a 0-10 scale"),
        pytest.param(log_but(pain="-1"), id="-1 on a 0-10 scale"),
        pytest.param(log_but(pain="3.5"), id="3.5 pain"),
        pytest.param(log_but(pain="1e400"), id="1e400 pain"),
        pytest.param(log_but(pain="nan"), id="nan pain"),
        pytest.param(log_but(pain="9" * 5000), id="5,000 digits of pain"),
        pytest.param(log_but(pain="\N{ARABIC-INDIC DIGIT THREE}"), id="another digit"),
        pytest.param(log_but(pain="true"), id="true pain"),
        pytest.param(log_but(pain=SCRIPT), id="a script for pain"),
        pytest.param(log_but(sleep_hours="25"), id="25 hours of sleep"),
        pytest.param(log_but(sleep_hours="7.3"), id="7.3 hours of sleep"),
        pytest.param(log_but(sleep_hours="inf"), id="infinite sleep"),
        pytest.param(log_but(swelling="maybe"), id="maybe for yes or no"),
        pytest.param(log_but(note=SCRIPT.ljust(2001, ".")), id="a note of 2,001 characters"),
        pytest.param(log_but(note=f"{SCRIPT}\0"), id="nul in a note"),
        pytest.param(log_but(note=f"{SCRIPT}\x1b"), id="an escape character in a note"),
        pytest.param(log_but(places_shown="1", place="tail:left"), id="an unknown region"),
        pytest.param(log_but(places_shown="1", place="knee:middle"), id="a side the region has not"),
        pytest.param(log_but(places_shown="1", place=SCRIPT), id="a script for a place"),
        pytest.param(log_but(places_shown="1", place=["knee:left"] * 2), id="the same place twice"),
        pytest.param(
            {**log_but(places_shown="1", place="knee:left"), "strength:knee:left": "0"}, id="strength 0"
        ),
        pytest.param(log_but(add="water_glasses:41"), id="41 glasses more"),
        pytest.param(log_but(add="water_glasses:one"), id="a word of glasses"),
        pytest.param(log_but(add=f"{SCRIPT}:1"), id="an unknown counter"),
        pytest.param(log_but(entry="again"), id="an entry id that is no uuid"),
        pytest.param(log_but(entry=""), id="no entry id"),
    ],
)
def test_a_day_that_cannot_be_is_shown_again(anas_phone: TestClient, form: dict[str, Any]) -> None:
    assert_page(anas_phone.post(f"/days/{todays_date()}/log", data=form), 422)


def test_what_was_typed_is_kept_when_a_day_is_shown_again(anas_phone: TestClient) -> None:
    form = log_but(pain="11", note="Stiff after the long drive.")
    answer = anas_phone.post(f"/days/{todays_date()}/log", data=form)
    assert "Stiff after the long drive." in answer.text


@pytest.mark.parametrize("was", ["[" * 10_000, "nonsense", "[]", "1", '{"pain_sites": [1]}', '{"pain": NaN}'])
def test_a_damaged_memory_of_what_the_form_showed_does_no_harm(anas_phone: TestClient, was: str) -> None:
    form = log_but(was=was, pain="11")
    assert_page(anas_phone.post(f"/days/{todays_date()}/log", data=form), 422)


@pytest.mark.parametrize(
    "day",
    [
        "2026-02-30",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "tomorrow",
        "%00",
        SCRIPT,
        pytest.param(timedelta(days=2), id="in two days"),
        pytest.param(timedelta(days=-367), id="over a year ago"),
    ],
)
@pytest.mark.parametrize("ending", ["", "/log", "/undo"])
def test_a_day_no_page_is_for_is_refused(anas_phone: TestClient, day: str | timedelta, ending: str) -> None:
    day = str(todays_date() + day) if isinstance(day, timedelta) else day
    method = "POST" if ending else "GET"
    answer = anas_phone.request(method, f"/days/{day}{ending}", data=log_but() if ending else None)
    assert_page(answer, 404, 422)


def sign_up_but(**other: Any) -> dict[str, Any]:
    person = {"email": "ines@people.example", "password": PASSWORD, "name": "Ines"}
    return person | {"role": "patient", "zone": "Europe/Lisbon"} | other


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(sign_up_but(name=HIDDEN), id="a hidden direction character in a name"),
        pytest.param(sign_up_but(name=SCRIPT.ljust(101, ".")), id="a script for a name"),
        pytest.param(sign_up_but(name=""), id="no name"),
        pytest.param(sign_up_but(email=SCRIPT), id="a script for an e-mail address"),
        pytest.param(sign_up_but(email="ines"), id="no e-mail address"),
        pytest.param(sign_up_but(zone="Mars/Olympus"), id="an unknown zone"),
        pytest.param(sign_up_but(zone=""), id="no zone"),
        pytest.param(sign_up_but(role="admin"), id="an unknown role"),
        pytest.param(sign_up_but(role=""), id="no role"),
        pytest.param(sign_up_but(password="short"), id="a short password"),
        pytest.param({"next": "/today"}, id="nothing"),
    ],
)
def test_an_account_that_cannot_be_is_asked_for_again(standing_app: AppInside, form: dict[str, Any]) -> None:
    answer = standing_app.nobody.post("/sign-up", data=form)
    assert_page(answer, 422)


def test_a_password_is_never_shown_again(standing_app: AppInside) -> None:
    answer = standing_app.nobody.post("/sign-up", data=sign_up_but(zone="Mars/Olympus"))
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"zone": "Mars/Olympus"}, id="an unknown zone"),
        pytest.param({"name": HIDDEN}, id="a hidden direction character in a name"),
        pytest.param({"name": f"{SCRIPT}\nAna"}, id="a line break in a name"),
        pytest.param({"day_starts_at": "25:00"}, id="25:00"),
        pytest.param({"day_starts_at": SCRIPT}, id="a script for a time"),
    ],
)
def test_a_change_of_oneself_that_cannot_be_is_asked_for_again(
    anas_phone: TestClient, form: dict[str, Any]
) -> None:
    assert_page(anas_phone.post("/account", data=form), 422)


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"practice": HIDDEN}, id="a hidden direction character"),
        pytest.param({"licence": SCRIPT.ljust(201, ".")}, id="a licence of 201 characters"),
        pytest.param({"certifications": "\n".join([SCRIPT] * 21)}, id="21 certifications"),
    ],
)
def test_a_practice_that_cannot_be_is_asked_for_again(ruis_desk: TestClient, form: dict[str, Any]) -> None:
    assert_page(ruis_desk.post("/profile", data=form), 422)


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        pytest.param("add", {"kind": SCRIPT}, id="a reminder of no kind"),
        pytest.param("add", {"kind": ""}, id="a reminder of nothing"),
        pytest.param("limits", {"quiet_from": SCRIPT, "quiet_until": "08:00"}, id="quiet hours from never"),
        pytest.param("limits", {"quiet_from": "21:00", "quiet_until": "24:00"}, id="quiet hours until 24:00"),
        pytest.param("limits", {"quiet_from": "", "quiet_until": ""}, id="no quiet hours at all"),
        pytest.param("pause", {"until": SCRIPT}, id="a pause until no day"),
        pytest.param("pause", {"until": "2020-01-01"}, id="a pause until the past"),
        pytest.param("pause", {"until": "9999-12-31"}, id="a pause for ever"),
        pytest.param("pause", {"for": SCRIPT}, id="a pause of no length"),
    ],
)
def test_what_reminders_cannot_be_is_asked_for_again(
    anas_phone: TestClient, form: str, fields: dict[str, str]
) -> None:
    assert_page(anas_phone.post(f"/reminders/{form}", data=fields), 422)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"time": "24:00", "day": "mon"}, id="a time that is none"),
        pytest.param({"time": "8pm", "day": "mon"}, id="a time in words"),
        pytest.param({"time": "\N{ARABIC-INDIC DIGIT TWO}0:00", "day": "mon"}, id="other digits"),
        pytest.param({"time": SCRIPT, "day": "mon"}, id="a script for a time"),
        pytest.param({"time": "", "day": "mon"}, id="no time"),
        pytest.param({"time": "20:00"}, id="no day"),
        pytest.param({"time": "20:00", "day": SCRIPT}, id="a script for a day"),
        pytest.param({"time": "20:00", "day": "mon", "text": SCRIPT.ljust(201, ".")}, id="a long text"),
        pytest.param(
            {"time": [f"{h:02}:{m}" for h in range(7) for m in ("00", "30")], "day": "mon"}, id="14 times"
        ),
    ],
)
def test_a_reminder_that_cannot_be_is_asked_for_again(
    standing_app: AppInside, anas_phone: TestClient, fields: dict[str, Any]
) -> None:
    anas_phone.post("/reminders/add", data={"kind": "custom", "text": "Stretch"})
    reminder = anas_phone.get("/api/reminders").json()["reminders"][-1]
    assert_page(anas_phone.post(f"/reminders/{reminder['id']}/change", data=fields), 422)
    anas_phone.post(f"/reminders/{reminder['id']}/remove")
    standing_app.write(forget_removed, utc_now() + timedelta(hours=2))


@pytest.mark.parametrize("code", ["A" * 43, SCRIPT, "%00"])
def test_a_forged_invitation_leads_nowhere(anas_phone: TestClient, code: str) -> None:
    assert_page(anas_phone.get(f"/invitations/{code}"), 404)


@pytest.mark.parametrize("code", ["A" * 43, SCRIPT, "%00"])
def test_a_forged_invitation_cannot_be_accepted(anas_phone: TestClient, code: str) -> None:
    assert_page(anas_phone.post(f"/invitations/{code}/accept", data={"scopes": "notes"}), 404)


@pytest.mark.parametrize("code", ["", "nonsense", SCRIPT])
def test_what_is_no_invitation_code_is_asked_for_again(anas_phone: TestClient, code: str) -> None:
    assert_page(anas_phone.post("/sharing/invitation", data={"code": code}), 422)


@pytest.mark.parametrize(
    "path",
    [
        "/sharing?before=9223372036854775808",
        "/sharing?before=2147483648",
        "/sharing?before=0",
        f"/sharing?before={SCRIPT}",
        "/trends?days=31",
        "/trends?days=1e400",
        f"/trends?days={SCRIPT}",
        f"/reminders?done={'x' * 17}",
        f"/reminders?open={'x' * 37}",
        f"/did/{'0' * 32}?action={'x' * 17}",
    ],
)
def test_a_question_no_page_has_is_refused(anas_phone: TestClient, path: str) -> None:
    assert_page(anas_phone.get(path), 422)


@pytest.mark.parametrize(
    "path",
    [
        f"/today?saved={SCRIPT}",
        f"/today?places={SCRIPT[:16]}",
        f"/sharing?done={SCRIPT[:16]}",
        f"/reminders?done={SCRIPT[:16]}",
        f"/reminders?open={SCRIPT[:36]}",
        f"/account?saved={SCRIPT}",
    ],
)
def test_a_forged_notice_is_not_shown(anas_phone: TestClient, path: str) -> None:
    assert_page(anas_phone.get(path), 200)


def test_a_forged_action_leads_nowhere(anas_phone: TestClient) -> None:
    assert_page(anas_phone.get(f"/did/{'0' * 32}?action={SCRIPT[:16]}&ask={SCRIPT[:16]}"), 404)


@pytest.mark.parametrize(
    "where",
    ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"],
)
def test_signing_in_never_leads_elsewhere(anas_phone: TestClient, where: str) -> None:
    answer = anas_phone.get("/sign-in", params={"next": where})
    assert answer.headers["location"] == "/today"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("application/json", '{"pain": 3}', id="json"),
        pytest.param("text/plain", "pain=3", id="plain text"),
        pytest.param("multipart/form-data", "pain=3", id="multipart without a boundary"),
        pytest.param("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form", id="cut short"),
        pytest.param("application/x-www-form-urlencoded", "pain=3&" * 500, id="500 fields"),
    ],
)
def test_what_no_form_of_ours_sends_is_refused(anas_phone: TestClient, content_type: str, body: str) -> None:
    path = f"/days/{todays_date()}/log"
    answer = anas_phone.post(path, content=body, headers={"content-type": content_type})
    assert_page(answer, 400, 415, 422)


def test_a_form_over_the_limit_is_too_large(anas_phone: TestClient) -> None:
    answer = anas_phone.post(f"/days/{todays_date()}/log", data=log_but(note="x" * 10_000_000))
    assert_page(answer, 413)
