"""The tutorial's shape: `def` routes, a session for each request, ORM objects read, changed and saved.

It does the same as the product for two requests, on the same tables, as the manuals of its libraries show it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Cookie, Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlmodel import Session, col, create_engine, select

from app.models.account import Account, SignIn
from app.models.daily_log import DailyLog, LogEntry
from app.models.patient import Patient

engine = create_engine(os.environ["BENCHMARK_DATABASE"].replace("postgresql:", "postgresql+psycopg:"))
app = FastAPI()


class EntryIn(BaseModel):
    id: UUID
    day: date
    recorded_at: datetime
    set: dict[str, Any]


class EntriesIn(BaseModel):
    entries: list[EntryIn]


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def get_patient(session: SessionDep, aftercare: Annotated[str, Cookie()]) -> Patient:
    token_hash = hashlib.sha256(aftercare.encode()).hexdigest()
    sign_in = session.exec(select(SignIn).where(SignIn.token_hash == token_hash)).first()
    if sign_in is None or sign_in.ended_at is not None:
        raise HTTPException(401)
    account = session.get(Account, sign_in.account_id)
    patient = session.get(Patient, sign_in.account_id)
    if account is None or patient is None:
        raise HTTPException(403)
    return patient


PatientDep = Annotated[Patient, Depends(get_patient)]


@app.post("/api/entries")
def save_entries(sent: EntriesIn, session: SessionDep, patient: PatientDep) -> dict[str, Any]:
    now, days = datetime.now(UTC), []
    for entry in sent.entries:
        stored = LogEntry(
            id=entry.id,
            patient_id=patient.id,
            day=entry.day,
            recorded_at=entry.recorded_at,
            received_at=now,
            ordered_at=now,
            source="app",
            late=False,
            content=json.dumps({"add": {}, "set": entry.set}),
        )
        session.add(stored)
        session.commit()
        days.append(_refold(session, patient.id, entry.day, now))
    patient.last_logged_at = now
    session.add(patient)
    session.commit()
    return {"results": [{"id": entry.id, "status": "accepted"} for entry in sent.entries], "days": days}


@app.get("/api/days")
def read_days(first: date, last: date, session: SessionDep, patient: PatientDep) -> dict[str, list[DailyLog]]:
    of_patient = select(DailyLog).where(DailyLog.patient_id == patient.id)
    days = session.exec(
        of_patient.where(DailyLog.day >= first, DailyLog.day <= last).order_by(col(DailyLog.day))
    )
    return {"days": list(days)}


def _refold(session: Session, patient_id: UUID, day: date, now: datetime) -> DailyLog:
    of_day = select(LogEntry).where(LogEntry.patient_id == patient_id, LogEntry.day == day)
    entries = session.exec(of_day.order_by(col(LogEntry.ordered_at))).all()
    log = session.get(DailyLog, (patient_id, day))
    if log is None:
        log = DailyLog(patient_id=patient_id, day=day, first_logged_at=now, updated_at=now, late=False)
    for entry in entries:
        for name, value in json.loads(entry.content)["set"].items():
            setattr(log, name, value)
    log.updated_at = now
    session.add(log)
    session.commit()
    session.refresh(log)
    return log
