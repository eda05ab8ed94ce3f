"""The diary as a FHIR R4 bundle."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from sqlalchemy.orm import Session

from app.access.care import revoke
from app.access.looks import SharedPatient, patient_in_care
from app.errors import NotFound
from app.language import LANGUAGES, speaking
from app.models.account import Account
from app.models.care import Scope
from app.models.check_in import Intake
from app.models.patient import PatientProfile
from app.reports.as_fhir import as_fhir
from app.reports.exporting import ALL_DAYS, DAYS_A_PIECE, Period, Subject
from app.reports.fhir_codes import MEASURE_CODES, SNOMED_SITES
from builders import (
    NOON,
    a_consent,
    a_logged_day,
    a_plan,
    a_row_in_every_table,
    a_session,
    a_therapist,
    an_item,
)
from reports.fhir_rules import findings, is_loinc, is_snomed

TODAY = NOON.date()
EVERYTHING: dict[str, Any] = {
    "pain": 4, "pain_worst": 7, "stiffness": 0, "mobility": 8, "sleep_hours": 7.5, "sleep_quality": 6,
    "water_glasses": 0, "stretching_minutes": 10, "heat_minutes": 20, "ice_minutes": 15, "soreness": 2,
    "swelling": False, "bad_day": True, "note": "Slept <b>badly</b>.", "plan_items": {"socks": "no_time"},
    "pain_sites": [
        {"region": "shoulder", "side": "left", "intensity": 6}, {"region": "jaw", "side": "middle"},
    ],
}  # fmt: skip


def bundle_of(
    db: Session, subject: Subject, period: Period = ALL_DAYS, *, snomed: bool = False
) -> dict[str, Any]:
    export = as_fhir(subject, period, snomed, NOON)
    piece = export(db, None)
    text = piece.text
    while piece.after is not None:
        piece = export(db, piece.after)
        text += piece.text
    bundle: dict[str, Any] = json.loads(text)
    return bundle


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found = (entry["resource"] for entry in bundle["entry"])
    return [resource for resource in found if resource["resourceType"] == kind]


def observations(bundle: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By our own code, which every observation has."""
    return {one["code"]["coding"][-1]["code"]: one for one in resources(bundle, "Observation")}


def seen_by(db: Session, rui: Account, ana: PatientProfile) -> Subject:
    shared: SharedPatient = patient_in_care(db, rui.id, ana.id, "api:report.fhir.json:read", NOON)
    return Subject.shared(shared)


@pytest.mark.parametrize("snomed", [False, True])
def test_ninety_days_validate_with_no_finding(db: Session, snomed: bool) -> None:
    ana = a_row_in_every_table(db)
    for back in range(1, 90):
        a_logged_day(db, ana, TODAY - timedelta(days=back), **EVERYTHING)
    bundle = bundle_of(db, Subject.own(ana), snomed=snomed)
    assert findings(bundle) == []
    assert len(Bundle.model_validate(bundle).entry) > 90 * len(EVERYTHING)


def test_the_own_checks_find_what_is_wrong(db: Session) -> None:
    bundle = bundle_of(db, Subject.own(a_row_in_every_table(db)))
    bundle["entry"].append(bundle["entry"][-1])
    bundle["entry"][1]["fullUrl"] = "urn:uuid:00000000-0000-0000-0000-000000000000"
    observations(bundle)["pain"].update(status="done", dataAbsentReason={"coding": []})
    del observations(bundle)["pain"]["valueQuantity"]["system"]
    found = " ".join(findings(bundle))
    assert [word in found for word in ("bdl-7", "obs-6", "qty-3", "status done", "nowhere")] == [True] * 5


def test_a_left_shoulder_stays_left(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, **EVERYTHING)
    sites = [
        o["bodySite"] for o in resources(bundle_of(db, Subject.own(ana)), "Observation") if "bodySite" in o
    ]
    assert [site["text"] for site in sites] == ["left shoulder", "jaw, middle"]
    assert [site["coding"][0]["code"] for site in sites] == ["shoulder-left", "jaw-middle"]


