"""The aftercare templates of a therapist and of their practice."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.strict_route import StrictJSONRoute
from app.deps import CurrentTherapist, Now, Read, Write
from app.models.aftercare import AftercareTemplateChange, AftercareTemplateNew
from app.treatment.templates import (
    TemplateSeen,
    add_template,
    change_template,
    retire_template,
    share_template,
    templates_of,
    versions_of,
)

router = APIRouter(prefix="/aftercare-templates", tags=["sessions"], route_class=StrictJSONRoute)


class Templates(BaseModel):
    """The aftercare templates that a therapist may use."""

    templates: list[TemplateSeen]


@router.get("")
async def list_templates(therapist: CurrentTherapist, read: Read) -> Templates:
    """The aftercare templates I may use, mine and those of my practice."""
    return Templates(templates=await read(templates_of, therapist.id))


@router.post("", status_code=201)
async def post_template(
    wanted: AftercareTemplateNew, therapist: CurrentTherapist, write: Write, now: Now
) -> TemplateSeen:
    """For yourself or, with `shared`, for everybody in your practice."""
    return await write(add_template, therapist.id, wanted, now)


@router.get("/{template_id}/versions")
async def list_versions(template_id: UUID, therapist: CurrentTherapist, read: Read) -> Templates:
    """Every version there was, the newest first."""
    return Templates(templates=await read(versions_of, therapist.id, template_id))


@router.put("/{template_id}")
async def put_template(
    template_id: UUID, wanted: AftercareTemplateChange, therapist: CurrentTherapist, write: Write, now: Now
) -> TemplateSeen:
    """A new version; what was sent from older ones stays as it was."""
    return await write(change_template, therapist.id, template_id, wanted, now)


@router.post("/{template_id}/share", status_code=201)
async def post_share(template_id: UUID, therapist: CurrentTherapist, write: Write, now: Now) -> TemplateSeen:
    """Give your practice a template of your own; its earlier versions stay private."""
    return await write(share_template, therapist.id, template_id, now)


@router.delete("/{template_id}", status_code=204)
async def delete_template(template_id: UUID, therapist: CurrentTherapist, write: Write, now: Now) -> None:
    """It is offered no more."""
    await write(retire_template, therapist.id, template_id, now)
