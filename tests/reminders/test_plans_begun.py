"""Workers find the plans that begin today, and each is arranged by one of them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.database import Database
from app.models.patient import PatientProfile
from app.models.plan_in_force import plan_history
from app.reminders.own_reminders import reminders_of
from app.reminders.plans_begun import PlansBegun
from builders import NOON, a_patient, a_plan, a_therapist, an_item

pytestmark = pytest.mark.anyio
PATIENCE = 5
"""In seconds, for what must not wait at all."""


def a_plan_for_tomorrow(db: Session) -> tuple[PatientProfile, datetime]:
    ana, rui_id = a_patient(db), a_therapist(db).id
    version = a_plan(db, ana, rui_id, an_item(reminder_times=["12:30"]), effective="tomorrow")
    return ana, version.effective_at


def reminder_ids(db: Session, ana: PatientProfile, now: datetime) -> list[UUID]:
    return [reminder.id for reminder in reminders_of(db, ana, now)]


async def test_before_the_day_begins_nothing_is_arranged(database: Database) -> None:
    ana, begins = await database.write(a_plan_for_tomorrow)
    await PlansBegun(database).look(begins - timedelta(seconds=1))
    assert await database.read(reminder_ids, ana, NOON) == []


async def test_of_many_workers_one_arranges_it(database: Database) -> None:
    ana, begins = await database.write(a_plan_for_tomorrow)
    await asyncio.gather(*(PlansBegun(database).look(begins) for _worker in range(6)))
    assert len(await database.read(reminder_ids, ana, begins)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_plan_that_is_being_changed_is_arranged_once(database: Database) -> None:
    ana, begins = await database.write(a_plan_for_tomorrow)
    written, looked = Event(), Event()

    def change(db: Session) -> None:
        (newest,) = plan_history(db, ana.id).newest()
        assert newest.author_id is not None
        a_plan(db, ana, newest.author_id, an_item(dose="5 times", reminder_times=["12:30"]), now=begins)
        written.set()
        looked.wait(PATIENCE)

    changing = asyncio.create_task(database.write(change))
    await asyncio.to_thread(written.wait, PATIENCE)
    await PlansBegun(database).look(begins)
    looked.set()
    await changing
    await PlansBegun(database).look(begins)
    assert len(await database.read(reminder_ids, ana, begins)) == 1
