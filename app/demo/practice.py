"""The practice of the demo: two colleagues, what they wrote together, and what one keeps to herself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.practices import found_practice, invite_colleague, join_practice
from app.demo.people import PRACTICE
from app.models.aftercare import AftercareTemplateChange, AftercareTemplateNew
from app.models.practice import PracticeIn
from app.treatment.templates import add_template, change_template

_TEMPLATES: tuple[dict[str, Any], ...] = (
    {
        "name": "After deep work",
        "steps": [
            {"kind": "water", "text": "Drink a glass or two of water and keep moving gently tonight."},
            {
                "kind": "custom",
                "text": "Warm pack for 15 minutes if it is sore.",
                "days_after": 1,
                "at": "19:00",
            },
            {"kind": "stretch"},
            {"kind": "feedback"},
            {"kind": "compare"},
            {"kind": "before_next"},
        ],
    },
    {
        "name": "Gentle session",
        "steps": [
            {"kind": "water", "text": "Rest when you like this afternoon."},
            {"kind": "feedback"},
            {"kind": "before_next"},
        ],
    },
)
_SINCE = "Warm pack for 15 minutes if it is sore, then move a little."
"""What the colleague made of a line in the first one."""


def seed_practice(db: Session, founder_id: UUID, colleague_id: UUID, began: datetime) -> None:
    """The first template belongs to the practice and was changed by the colleague; the others are private."""
    found_practice(db, founder_id, PracticeIn(name=PRACTICE), began)
    code, _expires_at = invite_colleague(db, founder_id, began)
    join_practice(db, code, colleague_id, began + timedelta(days=2))
    together, *private = _TEMPLATES
    shared = AftercareTemplateNew.model_validate({**together, "shared": True})
    template = add_template(db, founder_id, shared, began + timedelta(days=3))
    steps = [{**step, "text": _SINCE} if "days_after" in step else step for step in together["steps"]]
    change = AftercareTemplateChange.model_validate({"name": together["name"], "steps": steps})
    change_template(db, colleague_id, template.id, change, began + timedelta(days=40))
    for one in private:
        add_template(db, founder_id, AftercareTemplateNew.model_validate(one), began)
