"""Making an account, as a patient or as a therapist."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.deps import MaybeAccount
from app.errors import AftercareError, Conflict
from app.front_desk import Desk
from app.models.account import Role, SignUp
from app.web.filled_form import FilledForm, checked, refused
from app.web.next_page import NextPage, home_of, own_path
from app.web.page import render, see_other
from app.web.submitted import Submitted, text_in
from app.web.zones import zone_groups

router = APIRouter(include_in_schema=False)

FIELDS = ("role", "name", "email", "password", "zone")


@router.get("/sign-up")
async def show_sign_up(request: Request, account: MaybeAccount, next_page: NextPage = "") -> Response:
    if account:
        return see_other(own_path(next_page) or home_of(account.role))
    invited = Role.PATIENT.value if next_page.startswith("/invitations/") else ""
    blank = {**dict.fromkeys(FIELDS, ""), "role": invited}
    return _shown(request, FilledForm(blank), next_page)


@router.post("/sign-up")
async def sign_up(request: Request, form: Submitted, desk: Desk) -> Response:
    """Make the account, sign this browser in and go where it wanted to go."""
    next_page = text_in(form, "next")
    values = {name: text_in(form, name) for name in FIELDS} | {"password": str(form.get("password", ""))}
    try:
        person = checked(SignUp, values)
        response = see_other(own_path(next_page) or _first_page(person.role))
        await desk.sign_up(person, response)
    except Conflict as taken:
        return _shown(request, refused(values, taken, "email"), next_page)
    except AftercareError as error:
        return _shown(request, refused(values, error), next_page)
    return response


def _first_page(role: Role) -> str:
    """A therapist says first who they are, because every invitation shows it."""
    return "/profile?first=yes" if role is Role.THERAPIST else home_of(role)


def _shown(request: Request, form: FilledForm, next_page: str) -> Response:
    wanted = own_path(next_page)
    return render(request, "sign_up.html", form.status, form=form, next_page=wanted, zones=zone_groups())
