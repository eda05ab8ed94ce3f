"""The link to one's calendar, as a browser without scripts makes it and a calendar follows it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.testclient import TestClient

from running import AppInside
from web.reading import found, parsed


def test_a_calendar_follows_the_link_until_it_is_made_useless(
    anas_phone: TestClient, standing_app: AppInside
) -> None:
    page = parsed(anas_phone.post("/account/calendar", data={"x": "y"}))
    path = urlsplit(found(page, "#link").attributes["value"]).path
    answer = standing_app.nobody.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert answer.text.startswith("BEGIN:VCALENDAR\r\n")
    assert anas_phone.get("/api/me/calendar").json()["made_at"]
    anas_phone.post("/account/calendar/revoke", data={"x": "y"})
    assert standing_app.nobody.get(path).status_code == 404


def test_a_calendar_may_ask_first_whether_the_link_is_good(
    anas_phone: TestClient, standing_app: AppInside
) -> None:
    path = urlsplit(anas_phone.post("/api/me/calendar", json={}).json()["url"]).path
    answer = standing_app.nobody.head(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert standing_app.nobody.head(f"/calendar/{'x' * 43}.ics").status_code == 404


def test_a_therapist_is_not_asked_whom_to_name(ruis_desk: TestClient) -> None:
    page = parsed(ruis_desk.get("/account/calendar"))
    assert page.css("input[name=names]") == []
    assert ruis_desk.post("/api/me/calendar", json={}).json()["url"].endswith(".ics")
