"""For whoever forgot their password. What is answered does not depend on whether there is such an account."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.deps import AppSettings
from app.errors import AftercareError
from app.front_desk import Desk
from app.models.account import ForgotPassword
from app.settings import Settings
from app.web.filled_form import FilledForm, checked, refused
from app.web.page import render
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)


@router.get("/password")
async def show_forgotten(request: Request, settings: AppSettings) -> Response:
    return _shown(request, settings, FilledForm({"email": ""}))


@router.post("/password")
async def ask_for_link(request: Request, form: Submitted, desk: Desk, settings: AppSettings) -> Response:
    """Send a link to the owner of the address, after this answer."""
    values = {"email": text_in(form, "email")}
    try:
        await desk.send_way_back(checked(ForgotPassword, values).email)
    except AftercareError as error:
        return _shown(request, settings, refused(values, error, "email"))
    return _shown(request, settings, FilledForm({"email": ""}), asked=True)


def _shown(request: Request, settings: Settings, form: FilledForm, *, asked: bool = False) -> Response:
    sends_mail = settings.sends_mail
    return render(request, "forgotten.html", form.status, form=form, asked=asked, sends_mail=sends_mail)
