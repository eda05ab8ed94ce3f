"""Counts what became of messages, for a monitoring system. Imported only where somebody watches."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter

from app.reminders.endpoint_guard import origin_of
from app.reminders.mailbox import is_mailbox
from app.reminders.verdict import Outcome

MAIL_SERVER = "e-mail"
ELSEWHERE = "elsewhere"
"""An address nothing is sent to; it may hold anything, so it is not told."""


class MessagesCounted:
    """Since this process started. Processes that serve together tell each other, as with requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._messages = Counter(
            "aftercare_messages",
            "Messages, by push service and what it said of them.",
            ("origin", "verdict"),
            registry=registry,
        )

    def count(self, endpoint: str, outcome: Outcome) -> None:
        self._messages.labels(_service_of(endpoint, outcome), outcome.verdict.value).inc()


def _service_of(endpoint: str, outcome: Outcome) -> str:
    """The address of a device or a mailbox is nobody's business here."""
    if is_mailbox(endpoint):
        return MAIL_SERVER
    return ELSEWHERE if outcome.reason == "endpoint_refused" else origin_of(endpoint) or ELSEWHERE
