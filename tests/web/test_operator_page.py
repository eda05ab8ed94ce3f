from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.clock import utc_now
from builders import a_patient, a_therapist
from conftest import KINDS, migrated_copy, settings_for
from running import AppInside, running
from web.reading import found, parsed, words_of


@pytest.fixture(scope="module", params=KINDS)
def operated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppInside]:
    """The app with Rui, a therapist, and Ana, a patient, as its operators."""
    folder = tmp_path_factory.mktemp("operated")
    with migrated_copy(request, folder) as url:
        settings = settings_for(url, folder)
        operators = ("Rui@People.example", "ana@people.example")
        with running(settings.model_copy(update={"operators": operators})) as app:
            yield app


@pytest.fixture(scope="module")
def ruis(operated: AppInside) -> TestClient:
    return operated.browser_of(operated.write(a_therapist, now=utc_now()).id)


@pytest.fixture(scope="module")
def anas(operated: AppInside) -> TestClient:
    return operated.browser_of(operated.write(a_patient, now=utc_now()).id)


def test_an_operator_reads_what_the_doctor_found(ruis: TestClient) -> None:
    page = parsed(ruis.get("/operator"))
    told = {words_of(found(row, "h3")): words_of(found(row, "p")) for row in page.css("li.rows__row")}
    assert told["Tables"].startswith("Up to date, at ")
    assert told["Backup"] == "No backup known."
    assert told["Workers"].endswith("in time.")


def test_what_is_worse_comes_first(ruis: TestClient) -> None:
    headings = [words_of(heading) for heading in parsed(ruis.get("/operator")).css("h2")]
    assert headings == ["To mend", "Worth a look", "In order"]


def test_a_finding_comes_with_its_fix(ruis: TestClient) -> None:
    [backup] = [row for row in parsed(ruis.get("/operator")).css("li") if "No backup known." in words_of(row)]
    assert "python -m app backup FILE" in words_of(found(backup, "p.aside"))


def test_a_patient_can_be_the_operator_too(anas: TestClient) -> None:
    answer = anas.get("/operator")
    assert answer.status_code == 200
    assert found(parsed(answer), "nav.tabs")


def test_nothing_about_anybody_is_on_the_page(anas: TestClient, ruis: TestClient) -> None:
    text = ruis.get("/operator").text
    assert [said for said in ("Ana", "Rui", "people.example") if said in text] == []


def test_for_others_there_is_no_such_page(operated: AppInside) -> None:
    bea = operated.browser_of(operated.write(a_patient, "Bea", now=utc_now()).id)
    assert bea.get("/operator").status_code == 404
    assert operated.nobody.get("/operator").status_code == 404


def test_without_operators_in_the_settings_it_is_there_for_nobody(ruis_desk: TestClient) -> None:
    assert ruis_desk.get("/operator").status_code == 404


def test_it_is_not_kept_anywhere(ruis: TestClient) -> None:
    assert ruis.get("/operator").headers["cache-control"] == "no-store"


def test_a_page_that_is_not_there_says_the_same(operated: AppInside) -> None:
    hidden, missing = (operated.nobody.get(path) for path in ("/operator", "/nowhere"))
    assert (hidden.status_code, words_of(found(parsed(hidden), "h1"))) == (
        missing.status_code,
        words_of(found(parsed(missing), "h1")),
    )
