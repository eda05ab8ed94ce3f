"""The page a tap opens on a phone whose notifications have no buttons: it does the thing and offers Undo.

Looking at it changes nothing. Its script does, with the token behind the `#` of the address, which came
with the notification; its buttons do, for whoever is signed in as the person the reminder was for.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.datastructures import FormData

from app.deps import CurrentPatient, MaybeAccount, Now, Read, Write
from app.errors import NotFound
from app.language import _, marked
from app.reminders.heard import Happening, is_known
from app.taps import DeliveryNow, as_it_stands, take_tap
from app.web.filled_form import checked
from app.web.page import render, see_other
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)

ASKED = {
    "add_glass": (marked("A glass of water?"), marked("One tap adds it.")),
    "done": (marked("Is it done?"), marked("One tap, and it is noted.")),
    "later": (marked("Later?"), marked("One tap, and you are asked again in half an hour.")),
}
LABELS = {"add_glass": marked("+1 glass"), "done": marked("Done"), "later": marked("Later")}


class Wanted(BaseModel):
    """`action` is done at once by the script; `ask` waits for a tap on its button."""

    action: Annotated[str, Query(max_length=16)] = ""
    ask: Annotated[str, Query(max_length=16)] = ""


@router.get("/did/{delivery_id}")
async def show_did(
    request: Request,
    delivery_id: UUID,
    wanted: Annotated[Wanted, Query()],
    account: MaybeAccount,
    read: Read,
    now: Now,
) -> Response:
    """What came of the reminder, if its person is signed in here; else only the buttons."""
    if not await read(is_known, delivery_id) or not {wanted.action, wanted.ask} <= {"", *ASKED}:
        raise NotFound
    patient = account.as_patient if account else None
    stands = None
    if patient is not None:
        try:
            stands = await read(as_it_stands, patient, delivery_id, now)
        except NotFound:
            patient = None
    return _shown(request, delivery_id, wanted, stands, "patient.html" if patient else "plain.html")


@router.post("/did/{delivery_id}")
async def post_did(
    delivery_id: UUID,
    form: Submitted,
    request: Request,
    patient: CurrentPatient,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    await read(as_it_stands, patient, delivery_id, now)
    await write(take_tap, patient, delivery_id, _happening_in(form), now)
    request.app.state.worker.wake()
    asked = text_in(form, "ask")
    return see_other(f"/did/{delivery_id}" + (f"?ask={asked}" if asked in ASKED else ""))


def _happening_in(form: FormData) -> Happening:
    if text_in(form, "event") == "undone":
        return Happening(event="undone")
    return checked(Happening, {"event": "acted", "action": text_in(form, "action")})


def _shown(
    request: Request, delivery_id: UUID, wanted: Wanted, stands: DeliveryNow | None, frame: str
) -> Response:
    first = wanted.action or wanted.ask or "later"
    title, body = (stands.title, stands.body) if stands and stands.action else map(_, ASKED[first])
    offered = dict.fromkeys((first, "later"))
    if stands is not None and stands.is_over:
        offered.pop("later")
    return render(
        request,
        "did.html",
        frame=frame,
        delivery_id=delivery_id,
        at_once=wanted.action,
        asked=first,
        buttons=[(action, _(LABELS[action])) for action in offered],
        title=title,
        body=body,
        is_done=stands is not None and stands.action in ("add_glass", "done"),
        can_undo=stands is not None and stands.can_undo,
    )
