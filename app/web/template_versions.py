"""What became of an aftercare template: every version, who wrote it, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.deps import CurrentTherapist, Read
from app.treatment.templates import TemplateSeen, versions_of
from app.web.aftercare_templates import StepInWords, summary_of
from app.web.page import render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class VersionTold:
    """`changed_by` is None once that account is gone."""

    version: int
    name: str
    changed_by: str | None
    changed_at: datetime
    summary: list[StepInWords]

    @classmethod
    def of(cls, seen: TemplateSeen) -> VersionTold:
        return cls(seen.version, seen.name, seen.changed_by, seen.changed_at, summary_of(seen.steps))


@router.get("/aftercare-templates/{template_id}/versions")
async def show_versions(
    request: Request, template_id: UUID, therapist: CurrentTherapist, read: Read
) -> Response:
    seen = await read(versions_of, therapist.id, template_id)
    return render(
        request,
        "template_versions.html",
        template=seen[0],
        versions=[VersionTold.of(one) for one in seen],
        zone=therapist.zone,
    )
