"""A mail server for the tests: it speaks SMTP on a port of its own, and keeps what it takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast


@dataclass
class MailServer:
    """`refusals` are answers to the next recipients instead of taking them, such as "451 later".

    `drops_after_data` closes the connection when a message has arrived, without saying what became of it.
    """

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    drops_after_data: bool = False
    connections: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._talk(reader, writer)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ready\r\n")
        while line := await reader.readline():
            verb = line.split()[0].upper().decode() if line.split() else ""
            if verb == "QUIT":
                writer.write(b"221 bye\r\n")
                return
            if verb == "DATA" and not await self._take(reader, writer):
                return
            if verb != "DATA":
                writer.write(self._answer(verb).encode() + b"\r\n")
            await writer.drain()

    def _answer(self, verb: str) -> str:
        if verb == "RCPT" and self.refusals:
            return self.refusals.pop(0)
        return "250 ok"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        writer.write(b"354 go on\r\n")
        await writer.drain()
        lines = []
        while (line := await reader.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        self.letters.append(cast(EmailMessage, letter))
        if self.drops_after_data:
            return False
        writer.write(b"250 taken\r\n")
        return True


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    mail = MailServer()
    server = await asyncio.start_server(mail.talk, "127.0.0.1", 0)
    mail.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mail
