"""An invitation: made by a therapist, met by a patient, accepted with what is to be shared."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from app.access.care import (
    InvitationPreview,
    accept_once,
    invite,
    invite_within_limit,
    open_invitations,
    preview_invitation,
    was_accepted_by,
    withdraw_invitation,
)
from app.access.sign_ins import SignedIn
from app.deps import (
    AppSettings,
    CurrentAccount,
    CurrentPatient,
    CurrentTherapist,
    MaybeAccount,
    Now,
    Read,
    Write,
)
from app.errors import Invalid
from app.language import marked
from app.models.account import Role
from app.models.care import AcceptInvitation, Scope
from app.settings import Settings
from app.web.filled_form import FilledForm, checked, refused
from app.web.page import render, see_other
from app.web.submitted import Submitted, text_in, texts_in

router = APIRouter(include_in_schema=False)

SHARES = {
    Scope.MEASURES: marked("Pain, stiffness, movement, sleep, water and the other things you tap."),
    Scope.NOTES: marked("The words you write. Without this they stay with you."),
    Scope.PLAN: marked("What you do at home, and your answers to it."),
}
NOTHING_CHOSEN = FilledForm({"scopes": [], "expires_on": ""})


@router.get("/invitations")
async def show_invitations(
    request: Request,
    account: CurrentAccount,
    read: Read,
    now: Now,
    done: Annotated[str, Query(max_length=16)] = "",
) -> Response:
    """A therapist makes an invitation here; a patient comes in with one on the Sharing page."""
    if account.role is not Role.THERAPIST:
        return see_other("/sharing#invitation")
    return render(
        request,
        "invite.html",
        account=account,
        invitations=await read(open_invitations, account.account_id, now),
        withdrawn=done == "withdrawn",
    )


@router.post("/invitations")
async def make_invitation(
    therapist: CurrentTherapist, settings: AppSettings, write: Write, now: Now
) -> Response:
    make = invite_within_limit if settings.limits_rates else invite
    code, _expires_at = await write(make, therapist.id, now)
    return see_other(f"/invitations/{code}")


@router.get("/invitations/{code}")
async def show_invitation(
    request: Request, code: str, account: MaybeAccount, settings: AppSettings, read: Read, now: Now
) -> Response:
    """Who invites. A therapist gets the link and the code to hand on, a patient what there is to decide.

    Whoever accepted it before is led to what they share.
    """
    if account is not None and await read(was_accepted_by, code, account.account_id):
        return see_other("/sharing?done=before")
    invitation = await read(preview_invitation, code, now)
    if account is not None and account.role is Role.THERAPIST:
        return _to_hand_on(request, account, settings, invitation)
    if account is None:
        return render(request, "invitation_signed_out.html", invitation=invitation)
    return _to_decide(request, account, invitation, NOTHING_CHOSEN, now)


@router.get("/invitations/{code}/accept")
async def show_what_to_accept(code: str) -> Response:
    """Whoever goes back to a form that was refused."""
    return see_other(f"/invitations/{code}")


@router.post("/invitations/{invitation_id}/withdraw")
async def withdraw(invitation_id: UUID, therapist: CurrentTherapist, write: Write, now: Now) -> Response:
    await write(withdraw_invitation, therapist.id, invitation_id, now)
    return see_other("/invitations?done=withdrawn")


@router.post("/invitations/{code}/accept")
async def accept(
    request: Request,
    code: str,
    form: Submitted,
    patient: CurrentPatient,
    account: CurrentAccount,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    values = {"scopes": texts_in(form, "scopes"), "expires_on": text_in(form, "expires_on")}
    try:
        consent = checked(AcceptInvitation, {**values, "expires_on": values["expires_on"] or None})
        await write(accept_once, code, patient, consent, now)
    except Invalid as invalid:
        invitation = await read(preview_invitation, code, now)
        return _to_decide(request, account, invitation, refused(values, invalid), now)
    return see_other("/sharing?done=accepted")


def _to_hand_on(
    request: Request, account: SignedIn, settings: Settings, invitation: InvitationPreview
) -> Response:
    link = settings.invitation_url(invitation.code)
    return render(
        request,
        "invitation_to_hand_on.html",
        account=account,
        invitation=invitation,
        link=link,
        qr=qr_code(link),
    )


def _to_decide(
    request: Request, account: SignedIn, invitation: InvitationPreview, form: FilledForm, now: datetime
) -> Response:
    patient = account.as_patient
    return render(
        request,
        "invitation.html",
        form.status,
        account=account,
        invitation=invitation,
        form=form,
        shares=SHARES,
        today=patient.day_at(now) if patient else None,
    )


def qr_code(link: str) -> Markup:
    """The link as an inline SVG: black on white also in the dark, because cameras read it so."""
    drawing = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        drawing, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4,
        dark="#000", light="#fff", svgclass="qr", lineclass=None, nl=False,
    )  # fmt: skip
    return Markup(drawing.getvalue().decode())  # noqa: S704 - drawn here, of black and white squares
