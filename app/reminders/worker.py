"""The loop that sends reminders: claim, send, record, sleep until the next one is due.

Any number of workers may run, in the serving process and beside it; the database hands every
delivery to one of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from app.clock import utc_now
from app.database import Database
from app.reminders.dispatch import Parcel, claim_due, next_due_at
from app.reminders.endpoint_guard import guard_for
from app.reminders.heartbeat import Heartbeat
from app.reminders.letter import Letter, Postman
from app.reminders.mailbox import is_mailbox
from app.reminders.message import compose, topic_of
from app.reminders.outcomes import record_outcomes
from app.reminders.plans_begun import PlansBegun
from app.reminders.replan import Replanning
from app.reminders.verdict import Outcome, Verdict
from app.reminders.web_push import Envelope, PushSender, Sealed, VapidKey
from app.settings import Secrets, Settings

if TYPE_CHECKING:
    from app.reminders.counted import MessagesCounted

LOOKS_AT_LEAST_EVERY = timedelta(seconds=10)
"""Another process may add a reminder, and the computer's clock may be set."""
AFTER_AN_ERROR = timedelta(seconds=5)
WHILE_OTHERS_CLAIM = timedelta(milliseconds=50)
CLAIMED_AT_ONCE = 256
IN_FLIGHT_AT_MOST = 1024
SEALED_TOGETHER = 32
"""Encrypted in one go, which keeps at hand what it needs; after a few milliseconds others get their turn."""
RECORDED_TOGETHER = 256
SECONDS_FOR_COMPANY = 0.05
"""While messages are in flight an outcome waits so long for others, to be written in one transaction."""
PAUSES_BEFORE_RECORDING_AGAIN = (0.1, 1, 5)
SECONDS_TO_FINISH = 5

log = structlog.get_logger()


