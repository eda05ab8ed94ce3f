from __future__ import annotations

from starlette.testclient import TestClient

from web.reading import parsed

THE_WAY_THERE = 'footer a[href="/help"]'


def test_the_page_about_aftercare_does_not_lead_a_patient_to_itself(anas_phone: TestClient) -> None:
    assert parsed(anas_phone.get("/help")).css(THE_WAY_THERE) == []


def test_the_page_about_aftercare_does_not_lead_a_therapist_to_itself(ruis_desk: TestClient) -> None:
    assert parsed(ruis_desk.get("/help")).css(THE_WAY_THERE) == []


def test_other_pages_lead_to_it(anas_phone: TestClient) -> None:
    assert parsed(anas_phone.get("/my-data")).css(THE_WAY_THERE) != []
