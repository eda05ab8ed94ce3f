"""Invitation, consent and the record of looks through the JSON door, on both databases."""

from __future__ import annotations

import pytest

from builders import a_patient, a_therapist


@pytest.fixture
def patient(running_app):
    return running_app.write(a_patient)


@pytest.fixture
def ana_signed_in(running_app, patient):
    return running_app.browser_of(patient.id)


@pytest.fixture
def rui_signed_in(running_app):
    return running_app.browser_of(running_app.write(a_therapist).id)


def consent(rui, ana, scopes=("measures",)):
    code = rui.post("/api/invitations").json()["code"]
    return ana.post(f"/api/invitations/{code}/accept", json={"scopes": list(scopes)})


def test_the_link_leads_to_the_public_address_not_to_the_host_header(rui_signed_in):
    invitation = rui_signed_in.post("/api/invitations", headers={"Host": "evil.example"}).json()
    assert invitation["url"] == f"http://testserver/invitations/{invitation['code']}"


def test_whoever_holds_the_code_sees_who_invites(rui_signed_in, client):
    code = rui_signed_in.post("/api/invitations").json()["code"]
    preview = client.get(f"/api/invitations/{code}").json()
    assert (preview["therapist_name"], preview["licence"]) == ("Rui", "PT 4711")


def test_a_patient_cannot_invite(ana_signed_in):
    assert ana_signed_in.post("/api/invitations").status_code == 403


def test_an_open_invitation_is_listed_and_withdrawn(rui_signed_in, client):
    made = rui_signed_in.post("/api/invitations").json()
    (invitation,) = rui_signed_in.get("/api/invitations").json()["invitations"]
    assert set(invitation) == {"id", "invited_at", "expires_at"}
    assert rui_signed_in.delete(f"/api/care/{invitation['id']}").status_code == 204
    assert rui_signed_in.get("/api/invitations").json() == {"invitations": []}
    assert client.get(f"/api/invitations/{made['code']}").status_code == 404


def test_accepting_opens_the_log_and_revoking_closes_it(rui_signed_in, ana_signed_in, patient):
    days = f"/api/patients/{patient.id}/days"
    assert rui_signed_in.get(days).status_code == 404
    relationship = consent(rui_signed_in, ana_signed_in).json()
    assert rui_signed_in.get(days).status_code == 200
    assert ana_signed_in.delete(f"/api/care/{relationship['id']}").status_code == 204
    assert rui_signed_in.get(days).status_code == 404


def test_a_used_invitation_is_a_conflict(rui_signed_in, ana_signed_in):
    code = rui_signed_in.post("/api/invitations").json()["code"]
    ana_signed_in.post(f"/api/invitations/{code}/accept", json={"scopes": ["measures"]})
    again = ana_signed_in.post(f"/api/invitations/{code}/accept", json={"scopes": ["measures"]})
    assert again.status_code == 409


@pytest.mark.parametrize("scopes", [[], ["everything"], "measures"])
def test_consent_names_what_is_shared(rui_signed_in, ana_signed_in, scopes):
    code = rui_signed_in.post("/api/invitations").json()["code"]
    refused = ana_signed_in.post(f"/api/invitations/{code}/accept", json={"scopes": scopes})
    assert refused.status_code == 422


def test_scopes_and_end_can_be_changed(rui_signed_in, ana_signed_in):
    relationship = consent(rui_signed_in, ana_signed_in).json()
    change = {"scopes": ["measures", "notes"], "expires_on": "2099-12-31"}
    changed = ana_signed_in.patch(f"/api/care/{relationship['id']}", json=change).json()
    assert (changed["scopes"], changed["expires_on"]) == (["measures", "notes"], "2099-12-31")


def test_both_sides_see_the_relationship(rui_signed_in, ana_signed_in):
    relationship = consent(rui_signed_in, ana_signed_in).json()
    assert ana_signed_in.get("/api/care").json()["relationships"][0]["id"] == relationship["id"]
    assert rui_signed_in.get("/api/care").json()["relationships"][0]["patient_name"] == "Ana"


def test_what_a_patient_is_called_after_revoking_reaches_nobody(rui_signed_in, ana_signed_in):
    relationship = consent(rui_signed_in, ana_signed_in).json()
    ana_signed_in.delete(f"/api/care/{relationship['id']}")
    ana_signed_in.patch("/api/me", json={"name": "Canary"})
    (ended,) = rui_signed_in.get("/api/care").json()["relationships"]
    assert (ended["id"], ended["patient_name"]) == (relationship["id"], None)
    assert "Canary" not in rui_signed_in.get("/api/me/takeout").text
    assert ana_signed_in.get("/api/care").json()["relationships"][0]["patient_name"] == "Canary"


def test_every_look_shows_up_in_the_patients_access_log(rui_signed_in, ana_signed_in, patient):
    consent(rui_signed_in, ana_signed_in)
    rui_signed_in.get(f"/api/patients/{patient.id}/days")
    looks = ana_signed_in.get("/api/me/access-log").json()["looks"]
    assert (looks[0]["who"], looks[0]["what"]) == ("Rui", "api:days:read")


def test_a_refused_look_is_on_record_too(rui_signed_in, ana_signed_in, patient):
    assert rui_signed_in.get(f"/api/patients/{patient.id}/days").status_code == 404
    looks = ana_signed_in.get("/api/me/access-log").json()["looks"]
    assert (looks[0]["who"], looks[0]["what"]) == ("Rui", "api:days:refused")


def test_the_list_of_patients_is_a_look_too(rui_signed_in, ana_signed_in):
    consent(rui_signed_in, ana_signed_in)
    rui_signed_in.get("/api/patients")
    looks = ana_signed_in.get("/api/me/access-log").json()["looks"]
    assert (looks[0]["who"], looks[0]["what"]) == ("Rui", "api:patients:read")
