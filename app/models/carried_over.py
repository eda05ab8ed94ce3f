"""What came back with a take-out although nothing here can act upon it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class CarriedOver(SQLModel, table=True):
    """A record of another account of the same person: a look, a consent, a browser, a delivery.

    It opens nothing and reminds nobody; it is only handed out again with the next take-out. `record` is
    canonical JSON and `digest` its SHA-256, so that what is brought in twice is kept once.
    """

    __tablename__ = "carried_over"
    __table_args__ = (UniqueConstraint("account_id", "noun", "digest", name="one_of_each_carried_over"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    noun: str = Field(max_length=32)
    digest: str = Field(max_length=64)
    record: str = Field(sa_column=Column(Text, nullable=False))
