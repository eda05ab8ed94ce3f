"""Accounts and sign-ins through the JSON door, on both databases."""

from __future__ import annotations

import asyncio
from time import monotonic, process_time, sleep
from uuid import uuid4

from app.access.passwords import hash_password
from app.access.sign_ins import ATTEMPTS_PER_ACCOUNT
from app.clock import utc_now
from app.reminders.dispatch import next_due_at
from builders import PASSWORD, a_patient, a_reminder, a_therapist

SOONER_THAN_THE_WORKER_LOOKS_BY_ITSELF = 8

ANA = {
    "email": "ana@people.example",
    "password": PASSWORD,
    "name": "Ana",
    "role": "patient",
    "zone": "Europe/Lisbon",
}


def sign_in(client, email="ana@people.example", password=PASSWORD):
    return client.post("/api/sign-in", json={"email": email, "password": password})


def test_signing_up_signs_this_browser_in(client):
    created = client.post("/api/accounts", json=ANA)
    assert created.status_code == 201
    assert created.json()["zone"] == "Europe/Lisbon"
    assert client.get("/api/me").json()["email"] == "ana@people.example"


def test_the_cookie_cannot_be_read_by_scripts_or_sent_from_other_sites(client):
    cookie = client.post("/api/accounts", json=ANA).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_an_answer_about_an_account_never_holds_the_password(client):
    created = client.post("/api/accounts", json=ANA)
    assert PASSWORD not in created.text
    assert "hash" not in created.text


def test_a_taken_address_is_a_conflict(client):
    client.post("/api/accounts", json=ANA)
    assert client.post("/api/accounts", json=ANA).status_code == 409


def test_a_taken_address_costs_the_asker_as_much_as_a_free_one(client):
    began = process_time()
    asyncio.run(hash_password(PASSWORD))
    hashing = process_time() - began
    client.post("/api/accounts", json=ANA)
    began = process_time()
    assert client.post("/api/accounts", json=ANA).status_code == 409
    assert process_time() - began > 0.7 * hashing


def test_asking_which_addresses_are_taken_is_slowed_down(client):
    answers = [
        client.post("/api/accounts", json=ANA).status_code for _turn in range(ATTEMPTS_PER_ACCOUNT + 1)
    ]
    assert (answers[1], answers[-1]) == (409, 429)


def test_signing_in_with_the_right_password(running_app):
    running_app.write(a_patient)
    assert sign_in(running_app.nobody).json()["name"] == "Ana"


def test_an_unknown_account_and_a_wrong_password_look_the_same(running_app):
    running_app.write(a_patient)
    wrong = sign_in(running_app.nobody, password="not the password")
    unknown = sign_in(running_app.nobody, email="nobody@people.example")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content


def test_guessing_is_slowed_down_and_says_for_how_long(running_app):
    running_app.write(a_patient)
    guesses = [sign_in(running_app.nobody, password="guess") for _ in range(ATTEMPTS_PER_ACCOUNT + 1)]
    assert guesses[-1].status_code == 429
    assert int(guesses[-1].headers["retry-after"]) > 0


def test_signing_out_ends_the_sign_in_and_clears_the_browser(client):
    client.post("/api/accounts", json=ANA)
    token = client.cookies["aftercare"]
    out = client.delete("/api/sign-in")
    assert out.status_code == 204
    assert '"storage"' in out.headers["clear-site-data"]
    client.cookies.set("aftercare", token)
    assert client.get("/api/me").status_code == 401


def test_a_sign_in_on_another_device_can_be_ended(running_app):
    ana = running_app.write(a_patient)
    lost_phone, laptop = running_app.browser_of(ana.id), running_app.browser_of(ana.id)
    rows = laptop.get("/api/me/sign-ins").json()["sign_ins"]
    other = next(row["id"] for row in rows if not row["this_one"])
    assert laptop.delete(f"/api/me/sign-ins/{other}").status_code == 204
    assert lost_phone.get("/api/me").status_code == 401
    assert laptop.get("/api/me").status_code == 200


def test_an_unknown_sign_in_cannot_be_ended(running_app):
    ana = running_app.write(a_patient)
    assert running_app.browser_of(ana.id).delete(f"/api/me/sign-ins/{uuid4()}").status_code == 404


def test_zone_and_quiet_hours_can_be_changed(running_app):
    browser = running_app.browser_of(running_app.write(a_patient).id)
    changed = browser.patch(
        "/api/me", json={"zone": "Asia/Tokyo", "quiet_from": "22:00", "day_starts_at": "04:00"}
    )
    assert (
        changed.json() | {"zone": "Asia/Tokyo", "quiet_from": "22:00", "day_starts_at": "04:00"}
        == changed.json()
    )


def test_who_moves_to_another_zone_is_not_kept_waiting_for_their_reminders(running_app):
    ana = running_app.write(a_patient)
    running_app.write(a_reminder, ana.id, now=utc_now())
    running_app.browser_of(ana.id).patch("/api/me", json={"zone": "Pacific/Auckland"})
    end = monotonic() + SOONER_THAN_THE_WORKER_LOOKS_BY_ITSELF
    while running_app.read(next_due_at) < utc_now() and monotonic() < end:
        sleep(0.02)
    assert running_app.read(next_due_at) > utc_now()


def test_a_therapist_fills_in_the_profile_patients_will_see(running_app):
    browser = running_app.browser_of(running_app.write(a_therapist).id)
    browser.patch("/api/therapist", json={"practice": "By the sea", "certifications": ["Lymph drainage"]})
    profile = browser.get("/api/therapist").json()
    assert (profile["practice"], profile["licence"]) == ("By the sea", "PT 4711")
    assert profile["certifications"] == ["Lymph drainage"]


def test_of_certifications_each_counts_once_and_a_blank_one_not_at_all(running_app):
    browser = running_app.browser_of(running_app.write(a_therapist).id)
    said = {"certifications": ["Taping", "  ", "Lymph drainage", " Taping"]}
    assert browser.patch("/api/therapist", json=said).json()["certifications"] == ["Taping", "Lymph drainage"]


def test_an_address_nobody_can_have_is_refused_on_every_database(client):
    assert sign_in(client, email="a\x00@b.example").status_code in (400, 422)


def test_a_language_can_be_chosen(running_app):
    browser = running_app.browser_of(running_app.write(a_patient).id)
    assert browser.patch("/api/me", json={"locale": "de-AT"}).json()["locale"] == "de-AT"
    assert browser.patch("/api/me", json={"locale": "not a language"}).status_code == 422


def test_a_language_nobody_speaks_is_refused(running_app):
    browser = running_app.browser_of(running_app.write(a_patient).id)
    (error,) = browser.patch("/api/me", json={"locale": "xx"}).json()["errors"]
    assert error["message"] == "Use a language such as de or pt-BR."


def test_a_language_we_do_not_speak_is_kept_for_the_day_we_do(running_app):
    browser = running_app.browser_of(running_app.write(a_patient).id)
    assert browser.patch("/api/me", json={"locale": "pt-BR"}).json()["locale"] == "pt-BR"


def test_a_method_that_is_not_there_says_which_are(client):
    assert client.put("/api/sign-in").headers["allow"]
