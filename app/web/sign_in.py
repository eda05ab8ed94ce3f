"""Coming in and going out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.deps import AppSettings, Entering, InTransaction, MaybeAccount, Read
from app.errors import AftercareError, CodeNeeded, TooMany
from app.front_desk import Desk, Device
from app.models.account import Account, Role, SignInWith
from app.settings import DEMO_PASSWORD, Environment, Settings
from app.web.filled_form import FilledForm, checked, refused
from app.web.next_page import NextPage, home_of, own_path
from app.web.page import render, see_other
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)

DEMO_PEOPLE_SHOWN = 12


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody anybody may sign in as, where the product only demonstrates itself."""

    name: str
    email: str
    role: str


@router.get("/sign-in")
async def show_sign_in(
    request: Request,
    account: MaybeAccount,
    settings: AppSettings,
    read: Read,
    next_page: NextPage = "",
    done: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    if account:
        return see_other(own_path(next_page) or home_of(account.role))
    people = await _demo_people(settings, read)
    return _shown(request, FilledForm({"email": ""}), next_page, people, is_erased=done == "erased")


@router.post("/sign-in")
async def sign_in(
    request: Request, form: Submitted, desk: Desk, settings: AppSettings, read: Read
) -> Response:
    """Sign this browser in and go where it wanted to go."""
    next_page = text_in(form, "next")
    values = {"email": text_in(form, "email"), "password": str(form.get("password", ""))}
    device: Device = "shared" if text_in(form, "shared") else "own"
    try:
        credentials = checked(SignInWith, values)
        response = see_other("/")
        account = await desk.sign_in(credentials, response, device)
    except CodeNeeded as needed:
        return _to_code(request, FilledForm(), needed.ticket, next_page, text_in(form, "shared"))
    except AftercareError as error:
        people = await _demo_people(settings, read)
        kept = {**values, "shared": text_in(form, "shared")}
        return _shown(request, refused(kept, error), next_page, people)
    response.headers["location"] = own_path(next_page) or home_of(account.role)
    return response


@router.post("/sign-in/code")
async def sign_in_with_code(request: Request, form: Submitted, desk: Desk) -> Response:
    """The second step of whoever signs in with codes."""
    ticket, next_page, shared = (text_in(form, name) for name in ("ticket", "next", "shared"))
    try:
        response = see_other("/")
        account = await desk.sign_in_with_ticket(
            ticket, text_in(form, "code"), response, "shared" if shared else "own"
        )
    except (CodeNeeded, TooMany) as error:
        return _to_code(request, refused({"code": ""}, error, "code"), ticket, next_page, shared)
    response.headers["location"] = own_path(next_page) or home_of(account.role)
    return response


@router.post("/sign-out")
async def sign_out(entering: Entering, desk: Desk) -> Response:
    """End this sign-in; the browser is told to forget everything it kept."""
    response = see_other("/sign-in")
    await desk.sign_out(entering.browser.account_id, entering.browser.sign_in_id, response)
    return response


def _to_code(request: Request, form: FilledForm, ticket: str, next_page: str, shared: str) -> Response:
    return render(
        request,
        "sign_in_code.html",
        form.status,
        form=form,
        ticket=ticket,
        next_page=own_path(next_page),
        shared=shared,
    )


async def _demo_people(settings: Settings, read: InTransaction) -> list[DemoPerson]:
    return await read(demo_people) if settings.environment is Environment.DEMO else []


def demo_people(db: Session) -> list[DemoPerson]:
    """The people of the demo, therapists first."""
    rows = db.execute(
        select(col(Account.name), col(Account.email), col(Account.role))
        .where(col(Account.email).endswith("@demo.example"))
        .order_by(col(Account.role) != Role.THERAPIST, col(Account.name))
        .limit(DEMO_PEOPLE_SHOWN)
    )
    return [DemoPerson(*row) for row in rows]


def _shown(
    request: Request, form: FilledForm, next_page: str, people: list[DemoPerson], *, is_erased: bool = False
) -> Response:
    return render(
        request,
        "sign_in.html",
        form.status,
        form=form,
        next_page=own_path(next_page),
        demo_people=people,
        is_erased=is_erased,
        demo_password=DEMO_PASSWORD,
        takes_passkeys=request.app.state.settings.takes_passkeys,
    )
