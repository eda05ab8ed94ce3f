"""What the doctor asks the database about sending: clocks, zone data, workers, what is overdue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import utc_now, zone_data_version
from app.doctor.check import Check, counted, in_order, roughly, to_mend, worth_a_look
from app.doctor.installation import compared
from app.models.push import Delivery, DeliveryState
from app.models.reminder import Reminder
from app.models.worker_beat import WorkerBeat, worker_beats
from app.models.zone_data import ZoneData

OVERDUE_AFTER = timedelta(minutes=2)
LOOKED_BACK = timedelta(days=1)


def examine_sending(db: Session, now: datetime) -> Iterator[Check]:
    """Whether reminders leave, and leave on time."""
    yield database_clock(db)
    yield zone_data(db)
    yield from workers(db, now)
    yield overdue(db, now)


def database_clock(db: Session, clock: Callable[[], datetime] = utc_now) -> Check:
    """A database server may stand on another computer; SQLite has no clock of its own."""
    name = "clock of the database"
    if db.get_bind().dialect.name == "sqlite":
        return in_order(name, "it is ours.")
    asked_at = clock()
    theirs: datetime = db.execute(select(func.clock_timestamp())).scalar_one()
    return compared(name, theirs - (asked_at + (clock() - asked_at) / 2))


def zone_data(db: Session) -> Check:
    """Clocks are changed by law. The edition all reminders were planned by, and the one installed here."""
    name, planned = "zone data", db.get(ZoneData, 1)
    installed = zone_data_version()
    if planned is None or planned.version == installed:
        return in_order(name, f"edition {installed}.")
    found = f"reminders were planned by edition {planned.version}, and edition {installed} is installed here."
    return worth_a_look(name, found, "Start a worker with the newer one again; it plans all reminders anew.")


def workers(db: Session, now: datetime) -> Iterator[Check]:
    """Whether anybody sends reminders, in time, and by a clock that can be trusted."""
    beats = worker_beats(db)
    alive = [beat for beat in beats if beat.is_alive(now)]
    if not alive:
        last = (
            f"the last one was heard {roughly(now - beats[0].beat_at)} ago"
            if beats
            else "none was heard today"
        )
        fix = "Start `python -m app serve` or `python -m app worker`, and look at its log."
        yield to_mend("workers", f"nobody sends reminders; {last}.", fix)
    else:
        yield _alive(alive)
    for beat in beats:
        if beat in alive:
            yield from _clock_of(beat, now)
        else:
            found = f"process {beat.process_id} fell silent {roughly(now - beat.beat_at)} ago."
            yield worth_a_look(f"worker on {beat.host}", found, "If you did not end it, look at its log.")


def overdue(db: Session, now: datetime) -> Check:
    """Reminders nobody has looked at, and claims nobody has gone on with."""
    name, since = "overdue reminders", now - OVERDUE_AFTER
    reminders = select(func.count()).select_from(Reminder).where(col(Reminder.due_at) < since)
    in_flight = col(Delivery.state) == DeliveryState.CLAIMED.value
    claims = select(func.count()).select_from(Delivery).where(in_flight, col(Delivery.lease_until) < since)
    count = (db.scalar(reminders) or 0) + (db.scalar(claims) or 0)
    if not count:
        return in_order(name, "none.")
    found = f"{counted(count, 'reminder')} should have left more than {roughly(OVERDUE_AFTER)} ago."
    return to_mend(name, found, "See whether a worker runs; if one does, start another beside it.")


def _alive(alive: list[WorkerBeat]) -> Check:
    hosts = ", ".join(sorted({beat.host for beat in alive}))
    lag = timedelta(seconds=max(beat.lag_seconds for beat in alive))
    found = f"{counted(len(alive), 'worker')} on {hosts}"
    if lag > OVERDUE_AFTER:
        fix = "Start another worker beside it, and see whether the database or the network is slow."
        return worth_a_look("workers", f"{found}, {roughly(lag)} behind with reminders.", fix)
    return in_order("workers", f"{found}, in time.")


def _clock_of(beat: WorkerBeat, now: datetime) -> Iterator[Check]:
    """A worker's clock against its own monotonic one, and against ours."""
    name = f"clock of {beat.host}"
    if beat.beat_at > now:
        yield compared(name, beat.beat_at - now)
    if beat.stepped_at is not None and now - beat.stepped_at < LOOKED_BACK:
        step = timedelta(seconds=beat.step_seconds)
        way = "forward" if step > timedelta() else "back"
        found = f"it jumped {way} by {roughly(step)}, {roughly(now - beat.stepped_at)} ago."
        yield worth_a_look(
            name, found, "Keep the computer from sleeping, and let it keep time over the network."
        )
