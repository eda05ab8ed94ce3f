from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from app.models.therapist import TherapistProfile, therapist_profile
from builders import a_patient, a_therapist
from running import AppInside
from web.reading import found, labelled, parsed, words_of


class Ruis:
    """Rui and his browser."""

    def __init__(self, app: AppInside) -> None:
        self.app = app
        self.id: UUID = app.write(a_therapist, f"Rui{uuid4().hex}").id
        self.browser: TestClient = app.browser_of(self.id)

    def stored(self) -> TherapistProfile:
        return self.app.read(therapist_profile, self.id)


@pytest.fixture
def rui(standing_app: AppInside) -> Ruis:
    return Ruis(standing_app)


def test_the_profile_is_shown_as_patients_see_it(rui: Ruis) -> None:
    seen = words_of(found(parsed(rui.browser.get("/profile")), "#seen"))
    assert "Practice by the river" in seen
    assert "PT 4711" in seen


def test_each_line_is_a_certificate_and_empty_lines_are_none(rui: Ruis) -> None:
    said = {"practice": "By the sea", "licence": "PT 1", "certifications": "Massage\r\n\r\n  Taping \r\n"}
    answer = rui.browser.post("/profile", data=said)
    assert answer.headers["location"] == "/profile?saved=yes"
    stored = rui.stored()
    assert (stored.practice, stored.licence, stored.certifications) == (
        "By the sea",
        "PT 1",
        ["Massage", "Taping"],
    )


def test_what_was_given_can_be_taken_back(rui: Ruis) -> None:
    rui.browser.post("/profile", data={"practice": "", "licence": "", "certifications": ""})
    assert rui.stored().practice == ""
    assert rui.stored().certifications == []


def test_a_practice_too_long_is_named_and_stays_typed(rui: Ruis) -> None:
    answer = rui.browser.post("/profile", data={"practice": "a" * 201, "licence": "new"})
    page = parsed(answer)
    assert answer.status_code == 422
    assert words_of(found(page, "#practice-error")) == "This is too long. Make it shorter."
    assert labelled(page, "Practice").attributes["value"] == "a" * 201
    assert rui.stored().licence == "PT 4711"


def test_a_certificate_too_long_is_named_beside_the_list(rui: Ruis) -> None:
    answer = rui.browser.post("/profile", data={"certifications": "fine\n" + "a" * 201})
    page = parsed(answer)
    assert answer.status_code == 422
    assert words_of(found(page, "#certifications-error")) == "This is too long. Make it shorter."


def test_a_patient_has_no_practice(standing_app: AppInside) -> None:
    ana = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    assert standing_app.browser_of(ana.id).get("/profile").status_code == 403


def test_the_time_of_the_daily_letter_is_kept_and_can_be_taken_back(rui: Ruis) -> None:
    rui.browser.post("/profile", data={"practice": "", "digest_at": "07:30:00"})
    assert rui.stored().digest_at == "07:30"
    rui.browser.post("/profile", data={"practice": "", "digest_at": ""})
    assert rui.stored().digest_at is None


def test_without_a_mail_server_no_letter_is_offered(rui: Ruis) -> None:
    assert not parsed(rui.browser.get("/profile")).css("input[type=time]")
