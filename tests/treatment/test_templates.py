"""Aftercare templates: private ones, those of a practice, and what a session keeps of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.access.practices import end_membership
from app.errors import Conflict, Invalid, NotFound
from app.models.account import Account
from app.models.aftercare import AftercareSequence, AftercareTemplateChange
from app.models.treatment_session import SessionHeld
from app.treatment.seen import Caller
from app.treatment.sessions import hold
from app.treatment.templates import (
    change_template,
    retire_template,
    retired_in_practice,
    share_template,
    take_back_retiring,
    templates_of,
    versions_of,
)
from builders import ALL_SCOPES, NOON, a_consent, a_patient, a_practice, a_session, a_template, a_therapist

LATER = NOON + timedelta(days=1)


@pytest.fixture
def eva(db: Session, rui: Account) -> Account:
    """A colleague in Rui's practice."""
    eva = a_therapist(db, "Eva")
    a_practice(db, rui.id, eva.id)
    return eva


def changed(text: str, **more: Any) -> AftercareTemplateChange:
    steps = [{"kind": "custom", "text": text}]
    return AftercareTemplateChange.model_validate({"name": "Deep work", "steps": steps, **more})


def test_a_private_template_stays_private(db: Session, rui: Account, eva: Account) -> None:
    template = a_template(db, rui.id)
    assert templates_of(db, eva.id) == []
    with pytest.raises(NotFound):
        versions_of(db, eva.id, template.id)
    with pytest.raises(NotFound):
        change_template(db, eva.id, template.id, changed("Run."), LATER)


def test_a_template_of_the_practice_is_seen_and_changed_by_every_member(
    db: Session, rui: Account, eva: Account
) -> None:
    template = a_template(db, rui.id, shared=True)
    change_template(db, eva.id, template.id, changed("Walk a little."), LATER)
    told = [(one.version, one.changed_by, one.changed_at) for one in versions_of(db, rui.id, template.id)]
    assert told == [(2, "Eva", LATER), (1, "Rui", NOON)]


def test_a_change_made_meanwhile_is_not_overlooked(db: Session, rui: Account, eva: Account) -> None:
    template = a_template(db, rui.id, shared=True)
    change_template(db, eva.id, template.id, changed("Walk.", based_on=1), LATER)
    with pytest.raises(Conflict):
        change_template(db, rui.id, template.id, changed("Rest.", based_on=1), LATER)


def test_who_works_alone_has_nobody_to_share_with(db: Session, rui: Account) -> None:
    with pytest.raises(Invalid):
        a_template(db, rui.id, shared=True)


def test_sharing_ones_own_begins_anew_in_the_practice(db: Session, rui: Account, eva: Account) -> None:
    own = a_template(db, rui.id)
    change_template(db, rui.id, own.id, changed("Sleep."), NOON)
    shared = share_template(db, rui.id, own.id, LATER)
    assert [(one.name, one.version) for one in templates_of(db, eva.id)] == [("Deep work", 1)]
    assert versions_of(db, eva.id, shared.id)[0].steps == [
        {"kind": "custom", "text": "Sleep.", "after_hours": 2}
    ]
    assert [one.id for one in templates_of(db, rui.id)] == [shared.id]


def test_who_left_uses_the_templates_of_the_practice_no_more(db: Session, rui: Account, eva: Account) -> None:
    template = a_template(db, rui.id, shared=True)
    end_membership(db, eva.id, eva.id, LATER)
    assert templates_of(db, eva.id) == []
    with pytest.raises(NotFound):
        versions_of(db, eva.id, template.id)


def test_a_retired_template_says_who_retired_it_and_comes_back(
    db: Session, rui: Account, eva: Account
) -> None:
    template = a_template(db, rui.id, shared=True)
    retire_template(db, eva.id, template.id, LATER)
    assert [(one.retired_by, one.retired_at) for one in retired_in_practice(db, rui.id)] == [("Eva", LATER)]
    take_back_retiring(db, rui.id, template.id)
    assert [one.id for one in templates_of(db, eva.id)] == [template.id]


def test_a_session_keeps_the_version_it_was_closed_with(db: Session, rui: Account, eva: Account) -> None:
    ana = a_patient(db)
    a_consent(db, eva.id, ana)
    template = a_template(db, rui.id, shared=True)
    session = a_session(db, ana.id, eva.id, NOON - timedelta(hours=1))
    held = SessionHeld.model_validate({"held_at": NOON.isoformat(), "template": str(template.id)})
    hold(db, Caller(eva.id, ana, eva.id, frozenset(ALL_SCOPES)), session.id, held, NOON)
    change_template(db, rui.id, template.id, changed("Something else."), LATER)
    sequence = db.get_one(AftercareSequence, session.id)
    assert sequence.template_version_id == template.version_id
    assert sequence.steps == template.steps


def test_a_template_is_given_to_the_practice_once(db, rui):
    a_practice(db, rui.id)
    own = a_template(db, rui.id)
    share_template(db, rui.id, own.id, LATER)
    with pytest.raises(Conflict):
        share_template(db, rui.id, own.id, LATER)
