"""Functions that wait for their transaction, and the threads that take them from one bounded queue."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.errors import Busy

T = TypeVar("T")

QUEUE_LENGTH = 2000
"""Longer than that nobody waits: whoever comes then is told that it is busy."""


@dataclass(slots=True)
class Call:
    """A function waiting for its turn, and the loop that waits for its answer."""

    run: Callable[[Session], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    asked_at: float = field(default_factory=time.monotonic)
    result: Any = None
    error: BaseException | None = None

    def answer(self) -> None:
        # The loop may be gone by now; then nobody waits for the answer.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Threads:
    """Threads that take calls from one bounded queue."""

    def __init__(self, name: str, count: int, serve: Callable[[Calls, Call], None]) -> None:
        self._calls: Calls = queue.SimpleQueue()
        self._serve = serve
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    async def run(self, function: Callable[[Session], T]) -> T:
        if self._calls.qsize() >= QUEUE_LENGTH:
            raise Busy
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        in_this_context = copy_context().run
        self._calls.put(Call(lambda db: in_this_context(function, db), loop, future))
        return await future

    @property
    def waiting(self) -> int:
        return self._calls.qsize()

    def close(self) -> None:
        for _thread in self._threads:
            self._calls.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            self._serve(self._calls, call)


Calls = queue.SimpleQueue["Call | None"]


def queued(calls: Calls, *, at_most: int) -> Iterator[Call]:
    for _turn in range(at_most):
        try:
            call = calls.get_nowait()
        except queue.Empty:
            return
        if call is None:
            calls.put(None)
            return
        yield call
