from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from app.reminders.push_origin import AT_FIRST, AT_MOST, FAILURES_IN_A_ROW, LONGEST_REST_SECONDS, PushOrigin
from app.reminders.verdict import Outcome, Verdict

pytestmark = pytest.mark.anyio

ACCEPTED = Outcome(Verdict.ACCEPTED, None, 201)
SLOWLY, QUICKLY = 0.1, 0.005
"""Seconds until an answer."""
UNAVAILABLE = Outcome(Verdict.RETRY, "unavailable", 503)


class Seconds:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.passed = 1000.0

    def __call__(self) -> float:
        return self.passed


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def origin(clock: Seconds) -> PushOrigin:
    return PushOrigin("https://push.example", clock)


async def let_through(origin: PushOrigin, wanted: int) -> int:
    """How many of so many messages get their turn at once; they stay under way."""
    turns = [asyncio.ensure_future(origin.turn()) for _number in range(wanted)]
    await asyncio.sleep(0)
    return sum(turn.done() and turn.result() for turn in turns)


async def fail(origin: PushOrigin, times: int) -> None:
    for _time in range(times):
        assert await origin.turn()
        origin.land(UNAVAILABLE, SLOWLY)


async def test_only_a_few_connections_are_opened_at_first(origin: PushOrigin) -> None:
    assert await let_through(origin, 100) == AT_FIRST


async def test_every_answer_lets_one_more_through(origin: PushOrigin) -> None:
    for _message in range(AT_MOST):
        assert await origin.turn()
        origin.land(ACCEPTED, SLOWLY)
    assert await let_through(origin, AT_MOST + 50) == AT_MOST


async def test_a_service_that_answers_quickly_needs_no_more_connections(origin: PushOrigin) -> None:
    for _message in range(AT_MOST):
        assert await origin.turn()
        origin.land(ACCEPTED, QUICKLY)
    assert await let_through(origin, AT_MOST) == AT_FIRST


async def test_a_failure_halves_what_goes_at_a_time(origin: PushOrigin) -> None:
    await fail(origin, 1)
    assert await let_through(origin, 100) == AT_FIRST // 2


async def test_after_a_long_silence_it_starts_small_again(origin: PushOrigin, clock: Seconds) -> None:
    for _message in range(100):
        assert await origin.turn()
        origin.land(ACCEPTED, SLOWLY)
    clock.passed += 60
    assert await let_through(origin, 100) == AT_FIRST


async def test_who_waits_goes_when_another_has_landed(origin: PushOrigin) -> None:
    await let_through(origin, AT_FIRST)
    waiting = asyncio.ensure_future(origin.turn())
    await asyncio.sleep(0)
    assert not waiting.done()
    origin.land(ACCEPTED, SLOWLY)
    assert await waiting


async def test_nobody_waits_for_ever() -> None:
    origin = PushOrigin("https://push.example", patience=0.05)
    await let_through(origin, AT_FIRST)
    async with asyncio.timeout(5):
        assert not await origin.turn()


async def test_a_service_that_keeps_failing_rests(origin: PushOrigin) -> None:
    await fail(origin, FAILURES_IN_A_ROW)
    assert not await origin.turn()
    assert origin.rest_left > 0


async def test_one_message_finds_out_whether_a_rest_was_enough(origin: PushOrigin, clock: Seconds) -> None:
    await fail(origin, FAILURES_IN_A_ROW)
    clock.passed += 5
    assert await let_through(origin, 10) == 1
    origin.land(ACCEPTED, SLOWLY)
    assert await let_through(origin, 10) > 1


async def test_rests_grow_while_nothing_gets_better(origin: PushOrigin, clock: Seconds) -> None:
    await fail(origin, FAILURES_IN_A_ROW)
    for _rest in range(6):
        clock.passed += LONGEST_REST_SECONDS
        await fail(origin, 1)
    clock.passed += LONGEST_REST_SECONDS - 1
    assert not await origin.turn()


async def test_a_service_that_had_too_much_is_left_alone_as_long_as_it_asked(
    origin: PushOrigin, clock: Seconds
) -> None:
    assert await origin.turn()
    origin.land(Outcome(Verdict.RETRY, "too_many", 429, timedelta(minutes=2)), SLOWLY)
    clock.passed += 119
    assert not await origin.turn()
    clock.passed += 1
    assert await origin.turn()


async def test_who_waits_is_turned_away_when_a_rest_begins(origin: PushOrigin) -> None:
    await let_through(origin, AT_FIRST)
    waiting = asyncio.ensure_future(origin.turn())
    await asyncio.sleep(0)
    origin.land(Outcome(Verdict.RETRY, "too_many", 429, timedelta(minutes=2)), SLOWLY)
    assert not await waiting
