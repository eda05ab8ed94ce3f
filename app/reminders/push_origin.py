"""How one push service is treated: how many messages at a time, and when it is left alone."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable

import structlog

from app.reminders.verdict import TOO_MANY, VAPID_REFUSED, Outcome, Verdict

AT_FIRST, AT_MOST = 16, 256
"""Messages on their way at a time, and so connections: opened all at once they overrun a short queue."""
ENOUGH_A_SECOND = 2560
"""As many at a time as carry so many messages a second are enough; each connection more only costs."""
IDLE_SECONDS = 15
"""After this long the connections are closed, and many would be opened at once again."""
PATIENCE_SECONDS = 3
"""How long a message waits for its turn; a slow service must not use up what others need."""
FAILURES_IN_A_ROW = 16
ALARM_EVERY_SECONDS = 60
REST_SECONDS, LONGEST_REST_SECONDS = 5, 60

log = structlog.get_logger()


class PushOrigin:
    """One push service as this process knows it.

    The number of messages at a time grows with every one that is answered, as long as answers take so much
    time that it pays, and halves with every failure.
    After FAILURES_IN_A_ROW the service rests; then one message tries whether it is back. `monotonic`
    counts seconds; `patience` is in seconds too.
    """

    def __init__(
        self,
        name: str,
        monotonic: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._name = name
        self._monotonic = monotonic
        self._patience = patience
        self._limit = AT_FIRST
        self._under_way = 0
        self._waiting: deque[tuple[float, asyncio.Future[bool]]] = deque()
        self._impatience: asyncio.TimerHandle | None = None
        self._failures = 0
        self._rest_seconds = REST_SECONDS
        self._closed_until = 0.0
        self._last_landed = 0.0
        self._alarmed = -math.inf

    @property
    def rest_left(self) -> float:
        """Seconds until it is worth asking for a turn again, after one was refused."""
        return max(self._closed_until - self._monotonic(), self._patience)

    async def turn(self) -> bool:
        """True when this message may go, and must then `land`; False when the service is left alone."""
        if self._is_closed():
            return False
        if self._under_way < self._limit and not self._waiting:
            self._set_off()
            return True
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((asyncio.get_running_loop().time(), turn))
        self._watch_patience()
        return await turn

    def land(self, outcome: Outcome | None, took: float) -> None:
        """A message has come to its end after `took` seconds; None when nobody knows how."""
        self._under_way -= 1
        self._last_landed = self._monotonic()
        if outcome is not None:
            self._judge(outcome, took)
        if self._is_closed():
            self._turn_away(len(self._waiting))
        while self._waiting and self._under_way < self._limit:
            _since, turn = self._waiting.popleft()
            if not turn.done():
                self._under_way += 1
                turn.set_result(True)

    def _set_off(self) -> None:
        if self._under_way == 0 and self._monotonic() - self._last_landed > IDLE_SECONDS:
            self._limit = min(self._limit, AT_FIRST)
        self._under_way += 1

    def _is_closed(self) -> bool:
        """Resting, or trying with one message whether the rest was long enough."""
        if self._monotonic() < self._closed_until:
            return True
        return self._failures >= FAILURES_IN_A_ROW and self._under_way > 0

    def _judge(self, outcome: Outcome, took: float) -> None:
        if outcome.verdict is Verdict.FAILED and outcome.http_status is None:
            return
        if outcome.reason == VAPID_REFUSED:
            self._raise_alarm(outcome)
        if outcome.verdict is not Verdict.RETRY:
            self._failures, self._rest_seconds = 0, REST_SECONDS
            if self._limit < took * ENOUGH_A_SECOND:
                self._limit = min(self._limit + 1, AT_MOST)
            return
        self._failures += 1
        self._limit = max(self._limit // 2, 1)
        if outcome.reason == TOO_MANY:
            self._close(outcome.wait.total_seconds())
        elif self._failures >= FAILURES_IN_A_ROW and not self._is_resting():
            log.warning("push.service_resting", origin=self._name, reason=outcome.reason)
            self._close(self._rest_seconds)
            self._rest_seconds = min(self._rest_seconds * 2, LONGEST_REST_SECONDS)

    def _raise_alarm(self, outcome: Outcome) -> None:
        """A fresh signature was refused, so all that we send there will be: for the operator to mend."""
        if self._monotonic() - self._alarmed >= ALARM_EVERY_SECONDS:
            self._alarmed = self._monotonic()
            log.error("push.vapid_refused", origin=self._name, http_status=outcome.http_status)

    def _is_resting(self) -> bool:
        return self._monotonic() < self._closed_until

    def _close(self, seconds: float) -> None:
        self._closed_until = max(self._closed_until, self._monotonic() + seconds)

    def _watch_patience(self) -> None:
        """One timer for all who wait, set for the one who came first."""
        if self._impatience is None and self._waiting:
            since, _turn = self._waiting[0]
            loop = asyncio.get_running_loop()
            self._impatience = loop.call_at(since + self._patience, self._lose_patience)

    def _lose_patience(self) -> None:
        self._impatience = None
        long_ago = asyncio.get_running_loop().time() - self._patience
        self._turn_away(sum(since <= long_ago for since, _turn in self._waiting))
        self._watch_patience()

    def _turn_away(self, count: int) -> None:
        for _number in range(count):
            _since, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(False)
