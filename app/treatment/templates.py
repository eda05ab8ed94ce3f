"""Aftercare templates of a therapist and of their practice: what each says now, and every version it had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Row, or_, select
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from app.errors import Conflict, FieldError, Invalid, NotFound
from app.language import _
from app.models.account import Account
from app.models.aftercare import (
    AftercareStep,
    AftercareTemplate,
    AftercareTemplateChange,
    AftercareTemplateIn,
    AftercareTemplateNew,
    AftercareTemplateVersion,
)
from app.models.practice import practice_id_of

TEMPLATES_AT_MOST = 30
"""Of one therapist, and of one practice."""


@dataclass(frozen=True, slots=True)
class TemplateSeen:
    """A template as it is now. `version_id` names what it says, `version` counts from 1.

    `shared` says that it belongs to the practice. `changed_by` and `retired_by` are names, None once that
    account is gone.
    """

    id: UUID
    version_id: UUID
    version: int
    name: str
    steps: list[dict[str, Any]]
    changed_at: datetime
    retired_at: datetime | None
    shared: bool
    changed_by: str | None
    retired_by: str | None


def templates_of(db: Session, therapist_id: UUID) -> list[TemplateSeen]:
    """Those in use, by name: the therapist's own and those of their practice."""
    found = [one for one in _latest(db, therapist_id) if one.retired_at is None]
    return sorted(found, key=lambda one: (one.name.casefold(), one.version_id))


def retired_in_practice(db: Session, therapist_id: UUID) -> list[TemplateSeen]:
    """Those of the practice that somebody retired, the latest first."""
    found = [(one.retired_at, one) for one in _latest(db, therapist_id) if one.shared and one.retired_at]
    return [one for _at, one in sorted(found, key=lambda pair: pair[0], reverse=True)]


def versions_of(db: Session, therapist_id: UUID, template_id: UUID) -> list[TemplateSeen]:
    """Every version of one template, the newest first."""
    template = _within_reach(db, therapist_id, template_id)
    of_template = _versions(col(AftercareTemplate.id) == template.id)
    return [_as_seen(row) for row in reversed(db.execute(of_template).all())]


def add_template(
    db: Session, therapist_id: UUID, wanted: AftercareTemplateNew, now: datetime
) -> TemplateSeen:
    practice_id = _practice_of(db, therapist_id) if wanted.shared else None
    of_kind = [one for one in templates_of(db, therapist_id) if one.shared == wanted.shared]
    if len(of_kind) >= TEMPLATES_AT_MOST:
        raise Conflict(_("There are too many templates. Retire one first."))
    template = AftercareTemplate(
        therapist_id=None if practice_id else therapist_id, practice_id=practice_id, created_at=now
    )
    db.add(template)
    db.flush()
    return _say(db, therapist_id, template, wanted, 1, now)


def change_template(
    db: Session, therapist_id: UUID, template_id: UUID, wanted: AftercareTemplateChange, now: datetime
) -> TemplateSeen:
    """A new version; what was sent from older ones stays as it was. The same again changes nothing."""
    template = _within_reach(db, therapist_id, template_id)
    latest = versions_of(db, therapist_id, template_id)[0]
    if (latest.name, latest.steps) == (wanted.name, _stored(wanted)):
        return latest
    if wanted.based_on is not None and wanted.based_on != latest.version:
        raise Conflict(_("Somebody changed this template meanwhile. Read it again, then change it."))
    return _say(db, therapist_id, template, wanted, latest.version + 1, now)


def share_template(db: Session, therapist_id: UUID, template_id: UUID, now: datetime) -> TemplateSeen:
    """Give the practice a template of one's own: it begins there with what it says now, and is retired here.
    Its earlier versions stay private."""
    template = _within_reach(db, therapist_id, template_id)
    if template.practice_id is not None:
        raise Conflict(_("This template belongs to the practice already."))
    # Of two who ask at the same moment, the second waits here until the first has retired it.
    db.refresh(template, with_for_update=True)
    if template.retired_at is not None:
        raise Conflict(_("This was just done already. Look again, then try once more."))
    latest = versions_of(db, therapist_id, template_id)[0]
    wanted = AftercareTemplateNew.model_validate({"name": latest.name, "steps": latest.steps, "shared": True})
    shared = add_template(db, therapist_id, wanted, now)
    template.retire(therapist_id, at=now)
    return shared


