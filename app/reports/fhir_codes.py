"""The codes of the FHIR export: what each measure is called elsewhere, its unit, and where the body hurts.

LOINC has a code for few of them; the others are named in a code system of our own. SNOMED CT needs a licence
in many countries, so its codes are sent only where the operator says so. Our own key and the words are always
sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.models.body import BodyRegion, Side
from app.reports.places import place_in_words

Coded = dict[str, Any]

LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
OWN = "https://aftercare.invalid/fhir/"
"""Our own code systems. The name belongs to nobody, so that it can never mean anything else."""
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"


@dataclass(frozen=True, slots=True)
class MeasureCode:
    """A measure: its words, its category, its unit (UCUM code and words), its LOINC code if there is one."""

    text: str
    category: str
    unit: str | None = None
    unit_text: str | None = None
    loinc: str | None = None


_OF_TEN = "{score}", "score from 0 to 10"
MEASURE_CODES = {
    "pain": MeasureCode("Pain severity, average, last 24 h", "survey", *_OF_TEN, loinc="72514-3"),
    "pain_worst": MeasureCode("Pain severity, at its worst, last 24 h", "survey", *_OF_TEN),
    "stiffness": MeasureCode("Stiffness", "survey", *_OF_TEN),
    "mobility": MeasureCode("Ease of movement; higher is better", "survey", *_OF_TEN),
    "sleep_hours": MeasureCode("Sleep, last night", "activity", "h", "h", loinc="93832-4"),
    "sleep_quality": MeasureCode("Quality of sleep; higher is better", "survey", *_OF_TEN),
    "water_glasses": MeasureCode("Glasses of water", "activity", "{glass}", "glasses"),
    "stretching_minutes": MeasureCode("Stretching", "activity", "min", "min", loinc="55411-3"),
    "heat_minutes": MeasureCode("Heat applied", "activity", "min", "min"),
    "ice_minutes": MeasureCode("Ice applied", "activity", "min", "min"),
    "soreness": MeasureCode("Soreness after a session", "survey", *_OF_TEN),
    "swelling": MeasureCode("Swelling", "survey"),
    "bad_day": MeasureCode("A bad day, by the patient's own word", "survey"),
    "note": MeasureCode("Note of the patient", "survey"),
}
PAIN_SITE = MeasureCode("Pain at this place", "survey")
PAIN_AT_SITE = MeasureCode("Pain severity at this place", "survey", *_OF_TEN)
PLAN_ITEM = MeasureCode("Home care as planned", "activity")


def coded(system: str, code: str, display: str | None = None) -> Coded:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def concept(measure: str, named: MeasureCode) -> Coded:
    """What a measure is, as a CodeableConcept."""
    loinc = [coded(LOINC, named.loinc)] if named.loinc else []
    return {"coding": [*loinc, coded(f"{OWN}measure", measure.replace("_", "-"))], "text": named.text}


def plan_item(item_id: str, title: str | None) -> Coded:
    """Which item of a plan this is about; `title` is None where no plan that is told of names it."""
    own = [coded(f"{OWN}plan-item", item_id, title), coded(f"{OWN}measure", "plan-item")]
    return {"coding": own, "text": title or PLAN_ITEM.text}


def quantity(value: float, named: MeasureCode) -> Coded:
    return {"value": value, "unit": named.unit_text, "system": UCUM, "code": named.unit}


def body_site(region: BodyRegion, side: Side, *, snomed: bool) -> Coded:
    """A place with its side, as a CodeableConcept. Without its side in SNOMED, the words still say it."""
    words = place_in_words({"region": region, "side": side})
    key, region_key = f"{region}-{side}".replace("_", "-"), region.replace("_", "-")
    own = [coded(f"{OWN}body-site", key, words), coded(f"{OWN}body-region", region_key)]
    code = SNOMED_SITES.get((region, side)) if snomed else None
    return {"coding": [*([coded(SNOMED, code)] if code else []), *own], "text": words}


def _sides(region: BodyRegion, left: str, right: str) -> dict[tuple[BodyRegion, Side], str]:
    return {(region, Side.LEFT): left, (region, Side.RIGHT): right}


def _without_side(region: BodyRegion, code: str) -> dict[tuple[BodyRegion, Side], str]:
    return {(region, side): code for side in region.sides}


SNOMED_SITES: dict[tuple[BodyRegion, Side], str] = {
    **_without_side(BodyRegion.NECK_BACK, "304036007"),
    **_without_side(BodyRegion.NECK_FRONT, "49928004"),
    **_without_side(BodyRegion.HEAD, "69536005"),
    **_sides(BodyRegion.SHOULDER, "91775009", "91774008"),
    **_sides(BodyRegion.UPPER_BACK, "40768004", "51872008"),
    **_sides(BodyRegion.LOW_BACK, "1017210004", "1017211000"),
    **_sides(BodyRegion.BUTTOCK, "723979003", "723980000"),
    **_sides(BodyRegion.HIP, "287679003", "287579007"),
    **_without_side(BodyRegion.GROIN, "26893007"),
    **_without_side(BodyRegion.CHEST, "51185008"),
    **_without_side(BodyRegion.ABDOMEN, "818983003"),
    **_sides(BodyRegion.UPPER_ARM, "368208006", "368209003"),
    **_sides(BodyRegion.ELBOW, "368148009", "368149001"),
    **_sides(BodyRegion.FOREARM, "66480008", "64262003"),
    **_sides(BodyRegion.WRIST, "5951000", "9736006"),
    **_sides(BodyRegion.HAND, "85151006", "78791008"),
    **_sides(BodyRegion.THIGH_FRONT, "61396006", "11207009"),
    **_sides(BodyRegion.THIGH_BACK, "61396006", "11207009"),
    **_sides(BodyRegion.KNEE, "82169009", "6757004"),
    **_sides(BodyRegion.LOWER_LEG_FRONT, "48979004", "32696007"),
    **_sides(BodyRegion.LOWER_LEG_BACK, "48979004", "32696007"),
    **_sides(BodyRegion.ANKLE, "51636004", "6685009"),
    **_sides(BodyRegion.FOOT, "22335008", "7769000"),
}
"""Body structures of SNOMED CT. The jaw has none here, nor has the middle of a back."""
