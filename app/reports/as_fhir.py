"""The diary as a FHIR R4 Bundle of type collection, resource by resource.

A day that was not logged makes no resource; what was asked and left blank has a dataAbsentReason; what was
not done is 0. The address of a resource follows from what it is about, so that two exports agree on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app.language import ENGLISH, speaking
from app.models.body import BodyRegion, Side
from app.models.care import Scope
from app.models.daily_log import Day
from app.models.plan_in_force import AskedItem, PlanVersion
from app.reports import fhir_codes as codes
from app.reports.exporting import NextPiece, Period, Piece, Place, Subject, days_from
from app.reports.fhir_care import people_and_care, plans_told
from app.reports.fhir_codes import MEASURE_CODES, OWN, coded, concept
from app.reports.fhir_export import PATIENT_SUPPLIED, Addressed, FhirExport, Resource, instant

CHECK_IN = ("pain", "stiffness", "mobility")
"""Asked of everybody every day: on a day when one was answered, the others were left blank."""
FILLED_IN_LATER = coded(f"{OWN}origin", "filled-in-later", "Entered more than two days after its day")
BEGUN = "begun"


def as_fhir(subject: Subject, period: Period, snomed: bool, now: datetime) -> NextPiece:
    """The Bundle as an export. `snomed` also names body sites by SNOMED CT."""
    return partial(_piece, FhirExport(subject, period, snomed, now))


def _piece(export: FhirExport, db: Session, after: Place) -> Piece:
    export.subject.require_still_shared(db, export.now)
    with speaking(ENGLISH):
        if after is None:
            head = f'{{"resourceType":"Bundle","type":"collection","timestamp":"{instant(export.now)}"'
            return Piece(f'{head},"entry":[\n' + ",\n".join(map(_entry, people_and_care(export, db))), BEGUN)
        first = export.period.first if after == BEGUN else after
        days, more = days_from(db, export.subject, first, export.period.last)
        plans = [version for version, _after in plans_told(export, db)]
        entries = [_entry(one) for day in days for one in _of_day(export, day, plans)]
    return Piece("".join(f",\n{entry}" for entry in entries) + ("" if more else "\n]}\n"), more)


def _entry(addressed: Addressed) -> str:
    address, resource = addressed
    own_id = {"resourceType": resource["resourceType"], "id": address.removeprefix("urn:uuid:")}
    entry = {"fullUrl": address, "resource": own_id | resource}
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))


def _of_day(export: FhirExport, day: Day, plans: Sequence[PlanVersion]) -> Iterator[Addressed]:
    """Everything said about a day, and where it comes from."""
    said = [*_observations(export, day), *_plan_items(export, day, plans)]
    yield from said
    if said:
        yield (
            export.address("Provenance", day.day),
            {
                "resourceType": "Provenance",
                "target": [{"reference": address} for address, _observation in said],
                "occurredDateTime": day.day.isoformat(),
                "recorded": instant(day.updated_at),
                "activity": {"text": "Entered by the patient" + (", later" if day.late else "")},
                "agent": [{"type": {"coding": [coded(AGENT, "author")]}, "who": export.patient}],
            },
        )


def _observations(export: FhirExport, day: Day) -> Iterator[Addressed]:
    was_asked = Scope.MEASURES in export.subject.scopes and any(
        getattr(day, measure) is not None for measure in CHECK_IN
    )
    for measure, named in MEASURE_CODES.items():
        value = getattr(day, measure)
        if value is not None:
            said = _value(value, named)
        elif was_asked and measure in CHECK_IN:
            said = {
                "dataAbsentReason": {"coding": [coded(codes.ABSENT, "asked-unknown", "Asked But Unknown")]}
            }
        else:
            continue
        yield _observation(export, day, (measure,), concept(measure, named), named.category, said)
    yield from _pain_sites(export, day)


def _pain_sites(export: FhirExport, day: Day) -> Iterator[Addressed]:
    """One observation for each place, because a body site can be named only once."""
    for site in day.pain_sites or []:
        region, side, intensity = BodyRegion(site["region"]), Side(site["side"]), site.get("intensity")
        said: Resource = {
            "bodySite": codes.body_site(region, side, snomed=export.snomed),
            "valueBoolean": True,
        }
        if intensity is not None:
            strength = _value(intensity, codes.PAIN_AT_SITE)
            said["component"] = [{"code": concept("pain-at-site", codes.PAIN_AT_SITE), **strength}]
        about = ("pain-site", region.value, side.value)
        named = codes.PAIN_SITE
        yield _observation(export, day, about, concept("pain-site", named), named.category, said)


def _plan_items(export: FhirExport, day: Day, plans: Sequence[PlanVersion]) -> Iterator[Addressed]:
    """Each item with its own name and, where the bundle holds it, the plan that asked for it."""
    for item_id, answer in sorted((day.plan_items or {}).items()):
        answered = {"coding": [coded(f"{OWN}plan-answer", answer.replace("_", "-"))], "text": answer}
        said: Resource = {"valueCodeableConcept": answered}
        asked = _asked(item_id, day.day, plans)
        if asked is not None:
            said["basedOn"] = [{"reference": export.address("CarePlan", asked.by.id)}]
        code = codes.plan_item(item_id, asked.item.title or asked.item.kind.value if asked else None)
        yield _observation(export, day, ("plan-item", item_id), code, codes.PLAN_ITEM.category, said)


def _asked(item_id: str, day: date, plans: Sequence[PlanVersion]) -> AskedItem | None:
    """The item as the newest version says it that had begun by that day."""
    found = [
        AskedItem(item, version)
        for version in plans
        if version.first_day <= day and (item := version.item(item_id)) is not None
    ]
    return max(found, key=lambda asked: asked.by.version, default=None)


def _observation(
    export: FhirExport, day: Day, about: tuple[str, ...], code: Resource, category: str, said: Resource
) -> Addressed:
    tags = [PATIENT_SUPPLIED, *([FILLED_IN_LATER] if day.late else [])]
    observation = {
        "resourceType": "Observation",
        "meta": {"tag": tags},
        "status": "final",
        "category": [{"coding": [coded(codes.CATEGORY, category)]}],
        "code": code,
        "subject": export.patient,
        "effectiveDateTime": day.day.isoformat(),
        "issued": instant(day.updated_at),
        "performer": [export.patient],
        **said,
    }
    return export.address("Observation", day.day, *about), observation


def _value(value: Any, named: codes.MeasureCode) -> Resource:
    match value:
        case bool():
            return {"valueBoolean": value}
        case str():
            return {"valueString": value}
        case _:
            return {"valueQuantity": codes.quantity(value, named)}


AGENT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
