"""The loop that sends the daily letters. Any number of workers may run it; each letter goes out once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog

from app.clock import utc_now
from app.database import Database
from app.letters.daily import written
from app.letters.daily_due import Letter, claim_letter, due_letters, note_failed, note_sent
from app.post import Posted, post
from app.settings import Secrets, Settings

LOOKS_EVERY_SECONDS = 60

log = structlog.get_logger()


class DigestWorker:
    """Sends what is due, one letter after the other. Without a mail server it does nothing."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        secrets: Secrets,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._settings = settings
        self._secrets = secrets
        self._clock = clock

    async def run(self) -> None:
        """Send letters until cancelled."""
        while self._settings.sends_mail:
            await self.look()
            await asyncio.sleep(LOOKS_EVERY_SECONDS)

    async def look(self) -> None:
        """Send what is due now. A database or a mail server that is away is met again later."""
        try:
            reached: UUID | None = UUID(int=0)
            while reached is not None:
                due, reached = await self._database.read(due_letters, reached, self._clock())
                await self._send_each(due)
        except Exception as error:
            log.error("digest.look_failed", error=error)

    async def _send_each(self, due: list[UUID]) -> None:
        """One at a time, so that what stops one letter, or this worker, leaves the others to be sent."""
        for therapist_id in due:
            try:
                if letter := await self._database.write(claim_letter, therapist_id, self._clock()):
                    await self._send(letter)
            except Exception as error:
                log.error("digest.send_failed", therapist=str(therapist_id), error=error)

    async def _send(self, letter: Letter) -> None:
        settings, now = self._settings, self._clock()
        message = written(letter, settings, self._secrets.key, now)
        posted = await asyncio.to_thread(post, message, settings)
        if posted is Posted.ACCEPTED:
            await self._database.write(note_sent, letter)
            return
        log.error("digest.not_sent", therapist=str(letter.therapist_id), why=posted.value)
        may_try_again = posted is Posted.REFUSED_FOR_NOW
        await self._database.write(note_failed, letter, self._clock(), may_try_again)
