"""What every resource of a FHIR export needs: its address, its instants, and how a period begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from app.reports.exporting import Period, Subject
from app.reports.fhir_codes import OWN, coded

Resource = dict[str, Any]
Addressed = tuple[str, Resource]

PATIENT_SUPPLIED = coded(f"{OWN}origin", "patient-supplied", "Entered by the patient")


@dataclass(frozen=True, slots=True)
class FhirExport:
    """One export: about whom, for which days, and whether body sites are named by SNOMED CT too."""

    subject: Subject
    period: Period
    snomed: bool
    now: datetime

    def address(self, *about: object) -> str:
        """The fullUrl of a resource, the same in every export of this diary."""
        return f"urn:uuid:{uuid5(self.subject.patient.id, '/'.join(map(str, about)))}"

    def practitioner(self, therapist_id: UUID) -> str:
        return self.address("Practitioner", therapist_id)

    @property
    def patient(self) -> Resource:
        return {"reference": self.address("Patient")}


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def known(resource: Resource) -> Resource:
    """A resource without what is empty: FHIR has no null and no empty list."""
    return {name: value for name, value in resource.items() if value not in (None, "", [], {})}
