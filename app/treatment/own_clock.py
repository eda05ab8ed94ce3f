"""A patient's own settings, with what they mean for the steps that are on their way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.accounts import Me, ProfileIn, change_me
from app.models.patient import Patient, patient_profile
from app.reminders.aftercare import plan_sequences
from app.treatment.intake import one_at_a_time


def change_settings(db: Session, account_id: UUID, change: ProfileIn, now: datetime) -> Me:
    """Change what is named. Steps after a session move out of new quiet hours, and into another zone."""
    moves_steps = {"zone", "quiet_from", "quiet_until"} & change.model_fields_set
    patient = db.get(Patient, account_id) if moves_steps else None
    if patient is not None:
        one_at_a_time(db, patient.id)
    changed = change_me(db, account_id, change, now)
    if patient is not None:
        plan_sequences(db, patient_profile(db, patient.id), now)
    return changed
