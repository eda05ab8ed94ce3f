"""The JSON door."""

from fastapi import FastAPI

from app.api import (
    aftercare_templates,
    calendar,
    care,
    deliveries,
    entries,
    insights,
    log,
    mailbox,
    notes,
    operations,
    passkeys,
    patients,
    people,
    plan,
    practice,
    push,
    reminders,
    reports,
    sessions,
    takeout,
    today,
)
from app.api.problems import ERROR_ANSWERS

# The log comes first: routes are tried in turn, and a phone asks for these most.
NOUNS = (
    entries,
    log,
    today,
    mailbox,
    reminders,
    push,
    deliveries,
    people,
    passkeys,
    care,
    patients,
    plan,
    notes,
    insights,
    sessions,
    aftercare_templates,
    practice,
    calendar,
    reports,
    takeout,
)


def add_to(app: FastAPI) -> None:
    """Open every route of the JSON door."""
    for noun in NOUNS:
        app.include_router(noun.router, prefix="/api", responses=ERROR_ANSWERS)
    app.include_router(calendar.feed, responses=ERROR_ANSWERS)
    app.include_router(operations.router)