def test_a_place_is_said_in_english_whatever_the_reader_speaks(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, **EVERYTHING)
    with speaking(LANGUAGES["de"]):
        assert "left shoulder" in json.dumps(bundle_of(db, Subject.own(ana)))


def test_snomed_names_the_side_too_where_the_operator_switched_it_on(
    db: Session, ana: PatientProfile
) -> None:
    a_logged_day(db, ana, TODAY, pain_sites=[{"region": "shoulder", "side": "left"}])
    site = observations(bundle_of(db, Subject.own(ana), snomed=True))["pain-site"]["bodySite"]
    assert site["coding"][0] == {"system": "http://snomed.info/sct", "code": "91775009"}


def test_without_the_switch_no_snomed_is_sent(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, **EVERYTHING)
    assert "snomed" not in json.dumps(bundle_of(db, Subject.own(ana)))


def test_a_day_not_logged_makes_no_resource(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, pain=3)
    a_logged_day(db, ana, TODAY - timedelta(days=2), pain=3)
    days = {one["effectiveDateTime"] for one in resources(bundle_of(db, Subject.own(ana)), "Observation")}
    assert days == {"2026-03-16", "2026-03-18"}


def test_what_was_asked_and_left_blank_says_so(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, pain=3)
    told = observations(bundle_of(db, Subject.own(ana)))
    assert told["stiffness"]["dataAbsentReason"]["coding"][0]["code"] == "asked-unknown"
    assert set(told) == {"pain", "stiffness", "mobility"}


def test_a_glass_of_water_alone_asks_nothing_else(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, water_glasses=1)
    assert set(observations(bundle_of(db, Subject.own(ana)))) == {"water-glasses"}


def test_what_was_not_done_is_zero(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, stretching_minutes=0)
    told = observations(bundle_of(db, Subject.own(ana)))["stretching-minutes"]
    assert told["valueQuantity"] == {
        "value": 0, "unit": "min", "system": "http://unitsofmeasure.org", "code": "min"
    }  # fmt: skip


def test_a_day_is_a_day_and_entering_it_an_instant(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY - timedelta(days=3), NOON, pain=3)
    told = observations(bundle_of(db, Subject.own(ana)))["pain"]
    assert (told["effectiveDateTime"], told["issued"]) == ("2026-03-15", "2026-03-18T12:00:00.000+00:00")
    assert [tag["code"] for tag in told["meta"]["tag"]] == ["patient-supplied", "filled-in-later"]


def test_two_exports_agree_on_every_address(db: Session) -> None:
    ana = a_row_in_every_table(db)
    first, second = (bundle_of(db, Subject.own(ana)) for _time in range(2))
    assert [entry["fullUrl"] for entry in first["entry"]] == [entry["fullUrl"] for entry in second["entry"]]


