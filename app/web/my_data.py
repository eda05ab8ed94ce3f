"""My data: everything out, something in, where one is signed in, and leaving for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import UploadFile

from app.access.sign_ins import SignedIn, sign_ins_of
from app.deps import CurrentAccount, CurrentPatient, InTransaction, Now, Read, Write
from app.errors import AftercareError, FieldError, Invalid, Malformed
from app.front_desk import Desk, end_browser
from app.language import _, marked, ngettext
from app.language.saying import day_with_year
from app.moving_in.arrive import MovedIn
from app.moving_in.file import bring_file
from app.reminders.devices import devices_of
from app.reminders.own_devices import let_go
from app.web.filled_form import FilledForm, refused
from app.web.page import render, see_other
from app.web.saved import Notice
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)

SPANS = (30, 90, 365)
"""Days a report for a doctor can be about."""
DONE = {
    "device": marked("That device gets no more reminders."),
    "sign-in": marked("Signed out there. It counts from the next tap on that browser."),
}
PARTS = {
    "profile": marked("Your name, time zone and settings"),
    "entries": marked("What you logged, entry by entry"),
    "days": marked("Days"),
    "sessions": marked("Sessions"),
    "intake": marked("What brought you"),
    "activities": marked("Things that are hard"),
    "check_ins": marked("Check-ins before a session"),
    "activity_scores": marked("How those things went"),
    "feedback": marked("How sessions were"),
    "aftercare": marked("The days after a session"),
    "plans": marked("Home-care plans"),
    "plan_answers": marked("Answers to plans"),
    "reminders": marked("Reminders"),
    "questions": marked("Questions to your diary"),
    "question_reviews": marked("What reviews found"),
    "help_card": marked("When help was offered"),
    "relationships": marked("Records of sharing; they open nothing"),
    "looks": marked("Records of who looked"),
    "readings": marked("Records of who read the summary"),
    "notes": marked("Notes your therapist shared"),
    "sign_ins": marked("Records of sign-ins"),
    "tokens": marked("Records of tokens for programs; they open nothing"),
    "letters": marked("Records of daily letters"),
    "devices": marked("Records of devices"),
    "deliveries": marked("Records of reminders sent"),
    "aftercare_templates": marked("Aftercare templates"),
    "aftercare_template_versions": marked("Versions of aftercare templates"),
}
"""What the parts of a take-out are, in words."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came in, or would: a line for each part, and the days it is about."""

    preview: bool
    lines: list[tuple[str, str]]
    days: str

    @classmethod
    def of(cls, found: MovedIn) -> Told:
        lines = [
            (_(PARTS[name]), _counted(one.stored, one.already_here)) for name, one in found.parts.items()
        ]
        return cls(found.preview, lines, _days_in_words(found))


@router.get("/my-data")
async def show_my_data(
    request: Request,
    account: CurrentAccount,
    read: Read,
    now: Now,
    done: Annotated[str, Query(max_length=16)] = "",
) -> Response:
    notice = Notice(_(DONE[done])) if done in DONE else None
    return await _shown(request, account, read, now, notice=notice)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file in a form, None when none was chosen, and whether it is only to be looked at."""

    body: bytes | None
    preview: bool


async def _sent_file(request: Request) -> SentFile:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Malformed(_("Send this form from its page."))
    async with request.form(max_files=1, max_fields=4) as form:
        file = form.get("file")
        body = await file.read() if isinstance(file, UploadFile) and file.filename else None
        return SentFile(body, preview=form.get("step") != "store")


@router.post("/my-data/import")
async def post_import(
    request: Request,
    account: CurrentAccount,
    file: Annotated[SentFile, Depends(_sent_file)],
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    """Without scripts: say what the file holds or, with the other button, store it."""
    try:
        found = await _brought_in(account, file, write, now)
    except AftercareError as error:
        form = refused({"file": ""}, error, about="file")
        return await _shown(request, account, read, now, import_errors=_lines_of(error), form=form)
    return await _shown(request, account, read, now, told=Told.of(found))


@router.post("/my-data/devices/{subscription_id}/off")
async def post_device_off(subscription_id: UUID, patient: CurrentPatient, write: Write, now: Now) -> Response:
    await write(let_go, patient.id, subscription_id, now)
    return see_other("/my-data?done=device#devices")


@router.post("/my-data/sign-ins/{sign_in_id}/end")
async def post_sign_in_end(sign_in_id: UUID, account: CurrentAccount, write: Write, now: Now) -> Response:
    await write(end_browser, account.account_id, sign_in_id, now)
    return see_other("/my-data?done=sign-in#sign-ins")


@router.post("/my-data/erase")
async def post_erase(
    request: Request, form: Submitted, account: CurrentAccount, desk: Desk, read: Read, now: Now
) -> Response:
    """Erase everything, for whoever writes their password once more and ticks that they mean it."""
    gone = see_other("/sign-in?done=erased")
    try:
        if text_in(form, "sure") != "yes":
            raise Invalid(FieldError("sure", "missing", _("Tick that you want everything erased.")))
        await desk.erase(account, str(form.get("password", "")), gone)
    except AftercareError as error:
        shown = refused({"sure": "", "password": ""}, error, about="password")
        return await _shown(request, account, read, now, form=shown)
    return gone


async def _brought_in(account: SignedIn, file: SentFile, write: InTransaction, now: datetime) -> MovedIn:
    if file.body is None:
        raise Invalid(FieldError("file", "missing", _("Choose a file first.")))
    is_takeout = file.body.lstrip()[:1] == b"{"
    return await bring_file(account, file.body, write, now, is_takeout=is_takeout, preview=file.preview)


def _lines_of(error: AftercareError) -> list[str]:
    return [one.message for one in error.errors] if isinstance(error, Invalid) else [error.message]


async def _shown(
    request: Request,
    account: SignedIn,
    read: InTransaction,
    now: datetime,
    *,
    notice: Notice | None = None,
    told: Told | None = None,
    import_errors: list[str] | None = None,
    form: FilledForm | None = None,
) -> Response:
    form = form or FilledForm()
    patient = account.as_patient
    return render(
        request,
        "my_data.html",
        form.status,
        frame="patient.html" if patient else "therapist.html",
        account=account,
        is_patient=patient is not None,
        spans=_spans(patient.day_at(now)) if patient else [],
        notice=notice,
        told=told,
        import_errors=import_errors or [],
        form=form,
        parts={name: _(words) for name, words in PARTS.items()},
        devices=await read(devices_of, account.account_id) if patient else [],
        sign_ins=await read(sign_ins_of, account.account_id, account.sign_in_id, now),
    )


def _spans(today: date) -> list[tuple[int, date, date]]:
    return [(days, today - timedelta(days=days - 1), today) for days in SPANS]


def _counted(stored: int, already_here: int) -> str:
    if not already_here:
        return ngettext("%(num)s new", "%(num)s new", stored)
    return _("%(new)s new, %(here)s here already", new=stored, here=already_here)


def _days_in_words(found: MovedIn) -> str:
    if found.first_day is None or found.last_day is None:
        return _("Nothing in it is new to your diary.")
    return ngettext(
        "It is about %(num)s day, %(first)s to %(last)s.",
        "It is about %(num)s days, %(first)s to %(last)s.",
        found.days,
        first=day_with_year(found.first_day),
        last=day_with_year(found.last_day),
    )
