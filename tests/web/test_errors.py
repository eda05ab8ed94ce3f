from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from fastapi import Request, Response
from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from app.errors import AftercareError, Busy, Conflict, FieldError, Invalid, NotFound, Refused, TooMany
from app.web.errors import error_page
from builders import a_patient
from running import AppInside
from web.reading import found, parsed, words_of

FORM = {"content-type": "application/x-www-form-urlencoded"}


def page_for(error: AftercareError | HTTPException) -> Response:
    scope = {"type": "http", "method": "GET", "path": "/somewhere", "query_string": b"", "headers": []}
    return asyncio.run(error_page(Request(scope), error))


def shown(error: AftercareError | HTTPException) -> LexborNode:
    return found(LexborHTMLParser(bytes(page_for(error).body)), "html")


@pytest.fixture
def ana(standing_app: AppInside) -> TestClient:
    return standing_app.browser_of(standing_app.write(a_patient, f"Ana{uuid4().hex}").id)


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        (NotFound(), 404, "There is no page here"),
        (Refused("Not for you."), 403, "This is not open to you"),
        (Conflict("Already held."), 409, "This no longer fits"),
        (TooMany("Wait.", retry_after=60), 429, "Too many tries"),
        (Busy(), 503, "Busy just now"),
        (Invalid(FieldError("day", "day", "Choose a day.")), 422, "Something needs a second look"),
        (HTTPException(404), 404, "There is no page here"),
        (HTTPException(405), 405, "There is no page here"),
        (HTTPException(413), 413, "This is too large"),
        (HTTPException(418), 418, "This could not be read"),
        (HTTPException(500), 500, "Something went wrong on our side"),
        (HTTPException(502), 502, "Something went wrong on our side"),
    ],
    ids=lambda value: "" if isinstance(value, str | int) else f"{type(value).__name__} {value}",
)
def test_every_error_has_a_page(error: AftercareError | HTTPException, status: int, heading: str) -> None:
    assert page_for(error).status_code == status
    assert words_of(found(shown(error), "h1")) == heading


def test_a_page_says_what_happened_and_where_to_go() -> None:
    page = shown(Conflict("This invitation was already used."))
    assert "This invitation was already used." in words_of(found(page, "main"))
    assert found(page, "main a.button").attributes["href"] == "/"


def test_words_of_the_framework_stay_inside() -> None:
    assert "Method Not Allowed" not in words_of(shown(HTTPException(405)))


def test_whoever_has_to_wait_is_told_how_long() -> None:
    assert page_for(TooMany("Wait.", retry_after=60)).headers["retry-after"] == "60"


def test_an_unknown_address_has_a_page(ana: TestClient) -> None:
    answer = ana.get("/no-such-page")
    assert answer.status_code == 404
    assert words_of(found(parsed(answer), "h1")) == "There is no page here"


def test_whoever_sent_something_is_told_that_it_was_not_saved(ana: TestClient) -> None:
    answer = ana.post(f"/sharing/{uuid4()}/stop")
    assert answer.status_code == 404
    assert words_of(found(parsed(answer), "h1")) == "This is no longer here"
    assert "Nothing was saved." in words_of(found(parsed(answer), "main"))


def test_what_was_typed_into_an_address_is_not_repeated(ana: TestClient) -> None:
    assert "boom" not in ana.get("/<b>boom</b>").text


def test_a_page_of_the_other_role_says_so(ana: TestClient) -> None:
    answer = ana.get("/patients")
    assert answer.status_code == 403
    assert "signed in as a patient" in words_of(parsed(answer))


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""]
)
def test_what_no_form_of_ours_sends_is_refused(ana: TestClient, content_type: str) -> None:
    answer = ana.post("/account", content=b"name=Rui", headers={"content-type": content_type})
    assert answer.status_code == 400
    assert words_of(found(parsed(answer), "h1")) == "This could not be read"


@pytest.mark.parametrize("path", ["/account", "/sign-in", "/sign-up"])
def test_a_body_that_is_too_large_is_refused(ana: TestClient, path: str) -> None:
    answer = ana.post(path, content=b"name=" + b"a" * 10_000_000, headers=FORM)
    assert answer.status_code == 413
    assert words_of(found(parsed(answer), "h1")) == "This is too large"


@pytest.mark.parametrize(
    "body", [b"name=%00", b"name=%ff%fe", b"name=a\x00b", b"name=%ED%A0%80", b"&=&=&", b"%"]
)
def test_characters_that_cannot_be_stored_are_no_fault_of_ours(ana: TestClient, body: bytes) -> None:
    assert ana.post("/account", content=body, headers=FORM).status_code in (303, 400, 422)


def test_every_error_page_carries_the_security_headers(ana: TestClient) -> None:
    assert "default-src 'none'" in ana.get("/no-such-page").headers["content-security-policy"]


def test_an_error_page_works_for_a_head_request(ana: TestClient) -> None:
    assert ana.head("/no-such-page").status_code in (404, 405)