class ReminderWorker:
    """One loop over one database. `last_beat` is when it last looked, None before the first time; `messages`
    counts what became of them, None where nobody watches."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        secrets: Secrets,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        messages: MessagesCounted | None = None,
    ) -> None:
        self.last_beat: datetime | None = None
        self._database = database
        self._settings = settings
        self._secrets = secrets
        self._clock = clock
        self._monotonic = monotonic
        self._heartbeat = Heartbeat(database)
        self._replanning = Replanning(database, settings.reminder_jitter)
        self._plans_begun = PlansBegun(database)
        self._postman = Postman(settings, secrets)
        self._messages = messages
        self._woken = asyncio.Event()
        self._stopping = False
        self._in_flight: set[asyncio.Task[None]] = set()
        self._outcomes: asyncio.Queue[tuple[Parcel, Outcome]] = asyncio.Queue()

    def wake(self) -> None:
        """Look again now: a reminder, a device or a test has changed."""
        self._woken.set()

    def stop(self) -> None:
        """Claim nothing more; `run` ends when what is in flight has ended."""
        self._stopping = self._postman.is_closing = True
        self._woken.set()

    async def beat(self) -> None:
        """Say in the database that this worker is alive, unless it said so just now."""
        await self._heartbeat.beat(self._clock())

    async def run(self) -> None:
        """Send reminders until stopped."""
        guard = guard_for(self._settings.push_extra_hosts, is_production=self._settings.is_production)
        vapid = VapidKey(self._secrets.vapid_private_pem, self._settings.vapid_contact)
        async with PushSender(vapid, guard, monotonic=self._monotonic) as sender:
            recording = asyncio.create_task(self._record_outcomes())
            replanning = asyncio.create_task(self._replanning.keep_going(self._clock))
            try:
                while not self._stopping:
                    self._woken.clear()
                    await self.beat()
                    await self._sleep(await self._look(sender))
            finally:
                replanning.cancel()
                await self._finish(recording)
                await self._heartbeat.end()

    async def _look(self, sender: PushSender) -> timedelta:
        """Claim and start sending what is due; answers how long to sleep."""
        self.last_beat = now = self._clock()
        try:
            await self._replanning.look(now)
            await self._plans_begun.look(now)
            due_at = await self._database.read(next_due_at)
            if due_at is None or due_at > now:
                return min(due_at - now, LOOKS_AT_LEAST_EVERY) if due_at else LOOKS_AT_LEAST_EVERY
            room = min(CLAIMED_AT_ONCE, IN_FLIGHT_AT_MOST - len(self._in_flight))
            if room <= 0:
                return LOOKS_AT_LEAST_EVERY
            jitter = self._settings.reminder_jitter
            parcels = await self._database.write(claim_due, now, jitter, room)
        except Exception as error:
            log.error("reminders.look_failed", error=error)
            return AFTER_AN_ERROR
        if parcels:
            log.info("reminders.sending", messages=len(parcels))
        for first in range(0, len(parcels), SEALED_TOGETHER):
            self._set_off(sender, parcels[first : first + SEALED_TOGETHER])
            await asyncio.sleep(0)
        return timedelta() if parcels else WHILE_OTHERS_CLAIM

    def _set_off(self, sender: PushSender, parcels: Iterable[Parcel]) -> None:
        """Seal these and start sending them, all that can be sent."""
        now = self._clock()
        sealed = [(parcel, self._seal(sender, parcel, now)) for parcel in parcels]
        for parcel, message in sealed:
            if isinstance(message, Outcome):
                self._note(parcel, message)
            else:
                self._start(asyncio.create_task(self._send(sender, parcel, message)))

    def _seal(self, sender: PushSender, parcel: Parcel, now: datetime) -> Sealed | Letter | Outcome:
        try:
            if is_mailbox(parcel.endpoint):
                return self._postman.write(parcel, now)
            return sender.seal(self._envelope(parcel, now))
        except Exception as error:
            return _unexpected(parcel, error)

    def _start(self, sending: asyncio.Task[None]) -> None:
        self._in_flight.add(sending)
        sending.add_done_callback(self._landed)

    def _landed(self, sending: asyncio.Task[None]) -> None:
        was_full = len(self._in_flight) >= IN_FLIGHT_AT_MOST
        self._in_flight.discard(sending)
        if was_full:
            self._woken.set()

    async def _send(self, sender: PushSender, parcel: Parcel, message: Sealed | Letter) -> None:
        try:
            if isinstance(message, Letter):
                outcome = await self._postman.deliver(message, self._clock)
            else:
                outcome = await sender.send(message, self._clock())
        except Exception as error:
            outcome = _unexpected(parcel, error)
        self._note(parcel, outcome)

    def _note(self, parcel: Parcel, outcome: Outcome) -> None:
        if self._messages is not None:
            self._messages.count(parcel.endpoint, outcome)
        self._outcomes.put_nowait((parcel, outcome))

    def _envelope(self, parcel: Parcel, now: datetime) -> Envelope:
        key = self._secrets.key
        return Envelope(
            endpoint=parcel.endpoint,
            p256dh=parcel.p256dh,
            auth=parcel.auth,
            plaintext=compose(parcel.message, public_url=self._settings.public_url, key=key),
            ttl=max(1, int((parcel.valid_until - now).total_seconds())),
            topic=topic_of(parcel.delivery_id, key),
            attempt=parcel.attempt,
            server_key=parcel.server_key,
        )

    async def _record_outcomes(self) -> None:
        """Write outcomes down as they come in, many in one transaction."""
        while True:
            outcomes = [await self._outcomes.get()]
            if self._in_flight:
                await asyncio.sleep(SECONDS_FOR_COMPANY)
            while not self._outcomes.empty() and len(outcomes) < RECORDED_TOGETHER:
                outcomes.append(self._outcomes.get_nowait())
            await self._record(outcomes)
            for _outcome in outcomes:
                self._outcomes.task_done()
            self._woken.set()

    async def _record(self, outcomes: list[tuple[Parcel, Outcome]]) -> None:
        """What cannot be recorded is sent again when its lease runs out, and replaces itself on the phone."""
        for pause in PAUSES_BEFORE_RECORDING_AGAIN:
            try:
                return await self._database.write(record_outcomes, outcomes, self._clock())
            except Exception as error:
                log.error("reminders.record_failed", outcomes=len(outcomes), error=error)
            await asyncio.sleep(pause)

    async def _sleep(self, pause: timedelta) -> None:
        if self._stopping or not pause:
            return
        try:
            async with asyncio.timeout(pause.total_seconds()):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _finish(self, recording: asyncio.Task[None]) -> None:
        """Let what is in flight land and be recorded; what takes too long is left to its lease."""
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=SECONDS_TO_FINISH)
        for sending in self._in_flight:
            sending.cancel()
        try:
            async with asyncio.timeout(SECONDS_TO_FINISH):
                await self._outcomes.join()
        except TimeoutError:
            log.error("reminders.outcomes_left_behind", outcomes=self._outcomes.qsize())
        recording.cancel()


def _unexpected(parcel: Parcel, error: Exception) -> Outcome:
    log.error("reminders.send_failed", delivery=str(parcel.delivery_id), error=error)
    return Outcome(Verdict.FAILED, "unexpected")
