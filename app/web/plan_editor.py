"""Where a plan is written: by a therapist for a patient, or by a patient for themselves.

Nothing is sent before it was shown beside what holds now; what was sent can be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.deps import CurrentPatient, CurrentTherapist, InTransaction, Now, PatientInCare, Read, Write
from app.errors import Conflict, Invalid
from app.home_care.changes import changes_between
from app.home_care.shown import ShownChange, ShownVersion, holding_at, plan_by
from app.home_care.words import KINDS
from app.home_care.write import draft_items, withdraw_plan, write_plan
from app.language import _, marked
from app.language.saying import listed
from app.models.care import require_plan
from app.models.home_care import HomeCarePlan, PlanIn, PlanItemKind
from app.models.patient import PatientProfile
from app.models.therapist import TherapistProfile
from app.reminders.decide import QuietHours
from app.web import plan_words as words
from app.web.page import render, see_other
from app.web.plan_form import PlanDraft, draft_in, draft_of, suggested
from app.web.plan_words import ChangeInWords, changes_in_words, flare_in_words
from app.web.reminder_words import week_in_words
from app.web.saved import Notice
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)

STARTING_KINDS = (PlanItemKind.WATER, PlanItemKind.STRETCH, PlanItemKind.SLEEP)
NOTICES = {
    "sent": marked("Sent. The patient sees it now."),
    "withdrawn": marked("Taken back. What held before holds again."),
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes for whom, by which clock, and where the form is."""

    patient: PatientProfile
    author_id: UUID
    zone: str
    path: str
    frame: str

    @property
    def is_patient(self) -> bool:
        return self.author_id == self.patient.id


@router.get("/patients/{patient_id}/plan")  # noqa: FAST003 (PatientInCare takes it)
async def show_editor(
    request: Request,
    patient: PatientInCare,
    therapist: CurrentTherapist,
    read: Read,
    now: Now,
    done: Annotated[str, Query(max_length=16)] = "",
) -> Response:
    require_plan(patient.scopes)
    return await _begin(request, _therapist(patient.profile, therapist), read, now, done)


