"""What a phone says became of a delivery: shown, opened, acted upon, taken back. Said twice is once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.language import _
from app.models.field_types import InputShape, Instant
from app.models.patient import note_answer
from app.models.push import Delivery, DeliveryState, PushSubscription
from app.reminders.message import token_fits

REPORTS_TAKEN_FOR = timedelta(days=7)

Action = Literal["add_glass", "done", "later"]


class Happening(InputShape):
    """What happened to a notification, and `at` which instant by the phone's clock; by default just now.

    A phone without a network says it later. `entry_id` is the id for the log entry the action makes.
    """

    event: Literal["shown", "opened", "acted", "undone"]
    action: Action | None = None
    entry_id: UUID | None = None
    at: Instant | None = None

    @model_validator(mode="after")
    def _acts_by_name(self) -> Happening:
        if (self.event == "acted") != (self.action is not None):
            raise PydanticCustomError("action", _("Name an action when, and only when, something was done."))
        return self


class DeliveryEvent(Happening):
    """What a notification reports about itself. `token` came with it, so no cookie is needed."""

    token: Annotated[str, StringConstraints(strict=True, max_length=64)]


def delivery_with(db: Session, delivery_id: UUID, token: str, key: bytes, now: datetime) -> Delivery:
    """The delivery this token belongs to. Raises NotFound for any other, and for one long past."""
    delivery = db.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None or not token_fits(token, delivery_id, key):
        raise NotFound
    return _not_long_past(delivery, now)


def delivery_to(db: Session, delivery_id: UUID, account_id: UUID, now: datetime) -> Delivery:
    """A delivery that was meant for this account. Raises NotFound for any other, and for one long past."""
    delivery = db.get(Delivery, delivery_id)
    if delivery is None or delivery.account_id != account_id:
        raise NotFound
    return _not_long_past(delivery, now)


def is_known(db: Session, delivery_id: UUID) -> bool:
    """Whether there is such a delivery, whoever it was for."""
    return db.get(Delivery, delivery_id) is not None


def note(db: Session, delivery: Delivery, said: Happening, now: datetime) -> bool:
    """Write down what happened; whether it was news. A delivery moves forward, in whatever order it hears."""
    at = when(said, delivery, now)
    is_news = _note(delivery, said, at)
    delivery.shown_at = delivery.shown_at or at
    state = DeliveryState.SHOWN if delivery.acted_at is None else DeliveryState.ACTED
    delivery.state, delivery.lease_until, delivery.reason = state.value, None, None
    if is_news and delivery.subscription_id is not None:
        device = db.get_one(PushSubscription, delivery.subscription_id)
        device.last_shown_at = max(device.last_shown_at or now, now)
    db.flush()
    if is_news and said.event != "shown":
        note_answer(db, delivery.account_id, now)
    return is_news


def when(said: Happening, delivery: Delivery, now: datetime) -> datetime:
    """When it happened. A phone's clock may be wrong, but not before the reminder or after now."""
    return now if said.at is None else min(max(said.at, delivery.planned_at), now)


def entry_id_of(delivery: Delivery, action: Action) -> UUID:
    """The id of the log entry an action makes: the same for every tap on one occurrence of a reminder,
    on whichever device."""
    asked = f"reminder:{delivery.reminder_id}:{delivery.day}:{delivery.slot}"
    occasion = asked if delivery.reminder_id else f"delivery:{delivery.id}"
    return uuid5(NAMESPACE_URL, f"aftercare:{occasion}:{action}")


def _note(delivery: Delivery, said: Happening, at: datetime) -> bool:
    match said.event:
        case "shown":
            is_news, delivery.shown_at = delivery.shown_at is None, delivery.shown_at or at
        case "opened":
            is_news, delivery.opened_at = delivery.opened_at is None, delivery.opened_at or at
        case "acted":
            is_news = _is_still_to_do(delivery, said)
            if is_news:
                delivery.acted_at, delivery.action = at, said.action
        case "undone":
            is_news = delivery.undone_at is None and delivery.action in ("add_glass", "done")
            delivery.undone_at = at if is_news else delivery.undone_at
    return is_news


def _is_still_to_do(delivery: Delivery, said: Happening) -> bool:
    """Done once is done; putting it off first is no obstacle to doing it."""
    put_off = delivery.action == "later" and said.action != "later"
    return delivery.acted_at is None or put_off


def _not_long_past(delivery: Delivery, now: datetime) -> Delivery:
    if now > delivery.planned_at + REPORTS_TAKEN_FOR:
        raise NotFound
    return delivery
