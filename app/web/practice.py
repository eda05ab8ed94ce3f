"""What a therapist says about themselves, shown to a patient before anything is accepted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.deps import CurrentTherapist, Write
from app.errors import Invalid
from app.models.therapist import ProfileChange, TherapistProfile, change_profile
from app.web.filled_form import FilledForm, checked, refused
from app.web.page import render, see_other
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)


@router.get("/profile")
async def show_profile(
    request: Request,
    therapist: CurrentTherapist,
    saved: Annotated[str, Query()] = "",
    first: Annotated[str, Query()] = "",
) -> Response:
    """`first` is set right after signing up, when nothing is filled in yet."""
    values = {
        "practice": therapist.practice,
        "licence": therapist.licence,
        "certifications": "\n".join(therapist.certifications),
        "digest_at": therapist.digest_at or "",
    }
    return _shown(request, therapist, FilledForm(values), saved=bool(saved), first=bool(first))


@router.post("/profile")
async def change_own_profile(
    request: Request, form: Submitted, therapist: CurrentTherapist, write: Write
) -> Response:
    values = {name: text_in(form, name) for name in ("practice", "licence", "certifications", "digest_at")}
    lines = [line.strip() for line in values["certifications"].splitlines() if line.strip()]
    try:
        # Browsers may send seconds with a time; nobody chooses them.
        digest_at = values["digest_at"][:5] or None
        change = checked(ProfileChange, {**values, "certifications": lines, "digest_at": digest_at})
    except Invalid as invalid:
        return _shown(request, therapist, refused(values, invalid), saved=False, first=False)
    await write(change_profile, therapist.id, change)
    return see_other("/profile?saved=yes")


def _shown(
    request: Request, therapist: TherapistProfile, form: FilledForm, *, saved: bool, first: bool
) -> Response:
    return render(
        request,
        "practice.html",
        form.status,
        therapist=therapist,
        form=form,
        saved=saved,
        first=first,
        sends_mail=request.app.state.settings.sends_mail,
    )
