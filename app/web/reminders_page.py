"""Reminders: each with its times, the next ones, whether they reach this phone, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from app.access.accounts import me
from app.clock import local_time
from app.deps import CurrentAccount, CurrentPatient, InTransaction, Now, Read
from app.language import _, marked
from app.models.patient import REMINDERS_A_DAY, PatientProfile
from app.models.push import TEST, DeliveryState
from app.models.reminder import ARRANGED, ReminderKind
from app.reminders.back_off import BackOff
from app.reminders.devices import Device, devices_of
from app.reminders.ledger import Occurred, occurrences_of
from app.reminders.mailbox import mailbox_of
from app.reminders.own_reminders import (
    OwnReminder,
    gives_way_to,
    paused_until_of,
    reminders_and_others,
    stopped_reminders,
)
from app.reminders.reach import reach_of
from app.reminders.web_push import VapidKey
from app.web import reminder_words as words
from app.web.page import render
from app.web.saved import Notice

router = APIRouter(include_in_schema=False)

LOOKS_BACK = timedelta(days=14)
OCCURRENCES_SHOWN = 400
SHOWN_AT_ONCE = 7
TEST_IS_NEWS_FOR = timedelta(minutes=5)
DONE = {
    "saved": Notice(marked("Saved.")),
    "added": Notice(marked("Added. Change its times below if you like."), place="card"),
    "removed": Notice(marked("Removed."), was="yes"),
    "removed-off": Notice(marked("Removed."), was="no"),
    "back": Notice(marked("The reminder is back.")),
    "paused": Notice(marked("Paused. Nothing is sent until then.")),
    "resumed": Notice(marked("Reminders go on.")),
    "off": Notice(marked("That device gets no more reminders.")),
    "link": Notice(marked("Look into your mailbox: a link is on its way."), place="by-mail"),
    "by-mail": Notice(
        marked("Letters come from now on, when no phone of yours takes reminders."), place="by-mail"
    ),
    "no-mail": Notice(marked("No letter comes any more."), place="by-mail"),
    "nowhere": Notice(marked("No phone gets reminders yet. Turn them on below first."), tone="heed"),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One reminder: `when` it is, in words, and why it comes less often than that or not at all (`rests`)."""

    own: OwnReminder
    heading: str
    when: str
    hint: str
    rests: str


@dataclass(frozen=True, slots=True)
class DeviceInWords:
    id: UUID
    name: str
    light: str
    detail: bool
    is_this_one: bool


@dataclass(frozen=True, slots=True)
class Reminders:
    """`coming` are the next times over all reminders; `past` says what became of the earlier ones."""

    cards: list[Card]
    coming: list[tuple[datetime, str]]
    paused_until: datetime | None
    devices: list[DeviceInWords]
    reach: str
    test: str
    test_is_under_way: bool
    a_day: int
    past: list[tuple[str, str, str]]

    @property
    def stopped(self) -> list[tuple[UUID, str]]:
        return [(card.own.id, card.heading) for card in self.cards if card.own.back_off is BackOff.STOPPED]

    @property
    def this_device(self) -> DeviceInWords | None:
        return next((device for device in self.devices if device.is_this_one), None)


@router.get("/reminders")
async def show_reminders(
    request: Request,
    account: CurrentAccount,
    patient: CurrentPatient,
    read: Read,
    now: Now,
    done: Annotated[str, Query(max_length=16)] = "",
    opened: Annotated[str, Query(alias="open", max_length=36)] = "",
    about: UUID | None = None,
) -> Response:
    return await reminders_page(request, account.sign_in_id, patient, read, now, _done(done, about), opened)


@router.get("/reminders/stopped")
async def show_stopped(request: Request, patient: CurrentPatient, read: Read) -> Response:
    """The questions Today asks, as a page of nothing else."""
    return render(request, "stopped_reminders.html", stopped=await read(read_stopped, patient.id))


def read_stopped(db: Session, patient_id: UUID) -> list[tuple[UUID, str]]:
    """The reminders to ask about, each with what it is called."""
    stopped = stopped_reminders(db, patient_id)
    return [(one.id, words.heading_of(ReminderKind(one.kind), one.text)) for one in stopped]


def _done(what: str, about: UUID | None) -> Notice | None:
    notice = DONE.get(what)
    return replace(notice, words=_(notice.words), undoes=about) if notice else None