def test_only_what_is_shared_is_in_it(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_consent(db, rui.id, ana, (Scope.NOTES,))
    a_logged_day(db, ana, TODAY, **EVERYTHING)
    assert set(observations(bundle_of(db, seen_by(db, rui, ana)))) == {"note"}


def test_a_therapist_reads_of_no_other_therapist(db: Session, ana: PatientProfile, rui: Account) -> None:
    eva = a_therapist(db, "Eva")
    a_consent(db, rui.id, ana)
    a_consent(db, eva.id, ana)
    a_session(db, ana.id, eva.id, NOON, held_at=NOON)
    assert "Eva" not in json.dumps(bundle_of(db, seen_by(db, rui, ana)))


def test_the_plan_then_in_force_is_a_care_plan(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, an_item(title="Bridges", dose="8 times"), now=NOON - timedelta(days=20))
    a_plan(db, ana, rui.id, an_item(title="Bridges", dose="12 times"), now=NOON - timedelta(days=2))
    bundle = bundle_of(db, Subject.own(ana))
    assert findings(bundle) == []
    told = {plan["activity"][0]["detail"]["code"]["text"]: plan for plan in resources(bundle, "CarePlan")}
    assert {words: plan["status"] for words, plan in told.items()} == {
        "Bridges, 8 times": "completed",
        "Bridges, 12 times": "active",
    }


def test_a_tick_says_which_item_it_is_about(db: Session, ana: PatientProfile, rui: Account) -> None:
    bridges, squats = an_item(id="bridges", title="Bridges"), an_item(id="squats", title="Squats")
    a_plan(db, ana, rui.id, bridges, squats, now=NOON - timedelta(days=3))
    a_logged_day(db, ana, TODAY, plan_items={"bridges": "done", "squats": "hurts"})
    bundle = bundle_of(db, Subject.own(ana))
    told = [
        (one["code"]["text"], one["code"]["coding"][0]["code"]) for one in resources(bundle, "Observation")
    ]
    [plan] = [
        entry["fullUrl"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "CarePlan"
    ]

    assert told == [("Bridges", "bridges"), ("Squats", "squats")]
    assert [one["basedOn"] for one in resources(bundle, "Observation")] == [[{"reference": plan}]] * 2
    assert findings(bundle) == []
    assert Bundle.model_validate(bundle)


def test_a_tick_of_another_therapists_plan_is_based_on_nothing_told(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_consent(db, rui.id, ana)
    a_plan(db, ana, a_therapist(db, "Eva").id, an_item(id="bridges"), now=NOON - timedelta(days=3))
    a_logged_day(db, ana, TODAY, plan_items={"bridges": "done"})
    bundle = bundle_of(db, seen_by(db, rui, ana))

    assert "basedOn" not in observations(bundle)["plan-item"]
    assert findings(bundle) == []


def test_a_plan_of_another_therapist_is_not_in_it(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_consent(db, rui.id, ana)
    a_plan(db, ana, a_therapist(db, "Eva").id)
    assert resources(bundle_of(db, seen_by(db, rui, ana)), "CarePlan") == []


def test_what_was_said_before_a_session_has_codes_of_our_own(db: Session) -> None:
    told = observations(bundle_of(db, Subject.own(a_row_in_every_table(db))))
    assert told["overall-change"]["valueQuantity"]["value"] == 3
    assert (told["activity"]["code"]["text"], told["activity"]["valueQuantity"]["value"]) == (
        "Putting on socks",
        4,
    )


def test_what_a_patient_wants_is_a_goal_in_their_words(db: Session, ana: PatientProfile) -> None:
    db.add(Intake(patient_id=ana.id, goals="Garden for an hour.", written_at=NOON, updated_at=NOON))
    db.flush()
    goal = resources(bundle_of(db, Subject.own(ana)), "Goal")[0]
    assert (goal["description"]["text"], goal["lifecycleStatus"]) == ("Garden for an hour.", "active")


def test_sessions_outside_the_period_are_not_in_it(db: Session, ana: PatientProfile) -> None:
    a_session(db, ana.id, None, NOON - timedelta(days=40), held_at=NOON - timedelta(days=40))
    period = Period(TODAY - timedelta(days=30), TODAY)
    assert resources(bundle_of(db, Subject.own(ana), period), "Appointment") == []


def test_an_export_stops_when_the_consent_is_revoked(db: Session, ana: PatientProfile, rui: Account) -> None:
    relationship_id = a_consent(db, rui.id, ana)
    for back in range(DAYS_A_PIECE + 1):
        a_logged_day(db, ana, TODAY - timedelta(days=back), pain=3)
    export = as_fhir(seen_by(db, rui, ana), ALL_DAYS, False, NOON)
    begun = export(db, None)
    revoke(db, ana.id, relationship_id, NOON)
    with pytest.raises(NotFound):
        export(db, begun.after)


@pytest.mark.parametrize("code", sorted({one.loinc for one in MEASURE_CODES.values() if one.loinc}))
def test_a_loinc_code_has_its_check_digit(code: str) -> None:
    assert is_loinc(code)
    assert not is_loinc(f"{code[:-1]}{(int(code[-1]) + 1) % 10}")


@pytest.mark.parametrize("code", sorted(set(SNOMED_SITES.values())))
def test_a_snomed_code_has_its_check_digit(code: str) -> None:
    assert is_snomed(code)
    assert not is_snomed(f"{code[:-1]}{(int(code[-1]) + 1) % 10}")