def retire_template(db: Session, therapist_id: UUID, template_id: UUID, now: datetime) -> None:
    """It is offered no more. Retiring again changes nothing."""
    _within_reach(db, therapist_id, template_id).retire(therapist_id, at=now)


def take_back_retiring(db: Session, therapist_id: UUID, template_id: UUID) -> None:
    _within_reach(db, therapist_id, template_id).bring_back()


def steps_in(
    db: Session, therapist_id: UUID | None, template_id: UUID
) -> tuple[Sequence[AftercareStep], UUID]:
    """The steps of a template this therapist can use, and the version they are from."""
    wrong = Invalid(FieldError("template", "unknown", _("Choose one of your own templates.")))
    if therapist_id is None:
        raise wrong
    try:
        latest = versions_of(db, therapist_id, template_id)[0]
    except NotFound:
        raise wrong from None
    return [AftercareStep.model_validate(step) for step in latest.steps], latest.version_id


def _latest(db: Session, therapist_id: UUID) -> list[TemplateSeen]:
    """Each template within reach with its latest version."""
    rows = db.execute(_versions(_reached_by(db, therapist_id)))
    return list({row.AftercareTemplate.id: _as_seen(row) for row in rows}.values())


def _versions(which: ColumnElement[bool]) -> Executable:
    """Versions with their templates and the names of who wrote and who retired them, the oldest first."""
    writer, retirer = aliased(Account), aliased(Account)
    return (
        select(
            AftercareTemplate,
            AftercareTemplateVersion,
            col(writer.name).label("changed_by"),
            col(retirer.name).label("retired_by"),
        )
        .join(
            AftercareTemplateVersion,
            col(AftercareTemplateVersion.template_id) == col(AftercareTemplate.id),
        )
        .outerjoin(writer, col(writer.id) == col(AftercareTemplateVersion.written_by))
        .outerjoin(retirer, col(retirer.id) == col(AftercareTemplate.retired_by))
        .where(which)
        .order_by(col(AftercareTemplateVersion.version))
    )


def _reached_by(db: Session, therapist_id: UUID) -> ColumnElement[bool]:
    own = col(AftercareTemplate.therapist_id) == therapist_id
    practice_id = practice_id_of(db, therapist_id)
    return or_(own, col(AftercareTemplate.practice_id) == practice_id) if practice_id else own


def _within_reach(db: Session, therapist_id: UUID, template_id: UUID) -> AftercareTemplate:
    """One's own, or one of the practice one belongs to. Locked, so that each version has its own number."""
    template = db.get(AftercareTemplate, template_id, with_for_update={"key_share": True})
    if template is None:
        raise NotFound
    if template.practice_id is None:
        is_within_reach = template.therapist_id == therapist_id
    else:
        is_within_reach = template.practice_id == practice_id_of(db, therapist_id)
    if not is_within_reach:
        raise NotFound
    return template


def _practice_of(db: Session, therapist_id: UUID) -> UUID:
    practice_id = practice_id_of(db, therapist_id)
    if practice_id is None:
        raise Invalid(FieldError("shared", "alone", _("You belong to no practice to share it with.")))
    return practice_id


def _say(
    db: Session,
    therapist_id: UUID,
    template: AftercareTemplate,
    wanted: AftercareTemplateIn,
    version: int,
    now: datetime,
) -> TemplateSeen:
    said = AftercareTemplateVersion(
        template_id=template.id,
        version=version,
        name=wanted.name,
        steps=_stored(wanted),
        created_at=now,
        written_by=therapist_id,
    )
    db.add(said)
    db.flush()
    return _as_seen(db.execute(_versions(col(AftercareTemplateVersion.id) == said.id)).one())


def _stored(wanted: AftercareTemplateIn) -> list[dict[str, Any]]:
    return [step.stored() for step in wanted.steps]


def _as_seen(row: Row[Any]) -> TemplateSeen:
    template, version = row.AftercareTemplate, row.AftercareTemplateVersion
    return TemplateSeen(
        id=template.id,
        version_id=version.id,
        version=version.version,
        name=version.name,
        steps=version.steps,
        changed_at=version.created_at,
        retired_at=template.retired_at,
        shared=template.practice_id is not None,
        changed_by=row.changed_by,
        retired_by=row.retired_by,
    )
