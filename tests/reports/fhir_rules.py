"""What a FHIR R4 bundle must hold beyond the shape of its resources, as a list of findings.

Written against the rules of the specification, not against what we write: `fhir.resources` checks shapes but
neither code values, nor invariants, nor references, nor check digits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

STATUSES = {
    "Observation": {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "unknown"},
    "Appointment": {"proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow"},
    "Encounter": {"planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled"},
    "Consent": {"draft", "proposed", "active", "rejected", "inactive", "entered-in-error"},
    "CarePlan": {"draft", "active", "on-hold", "revoked", "completed", "unknown"},
}
GOAL_STATUSES = {"proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled"}
DETAIL_STATUSES = {"not-started", "scheduled", "in-progress", "on-hold", "completed", "cancelled", "stopped"}
UCUM_UNITS = {"{score}", "h", "min", "{glass}"}
CATEGORIES = {"survey", "activity"}
ABSENT = {"unknown", "asked-unknown", "asked-declined", "not-asked"}


def findings(bundle: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a bundle; an empty list when nothing is."""
    return [*_of_bundle(bundle), *(found for entry in bundle["entry"] for found in _of_resource(entry))]


def _of_bundle(bundle: dict[str, Any]) -> Iterator[str]:
    urls = Counter(entry["fullUrl"] for entry in bundle["entry"])
    yield from (f"bdl-7: {url} is there twice" for url, times in urls.items() if times > 1)
    for url in urls:
        if not re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", url):
            yield f"{url} is no urn:uuid"
    for reference in _values(bundle, "reference"):
        if isinstance(reference, str) and reference not in urls:
            yield f"{reference} leads nowhere"


def _of_resource(entry: dict[str, Any]) -> Iterator[str]:
    resource = entry["resource"]
    kind, status = resource["resourceType"], resource.get("status")
    if entry["fullUrl"] != f"urn:uuid:{resource['id']}":
        yield f"{kind} has another id than its address"
    if kind in STATUSES and status not in STATUSES[kind]:
        yield f"{kind}.status {status}"
    yield from _OF_KIND.get(kind, _nothing)(resource)
    yield from _of_quantities(resource)
    yield from _of_codings(resource)


def _nothing(_resource: dict[str, Any]) -> Iterator[str]:
    yield from ()


def _of_goal(resource: dict[str, Any]) -> Iterator[str]:
    if resource["lifecycleStatus"] not in GOAL_STATUSES:
        yield "Goal.lifecycleStatus"


def _of_consent(resource: dict[str, Any]) -> Iterator[str]:
    if not {"policy", "policyRule"} & set(resource):
        yield "ppc-1: a consent needs a policy"


def _of_care_plan(resource: dict[str, Any]) -> Iterator[str]:
    for activity in resource.get("activity", []):
        if activity["detail"]["status"] not in DETAIL_STATUSES:
            yield "CarePlan.activity.detail.status"


def _of_observation(resource: dict[str, Any]) -> Iterator[str]:
    values = [name for name in resource if name.startswith("value")]
    absent = resource.get("dataAbsentReason")
    if absent and values:
        yield "obs-6: a value and a reason why there is none"
    if not absent and len(values) != 1:
        yield "an observation without one value"
    if absent and {code["code"] for code in absent["coding"]} - ABSENT:
        yield "dataAbsentReason"
    if {code["code"] for category in resource["category"] for code in category["coding"]} - CATEGORIES:
        yield "Observation.category"
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", resource["effectiveDateTime"]):
        yield "effectiveDateTime is no day"


def _of_appointment(resource: dict[str, Any]) -> Iterator[str]:
    if ("start" in resource) != ("end" in resource):
        yield "app-2: start and end belong together"
    for participant in resource["participant"]:
        if participant["status"] not in {"accepted", "declined", "tentative", "needs-action"}:
            yield "Appointment.participant.status"


_OF_KIND = {
    "Observation": _of_observation,
    "Appointment": _of_appointment,
    "Goal": _of_goal,
    "Consent": _of_consent,
    "CarePlan": _of_care_plan,
}


def _of_quantities(resource: dict[str, Any]) -> Iterator[str]:
    quantities = [*_values(resource, "valueQuantity"), *_values(resource, "detailQuantity")]
    for quantity in [*quantities, *_values(resource, "low"), *_values(resource, "high")]:
        if "code" in quantity and "system" not in quantity:
            yield "qty-3: a unit's code without its system"
        if quantity.get("system") == "http://unitsofmeasure.org" and quantity["code"] not in UCUM_UNITS:
            yield f"UCUM {quantity['code']}"


def _of_codings(resource: dict[str, Any]) -> Iterator[str]:
    for coding in _objects(resource, "system", "code"):
        system, code = coding["system"], coding["code"]
        if not re.fullmatch(r"\S+( \S+)*", code):
            yield f"{code} is no code"
        if system == "http://loinc.org" and not is_loinc(code):
            yield f"LOINC {code}"
        if system == "http://snomed.info/sct" and not is_snomed(code):
            yield f"SNOMED {code}"


def is_loinc(code: str) -> bool:
    """Whether the digit after the dash is the Luhn check digit of those before it."""
    if not re.fullmatch(r"\d{1,7}-\d", code):
        return False
    total = 0
    for place, digit in enumerate(reversed(code.replace("-", ""))):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_snomed(code: str) -> bool:
    """Whether the last digit is the Verhoeff check digit, by the dihedral group of order ten."""
    if not re.fullmatch(r"[1-9]\d{5,17}", code):
        return False
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _TIMES[check][_PERMUTED[place % 8][int(digit)]]
    return check == 0


_TIMES = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
_FIRST = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
_PERMUTED = [list(range(10)), _FIRST]
while len(_PERMUTED) < 8:
    _PERMUTED.append([_FIRST[digit] for digit in _PERMUTED[-1]])


def _values(value: Any, name: str) -> Iterator[Any]:
    """Everything that stands under this name, at any depth."""
    if isinstance(value, dict):
        yield from [value[name]] if name in value else []
        for inside in value.values():
            yield from _values(inside, name)
    elif isinstance(value, list):
        for inside in value:
            yield from _values(inside, name)


def _objects(value: Any, *names: str) -> Iterator[dict[str, Any]]:
    """Every object that has all these names."""
    if isinstance(value, dict):
        if all(name in value for name in names):
            yield value
        for inside in value.values():
            yield from _objects(inside, *names)
    elif isinstance(value, list):
        for inside in value:
            yield from _objects(inside, *names)
