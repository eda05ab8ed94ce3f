"""A device that reminders can reach, and every occurrence that was meant for it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel


class PushSubscription(SQLModel, table=True):
    """One browser's push subscription, or a mailbox (`reminders/mailbox.py`). The endpoint is
    unique and moves with its device.

    `p256dh` (65 bytes) and `auth` (16 bytes) are base64url without padding. `failing_since` is since when the
    push service has not taken its messages. `strikes` counts those it refused for a reason of the device's
    own; one message it takes sets both back.
    `disabled_at` is when nothing more was sent because of that. `server_key` names the application
    server key the browser subscribed with, `last_seen_at` is when that browser last told us about itself,
    and `sign_in_id` through which sign-in: signing out there ends its reminders.
    """

    __tablename__ = "push_subscription"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    endpoint: str = Field(unique=True, max_length=1024)
    p256dh: str = Field(max_length=128)
    auth: str = Field(max_length=64)
    device_name: str = Field(default="", max_length=100)
    detail: bool = False
    created_at: datetime
    last_accepted_at: datetime | None = None
    last_shown_at: datetime | None = None
    strikes: int = 0
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    server_key: str | None = Field(default=None, max_length=32)
    last_seen_at: datetime | None = None
    sign_in_id: UUID | None = Field(default=None, foreign_key="sign_in.id", ondelete="SET NULL", index=True)
    forgotten_at: datetime | None = None

    def forget(self, *, at: datetime) -> None:
        self.forgotten_at = self.forgotten_at or at

    def give_up_endpoint(self, *, at: datetime) -> None:
        """It has another owner now. What it received before stays with the one it was for."""
        self.forget(at=at)
        self.endpoint, self.p256dh, self.auth = f"moved:{self.id}", "", ""


TEST = "test"
"""The kind of a delivery the patient asked for to see whether reminders arrive."""


class DeliveryState(StrEnum):
    """CLAIMED is being sent, or waits to be tried again; SENT was taken by a push service or a mail server;
    ACTED was answered. SUPPRESSED, EXPIRED and FAILED end without that, and the delivery's `reason` says why.
    """

    CLAIMED = "claimed"
    SENT = "sent"
    SHOWN = "shown"
    ACTED = "acted"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    FAILED = "failed"


class Delivery(SQLModel, table=True):
    """One occurrence of a reminder for one device: what became of it and, if nothing was sent, why.

    `kind` is a ReminderKind, or TEST. `day` and `slot` (HH:MM) are the occurrence in the patient's
    calendar; `counts_for` is the diary day it asks about, whenever it is answered. `put_off` marks one that
    the patient had put off until then.
    A claim is a lease: while `lease_until` lies ahead, one worker is sending or waiting to try again;
    after it, any worker may, until `valid_until`.
    """

    __table_args__ = (
        CheckConstraint(
            "state in ('claimed', 'sent', 'shown', 'acted', 'suppressed', 'expired', 'failed')",
            name="delivery_state",
        ),
        Index("one_delivery_per_device", "reminder_id", "day", "slot", "subscription_id", unique=True),
        Index(
            "one_delivery_without_device",
            "reminder_id",
            "day",
            "slot",
            unique=True,
            sqlite_where=text("subscription_id is null"),
            postgresql_where=text("subscription_id is null"),
        ),
        Index(
            "deliveries_in_flight",
            "lease_until",
            "account_id",
            sqlite_where=text("state = 'claimed'"),
            postgresql_where=text("state = 'claimed'"),
        ),
        Index("deliveries_of_account", "account_id", "planned_at"),
        Index(
            "deliveries_sent",
            "reminder_id",
            "sent_at",
            sqlite_where=text("sent_at is not null"),
            postgresql_where=text("sent_at is not null"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    reminder_id: UUID | None = Field(default=None, foreign_key="reminder.id", ondelete="SET NULL")
    subscription_id: UUID | None = Field(
        default=None, foreign_key="push_subscription.id", ondelete="CASCADE", index=True
    )
    kind: str = Field(max_length=16)
    day: date
    slot: str = Field(max_length=8)
    counts_for: date
    put_off: bool = False
    state: str
    reason: str | None = Field(default=None, max_length=32)
    http_status: int | None = None
    attempts: int = 0
    planned_at: datetime
    valid_until: datetime
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    sent_at: datetime | None = None
    shown_at: datetime | None = None
    opened_at: datetime | None = None
    acted_at: datetime | None = None
    undone_at: datetime | None = None
    action: str | None = Field(default=None, max_length=16)
    entry_id: UUID | None = None