@router.post("/patients/{patient_id}/plan")  # noqa: FAST003 (PatientInCare takes it)
async def post_editor(
    request: Request,
    form: Submitted,
    patient: PatientInCare,
    therapist: CurrentTherapist,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    require_plan(patient.scopes)
    return await _step(request, _therapist(patient.profile, therapist), form, read, write, now)


@router.post("/patients/{patient_id}/plan/{version}/withdraw")  # noqa: FAST003 (PatientInCare takes it)
async def post_withdraw(
    version: int, request: Request, patient: PatientInCare, write: Write, now: Now
) -> Response:
    require_plan(patient.scopes)
    await write(withdraw_plan, patient.profile, patient.therapist_id, version, now)
    request.app.state.worker.wake()
    return see_other(f"/patients/{patient.profile.id}/plan?done=withdrawn")


@router.get("/plan/edit")
async def show_own_editor(request: Request, patient: CurrentPatient, read: Read, now: Now) -> Response:
    return await _begin(request, _oneself(patient), read, now, "")


@router.post("/plan/edit")
async def post_own_editor(
    request: Request, form: Submitted, patient: CurrentPatient, read: Read, write: Write, now: Now
) -> Response:
    return await _step(request, _oneself(patient), form, read, write, now)


async def _begin(request: Request, writer: Writer, read: InTransaction, now: datetime, done: str) -> Response:
    versions = await read(plan_by, writer.patient.id, writer.author_id)
    draft = draft_of(versions[0] if versions else None, [suggested(kind) for kind in STARTING_KINDS])
    return _editor(request, writer, draft, versions, now, done)


async def _step(
    request: Request, writer: Writer, form: FormData, read: InTransaction, write: InTransaction, now: datetime
) -> Response:
    """Add or remove an item, show what would change, or send it."""
    draft, versions = _changed(draft_in(form), form), await read(plan_by, writer.patient.id, writer.author_id)
    step = text_in(form, "step")
    if step not in ("check", "send"):
        is_added = "add" in form
        return _editor(request, writer, draft, versions, now, "", is_added=is_added)
    try:
        plan = draft.plan()
        if step == "check":
            changes = await read(_changes, writer, plan)
            flare = flare_in_words(versions[0].flare if versions else "", plan.flare)
            return _preview(request, writer, draft, plan, form, [*changes_in_words(changes), *flare])
        await write(write_plan, writer.patient, writer.author_id, plan, now)
    except Invalid as invalid:
        return _editor(request, writer, draft.refused(invalid), versions, now, "", status=invalid.status)
    except Conflict:
        return await _overtaken(request, writer, draft, read, now)
    request.app.state.worker.wake()
    return see_other("/plan?saved=written" if writer.is_patient else f"{writer.path}?done=sent")


async def _overtaken(
    request: Request, writer: Writer, draft: PlanDraft, read: InTransaction, now: datetime
) -> Response:
    """What was typed, based from here on on the version that overtook it, and what is new in that."""
    versions = await read(plan_by, writer.patient.id, writer.author_id)
    newer = [one for one in reversed(versions) if one.version > (draft.based_on or 0)]
    rebased = replace(draft, based_on=versions[0].version if versions else 0)
    return _editor(request, writer, rebased, versions, now, "", Conflict.status, newer)


def _changes_in(version: ShownVersion, versions: Sequence[ShownVersion]) -> list[ChangeInWords]:
    earlier = next((one.flare for one in versions if one.version < version.version), "")
    return [*changes_in_words(version.changes), *flare_in_words(earlier, version.flare)]


def _changed(draft: PlanDraft, form: FormData) -> PlanDraft:
    if "remove" in form:
        return draft.without(text_in(form, "remove"))
    return draft.with_item(text_in(form, "add"))


def _changes(db: Session, writer: Writer, plan: PlanIn) -> list[ShownChange]:
    before, after = draft_items(db, writer.patient.id, writer.author_id, plan)
    return [ShownChange.of(change) for change in changes_between(before, after)]


def _editor(
    request: Request,
    writer: Writer,
    draft: PlanDraft,
    versions: Sequence[ShownVersion],
    now: datetime,
    done: str,
    status: int = 200,
    overtaken_by: Sequence[ShownVersion] | None = None,
    *,
    is_added: bool = False,
) -> Response:
    """`is_added` when the last item was just added: the page opens there."""
    newest = versions[0] if versions else None
    can_undo = newest is not None and now - newest.written_at < HomeCarePlan.UNDO_FOR
    return render(
        request,
        "plan_editor.html",
        status,
        writer=writer,
        draft=draft,
        is_added=is_added,
        newest=newest,
        holding=holding_at(versions, now),
        versions=versions,
        overtaken_by=overtaken_by,
        changes_of=lambda version: _changes_in(version, versions),
        undo=newest.version if newest and can_undo and not writer.is_patient else None,
        notice=Notice(_(NOTICES[done])) if done in NOTICES else None,
        words=words,
        week=week_in_words(),
        now=now,
    )


def _preview(
    request: Request,
    writer: Writer,
    draft: PlanDraft,
    plan: PlanIn,
    form: FormData,
    changes: Sequence[ChangeInWords],
) -> Response:
    kept = [(name, value) for name, value in form.multi_items() if name not in ("step", "add", "remove")]
    return render(
        request,
        "plan_preview.html",
        writer=writer,
        draft=draft,
        fields=kept,
        changes=changes,
        silent=_silent(writer.patient, plan),
    )


def _silent(patient: PatientProfile, plan: PlanIn) -> list[tuple[str, str]]:
    """The items that ask for reminders in the patient's quiet hours, and those times."""
    quiet = QuietHours(patient.quiet_from, patient.quiet_until)
    covered = [
        (item, [f"{at:%H:%M}" for at in item.reminder_times if quiet.cover(at)]) for item in plan.items
    ]
    return [(item.title or _(KINDS[item.kind]), listed(times)) for item, times in covered if times]


def _therapist(patient: PatientProfile, therapist: TherapistProfile) -> Writer:
    return Writer(patient, therapist.id, therapist.zone, f"/patients/{patient.id}/plan", "therapist.html")


def _oneself(patient: PatientProfile) -> Writer:
    return Writer(patient, patient.id, patient.zone, "/plan/edit", "patient.html")
