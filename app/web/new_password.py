"""Choosing a new password, for whoever has a link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.access.password_links import BehindLink, behind_link
from app.deps import Now, Read
from app.errors import AftercareError
from app.front_desk import Desk
from app.models.password_link import NewPassword
from app.web.filled_form import FilledForm, checked, refused
from app.web.next_page import home_of
from app.web.page import render, see_other
from app.web.submitted import Submitted

router = APIRouter(include_in_schema=False)

Token = Annotated[str, Path(max_length=100)]


@router.get("/password/{token}")
async def show_new_password(request: Request, token: Token, read: Read, now: Now) -> Response:
    return _shown(request, await read(behind_link, token, now), FilledForm())


@router.post("/password/{token}")
async def choose_password(
    request: Request, token: Token, form: Submitted, desk: Desk, read: Read, now: Now
) -> Response:
    """Set it, end every other sign-in, and sign this browser in, unless a code is asked for there."""
    person = await read(behind_link, token, now)
    values = {"password": str(form.get("password", ""))}
    try:
        chosen = checked(NewPassword, values)
        response = see_other(home_of(person.role))
        if not await desk.choose_password(token, chosen.password, response):
            return see_other("/sign-in")
    except AftercareError as error:
        return _shown(request, person, refused(values, error, "password"))
    return response


def _shown(request: Request, person: BehindLink, form: FilledForm) -> Response:
    return render(request, "new_password.html", form.status, person=person, form=form)