async def reminders_page(
    request: Request,
    sign_in_id: UUID | None,
    patient: PatientProfile,
    read: InTransaction,
    now: datetime,
    notice: Notice | None,
    opened: str = "",
    *,
    status: int = 200,
) -> Response:
    """The page with this notice; `opened` names the reminder whose form stands open."""
    state = request.app.state
    our_key = VapidKey(state.secrets.vapid_private_pem, state.settings.vapid_contact).fingerprint
    page = await read(read_reminders, patient, sign_in_id, our_key, now)
    by_mail = await read(mailbox_of, patient.id) if state.settings.sends_mail else None
    return render(
        request,
        "reminders.html",
        status,
        page=page,
        by_mail=by_mail,
        notice=notice,
        opened=opened,
        patient=patient,
        zone=patient.zone,
        now=now,
        today=local_time(now, patient.zone).date(),
        days=words.week_in_words(),
        kinds=[(kind, uuid4(), _(words.KINDS[kind]), _(words.HINTS[kind])) for kind in _offered(page.cards)],
        fewest_first=range(1, REMINDERS_A_DAY + 1),
        shown_at_once=SHOWN_AT_ONCE,
    )


def read_reminders(
    db: Session, patient: PatientProfile, sign_in_id: UUID | None, server_key: str, now: datetime
) -> Reminders:
    paused_until = paused_until_of(db, patient.id)
    own, others = reminders_and_others(db, patient, now)
    devices = devices_of(db, patient.id, server_key)
    occurred = occurrences_of(db, patient.id, now - LOOKS_BACK, OCCURRENCES_SHOWN)
    today = local_time(now, patient.zone).date()
    test = _newest_test(occurred, now)
    cards = [_card(reminder, own) for reminder in own]
    headings: dict[UUID | None, str] = {card.own.id: card.heading for card in cards}
    return Reminders(
        cards=cards,
        coming=_coming([*own, *others]),
        paused_until=paused_until if paused_until and paused_until > now else None,
        devices=[_in_words(device, sign_in_id, now, patient.zone) for device in devices],
        reach=words.reach_in_words(reach_of(db, patient.id, now), len(devices), now, patient.zone),
        test=words.occurred_in_words(test, test.day, patient.zone)[1] if test else "",
        test_is_under_way=test is not None and words.best_of(test).state == DeliveryState.CLAIMED,
        a_day=me(db, patient.id).reminders_a_day or REMINDERS_A_DAY,
        past=[
            (
                headings.get(one.reminder_id) or words.kind_in_words(one.kind),
                *words.occurred_in_words(one, today, patient.zone),
            )
            for one in occurred
        ],
    )


def _card(own: OwnReminder, others: Sequence[OwnReminder]) -> Card:
    when = words.schedule_in_words(own.times, own.days)
    gives_way = words.gives_way_in_words(gives_way_to(own, others))
    rests = words.rests_in_words(own.back_off) or gives_way or words.never_in_words(own)
    return Card(own, words.heading_of(own.kind, own.text), when, _(words.HINTS[own.kind]), rests)


def _coming(reminders: Sequence[OwnReminder]) -> list[tuple[datetime, str]]:
    """The next three times at which anything can really arrive."""
    times = [(at, words.heading_of(own.kind, own.text)) for own in reminders for at in own.next]
    return sorted(times)[:3]


def _in_words(device: Device, sign_in_id: UUID | None, now: datetime, zone: str) -> DeviceInWords:
    return DeviceInWords(
        id=device.id,
        name=device.device_name or _("A phone or browser"),
        light=words.light_of(device, now, zone),
        detail=device.detail,
        is_this_one=sign_in_id is not None and device.sign_in_id == sign_in_id,
    )


def _newest_test(occurred: Sequence[Occurred], now: datetime) -> Occurred | None:
    """The test that was asked for just now, if there was one."""
    for one in occurred:
        if one.kind == TEST and one.lines[0].planned_at > now - TEST_IS_NEWS_FOR:
            return one
    return None


def _offered(cards: Sequence[Card]) -> list[ReminderKind]:
    """Kinds that are not there yet; one's own words as often as one likes."""
    known = {card.own.kind for card in cards} - {ReminderKind.CUSTOM}
    return [kind for kind in ARRANGED if kind not in known]
