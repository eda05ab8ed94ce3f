"""Limits are counted in the database, so they are exact however many workers there are."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from app.access.care import INVITATIONS_AN_HOUR, invite, invite_within_limit
from app.access.sign_ins import ATTEMPTS_PER_ACCOUNT, count_attempt
from app.database import Database
from app.errors import AftercareError
from app.reminders.devices import NEW_DEVICES_AN_HOUR, SubscriptionIn, subscribe_within_limit
from app.reminders.endpoint_guard import guard_for
from app.reminders.ledger import TESTS_PER_MINUTE, order_test_in_patience
from builders import NOON, a_device, a_patient, a_therapist
from faults.good_requests import a_public_key

OVER = 10


@pytest.fixture
def workers(database_url: str) -> Any:
    """Two processes would hold two of these."""
    opened = [Database(database_url) for _worker in range(2)]
    yield opened
    for one in opened:
        one.close()


def asked(workers: list[Database], times: int, fn: Callable[..., Any], *said: Any) -> Counter[str]:
    """How often it was done and how often not, asked of both at once."""

    async def ask() -> list[Any]:
        turns = [workers[turn % 2].write(fn, *said) for turn in range(times)]
        return await asyncio.gather(*turns, return_exceptions=True)

    answers = asyncio.run(ask())
    assert not [a for a in answers if isinstance(a, Exception) and not isinstance(a, AftercareError)]
    return Counter(a.code if isinstance(a, AftercareError) else "done" for a in answers)


def done_by(workers: list[Database], fn: Callable[..., Any], *said: Any) -> Any:
    return asyncio.run(workers[0].write(fn, *said))


def test_guesses_are_counted_exactly(workers: list[Database]) -> None:
    times = ATTEMPTS_PER_ACCOUNT + OVER
    counted = asked(workers, times, count_attempt, ["a" * 64, "b" * 64], NOON)
    assert counted == {"done": ATTEMPTS_PER_ACCOUNT, "too_many": OVER}


def test_invitations_of_an_hour_are_counted_exactly(workers: list[Database]) -> None:
    rui_id = done_by(workers, a_therapist).id
    done_by(workers, invited_often, rui_id, INVITATIONS_AN_HOUR - OVER)
    assert asked(workers, 2 * OVER, invite_within_limit, rui_id, NOON) == {"done": OVER, "too_many": OVER}


def invited_often(db: Session, therapist_id: UUID, times: int) -> None:
    for _time in range(times):
        invite(db, therapist_id, NOON)


def test_new_devices_of_an_hour_are_counted_exactly(workers: list[Database]) -> None:
    ana = done_by(workers, a_patient)
    done_by(workers, many_forgotten_devices, ana.id, NEW_DEVICES_AN_HOUR - 3)
    guard = guard_for((), is_production=False)
    assert asked(workers, 3 + OVER, new_device, ana.id, guard) == {"done": 3, "too_many": OVER}


def many_forgotten_devices(db: Session, account_id: UUID, count: int) -> None:
    for _device in range(count):
        a_device(db, account_id).forget(at=NOON)


def new_device(db: Session, account_id: UUID, guard: Any) -> None:
    endpoint = f"https://updates.push.services.mozilla.com/wpush/v2/{uuid4()}"
    said = {"endpoint": endpoint, "keys": {"p256dh": a_public_key(), "auth": "A" * 22}}
    subscribe_within_limit(db, account_id, SubscriptionIn.model_validate(said), guard, NOON)


def test_tests_of_a_minute_are_counted_exactly(workers: list[Database]) -> None:
    ana = done_by(workers, a_patient)
    done_by(workers, a_device, ana.id)
    counted = asked(workers, TESTS_PER_MINUTE + OVER, order_test_in_patience, ana, NOON)
    assert counted == {"done": TESTS_PER_MINUTE, "too_many": OVER}
