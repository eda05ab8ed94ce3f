"""What a notification says: Declarative Web Push JSON, neutral unless the device asked for detail.

A phone that knows the format shows it by itself; elsewhere the service worker reads the same JSON.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from app.language import ENGLISH, _, language_of, marked, speaking, spoken
from app.models.aftercare import StepKind
from app.models.push import TEST
from app.models.reminder import ReminderKind

PADDED_TO = 512
LONGEST = 2641
"""Bytes of plaintext. Every push service takes this much, and padding hides what a message is about."""

NEUTRAL = (marked("Your check-in is ready"), marked("Tap to open."))
DETAIL = {
    ReminderKind.CHECK_IN: (
        marked("Time for your check-in"),
        marked("How was today? It takes about 30 seconds."),
    ),
    ReminderKind.WATER: (marked("Time for a glass of water"), marked("One tap adds it to today.")),
    ReminderKind.STRETCH: (
        marked("Time for gentle stretching"),
        marked("A few minutes are enough. Tap when it is done."),
    ),
    ReminderKind.EXERCISE: (marked("Time for your exercises"), marked("Tap when they are done.")),
    ReminderKind.SLEEP: (marked("Time to wind down"), marked("Bedtime is coming up. Tap when you begin.")),
    ReminderKind.CUSTOM: (marked("Your reminder"), marked("Tap to open.")),
    ReminderKind.AFTERCARE: (marked("After your session"), marked("Tap to open.")),
}
OF_A_STEP = {
    StepKind.WATER: (
        marked("After your session"),
        marked("Drink some water and take it easy for the rest of the day."),
    ),
    StepKind.STRETCH: (
        marked("After your session"),
        marked("A gentle stretch this morning, within comfort."),
    ),
    StepKind.CUSTOM: (marked("After your session"), marked("Tap to open.")),
    StepKind.FEEDBACK: (
        marked("How was your session?"),
        marked("The pressure, how sore you are, anything off."),
    ),
    StepKind.COMPARE: (marked("How are you now?"), marked("Compared with before your session.")),
    StepKind.BEFORE_NEXT: (marked("Your next session is tomorrow"), marked("Anything to tell beforehand?")),
}
OF_A_TEST = (marked("This is a test"), marked("Reminders reach this device."))

ACTIONS = {
    ReminderKind.WATER: (("add_glass", marked("+1 glass")), ("later", marked("Later"))),
    ReminderKind.STRETCH: (("done", marked("Done")), ("later", marked("Later"))),
    ReminderKind.EXERCISE: (("done", marked("Done")), ("later", marked("Later"))),
    ReminderKind.SLEEP: (("done", marked("Done")), ("later", marked("Later"))),
    ReminderKind.CUSTOM: (("done", marked("Done")), ("later", marked("Later"))),
}
ONLY_LATER = (("later", marked("Later")),)


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery as its device should show it, in the language of `locale`.

    `text` is the patient's own, or that of a `step` after a session; it is shown only with `detail`.
    """

    delivery_id: UUID
    kind: str
    counts_for: date
    text: str | None
    detail: bool
    locale: str = ENGLISH.tag
    step: str | None = None


def compose(message: Message, *, public_url: str, key: bytes) -> bytes:
    """The plaintext of a push message: JSON, padded with spaces so that its length tells nothing."""
    plain = (
        _letter(_to_nobody(message), public_url.rstrip("/"))
        .replace(str(_NOBODY), str(message.delivery_id))
        .replace(_TOKEN, token_of(message.delivery_id, key))
        .replace(_TAG, topic_of(message.delivery_id, key))
        .encode()
    )
    padded = plain + b" " * (-len(plain) % PADDED_TO)
    return padded if len(padded) <= LONGEST else plain


def page_of(message: Message, site: str, key: bytes) -> str:
    """Where this message leads: the address behind it, as a letter tells it."""
    return f"{site}{_page(message)}#{token_of(message.delivery_id, key)}"


def token_of(delivery_id: UUID, key: bytes) -> str:
    """What lets a notification report back about its own delivery, and about nothing else."""
    return _keyed(b"delivery-token", delivery_id, key)


def token_fits(token: str, delivery_id: UUID, key: bytes) -> bool:
    return hmac.compare_digest(token.encode(), token_of(delivery_id, key).encode())


# Each message tells it twice: in its headers, and as the tag of its notification.
@lru_cache(maxsize=1)
def topic_of(delivery_id: UUID, key: bytes) -> str:
    """32 base64url characters. A message sent again has the same topic, so it replaces the first."""
    return _keyed(b"topic", delivery_id, key)


# Many messages are alike but for these three. Nothing a person can type holds such characters.
_NOBODY, _TOKEN, _TAG = UUID(int=0), "\ue000", "\ue001"


def _to_nobody(message: Message) -> Message:
    return Message(
        delivery_id=_NOBODY,
        kind=message.kind,
        counts_for=message.counts_for,
        text=message.text if message.detail else None,
        detail=message.detail,
        locale=message.locale,
        step=message.step,
    )


@lru_cache(maxsize=512)
def _letter(message: Message, site: str) -> str:
    with speaking(language_of(message.locale)):
        notification = _notification(message, site)
    content = {"web_push": 8030, "notification": notification, "mutable": False}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _notification(message: Message, site: str) -> dict[str, Any]:
    title, body = _words(message)
    return {
        "title": title,
        "body": body,
        "lang": spoken().tag,
        "navigate": f"{site}{_page(message)}#{_TOKEN}",
        "tag": _TAG,
        "silent": False,
        "mutable": False,
        "actions": [
            {
                "action": action,
                "title": _(label),
                "navigate": f"{site}{_page_that_does(action, message)}#{_TOKEN}",
            }
            for action, label in _actions(message.kind)
        ],
        "data": {
            "delivery": str(message.delivery_id),
            "token": _TOKEN,
            "kind": message.kind,
            "day": message.counts_for.isoformat(),
        },
    }


def _page(message: Message) -> str:
    """Where a tap leads on a phone without buttons. The token follows behind `#`, so no server log has it.

    What the notification says, the tap does. A text that says only that a check-in is ready must not add a
    glass: whoever cannot know what a tap means has not said it, so there the page asks first.
    """
    if message.kind in (ReminderKind.CHECK_IN, ReminderKind.AFTERCARE, TEST):
        return f"/today?delivery={message.delivery_id}"
    first, _label = _actions(message.kind)[0]
    return _page_that_does(first, message) if message.detail else f"/did/{message.delivery_id}?ask={first}"


def _page_that_does(action: str, message: Message) -> str:
    return f"/did/{message.delivery_id}?action={action}"


def _words(message: Message) -> tuple[str, str]:
    if message.kind == TEST:
        return _both(OF_A_TEST)
    if not message.detail:
        return _both(NEUTRAL)
    of_step = OF_A_STEP[StepKind(message.step)] if message.step else None
    title, body = _both(of_step or DETAIL[ReminderKind(message.kind)])
    return title, message.text or body


def _both(words: tuple[str, str]) -> tuple[str, str]:
    title, body = words
    return _(title), _(body)


def _actions(kind: str) -> tuple[tuple[str, str], ...]:
    return () if kind == TEST else ACTIONS.get(ReminderKind(kind), ONLY_LATER)


def _keyed(purpose: bytes, delivery_id: UUID, key: bytes) -> str:
    digest = hmac.digest(key, purpose + b":" + delivery_id.bytes, hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:24]).decode()
