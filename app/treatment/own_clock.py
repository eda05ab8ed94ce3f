"""A patient's own settings, with what they mean for the steps that are on their way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.accounts import Me, ProfileIn, change_me
from app.models.account import Role
from app.models.patient import patient_profile
from app.reminders.aftercare import plan_sequences


def change_settings(db: Session, account_id: UUID, change: ProfileIn, now: datetime) -> Me:
    """Change what is named. Steps after a session move out of new quiet hours, and into another zone."""
    changed = change_me(db, account_id, change, now)
    if changed.role == Role.PATIENT and {"zone", "quiet_from", "quiet_until"} & change.model_fields_set:
        plan_sequences(db, patient_profile(db, account_id), now)
    return changed
