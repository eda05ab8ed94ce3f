"""A therapist's patients: who comes today, who went silent, and everybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from app.access.looks import OVERVIEW, note_overview
from app.deps import CurrentTherapist, Now, ReadReplica, Write
from app.language import _, marked
from app.reports.patient_list import PatientGroup, PatientRow, patients_of
from app.web.page import render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class GroupShown:
    """One part of the list under its heading; groups without anybody are not shown."""

    id: str
    heading: str
    hint: str
    patients: list[PatientRow]


@router.get("/patients")
async def show_patients(
    request: Request, therapist: CurrentTherapist, read: ReadReplica, write: Write, now: Now
) -> Response:
    patients = await read(patients_of, therapist.id, now)
    await write(note_overview, therapist.id, [one.id for one in patients], f"web:{OVERVIEW}", now)
    groups, count = _grouped(patients), len(patients)
    return render(request, "patients.html", therapist=therapist, groups=groups, count=count, now=now)


def _grouped(patients: Sequence[PatientRow]) -> list[GroupShown]:
    groups = [
        GroupShown(group.value, *_said(_HEADINGS[group]), [one for one in patients if one.group is group])
        for group in PatientGroup
    ]
    return [group for group in groups if group.patients]


def _said(words: tuple[str, str]) -> tuple[str, str]:
    heading, hint = words
    return _(heading), _(hint) if hint else ""


_HEADINGS = {
    PatientGroup.TODAY: (marked("Today"), marked("With a session today")),
    PatientGroup.SILENT: (marked("Silent"), marked("No log for a week")),
    PatientGroup.OTHERS: (marked("Others"), ""),
}
