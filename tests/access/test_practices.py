"""A practice: founding it, inviting to it, leaving it, and what it does not open."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.accounts import erase_account
from app.access.looks import patient_in_care
from app.access.practices import (
    end_membership,
    found_practice,
    invite_colleague,
    join_practice,
    practice_if_any,
    practice_of,
    preview_practice,
    rename_practice,
)
from app.database import Database
from app.errors import Conflict, NotFound, Refused
from app.models.account import Account
from app.models.practice import Practice, PracticeIn
from app.models.therapist import Therapist
from app.reports.patient_list import patients_of
from app.treatment.templates import templates_of
from builders import NOON, a_consent, a_patient, a_practice, a_template, a_therapist

LATER = NOON + timedelta(days=1)


@pytest.fixture
def eva(db: Session) -> Account:
    return a_therapist(db, "Eva")


def test_who_founds_a_practice_belongs_to_it_and_keeps_it(db: Session, rui: Account) -> None:
    practice = found_practice(db, rui.id, PracticeIn(name="By the river"), NOON)
    assert (practice.name, practice.keeper_id) == ("By the river", rui.id)
    assert [one.name for one in practice.members] == ["Rui"]


def test_who_has_no_practice_works_alone(db: Session, rui: Account) -> None:
    assert practice_if_any(db, rui.id) is None
    with pytest.raises(NotFound):
        practice_of(db, rui.id)


def test_nobody_belongs_to_two_practices(db: Session, rui: Account, eva: Account) -> None:
    a_practice(db, rui.id)
    code, _expires_at = invite_colleague(db, rui.id, NOON)
    a_practice(db, eva.id)
    with pytest.raises(Conflict):
        join_practice(db, code, eva.id, NOON)


def test_an_invitation_shows_who_belongs_to_the_practice(db: Session, rui: Account) -> None:
    a_practice(db, rui.id)
    code, expires_at = invite_colleague(db, rui.id, NOON)
    preview = preview_practice(db, code, NOON)
    assert (preview.practice, preview.invited_by, preview.members) == ("By the river", "Rui", ["Rui"])
    assert expires_at == NOON + timedelta(days=7)


def test_an_invitation_to_a_practice_is_used_once(db: Session, rui: Account, eva: Account) -> None:
    a_practice(db, rui.id)
    code, _expires_at = invite_colleague(db, rui.id, NOON)
    join_practice(db, code, eva.id, NOON)
    with pytest.raises(Conflict):
        join_practice(db, code, a_therapist(db, "Vera").id, NOON)
    with pytest.raises(NotFound):
        preview_practice(db, code, NOON)


def test_an_invitation_to_a_practice_expires(db: Session, rui: Account, eva: Account) -> None:
    a_practice(db, rui.id)
    code, expires_at = invite_colleague(db, rui.id, NOON)
    with pytest.raises(Conflict):
        join_practice(db, code, eva.id, expires_at)
    assert practice_if_any(db, eva.id) is None


def test_a_forged_code_joins_nothing(db: Session, eva: Account) -> None:
    with pytest.raises(NotFound):
        join_practice(db, "x" * 43, eva.id, NOON)


def test_who_leaves_takes_their_open_invitations_back(db: Session, rui: Account, eva: Account) -> None:
    a_practice(db, rui.id, eva.id)
    code, _expires_at = invite_colleague(db, eva.id, NOON)
    end_membership(db, eva.id, eva.id, LATER)
    with pytest.raises(Conflict):
        join_practice(db, code, a_therapist(db, "Vera").id, LATER)


def test_who_left_and_who_was_removed_stay_on_record(db: Session, rui: Account, eva: Account) -> None:
    vera = a_therapist(db, "Vera")
    a_practice(db, rui.id, eva.id, vera.id)
    end_membership(db, eva.id, eva.id, LATER)
    end_membership(db, rui.id, vera.id, LATER)
    former = practice_of(db, rui.id).former_members
    assert [(one.name, one.ended_at, one.was_removed) for one in former] == [
        ("Eva", LATER, False),
        ("Vera", LATER, True),
    ]


def test_only_who_keeps_the_practice_removes_others_and_renames_it(
    db: Session, rui: Account, eva: Account
) -> None:
    a_practice(db, rui.id, eva.id)
    with pytest.raises(Refused):
        end_membership(db, eva.id, rui.id, LATER)
    with pytest.raises(Refused):
        rename_practice(db, eva.id, PracticeIn(name="Eva's"))


def test_somebody_of_another_practice_is_not_there(db: Session, rui: Account, eva: Account) -> None:
    a_practice(db, rui.id)
    a_practice(db, eva.id)
    with pytest.raises(NotFound):
        end_membership(db, rui.id, eva.id, LATER)


def test_when_the_founder_leaves_the_longest_there_keeps_it(db: Session, rui: Account, eva: Account) -> None:
    a_practice(db, rui.id, eva.id, a_therapist(db, "Vera").id)
    end_membership(db, rui.id, rui.id, LATER)
    assert practice_of(db, eva.id).keeper_id == eva.id


def test_who_left_can_be_invited_again(db: Session, rui: Account, eva: Account) -> None:
    a_practice(db, rui.id, eva.id)
    end_membership(db, eva.id, eva.id, LATER)
    code, _expires_at = invite_colleague(db, rui.id, LATER)
    assert [one.name for one in join_practice(db, code, eva.id, LATER).members] == ["Rui", "Eva"]


def test_the_last_one_out_takes_the_templates_along(db: Session, rui: Account) -> None:
    a_practice(db, rui.id)
    template = a_template(db, rui.id, shared=True)
    end_membership(db, rui.id, rui.id, LATER)
    db.expire_all()
    assert [(one.id, one.shared) for one in templates_of(db, rui.id)] == [(template.id, False)]


def test_a_practice_outlives_the_account_of_who_founded_it(db: Session, rui: Account, eva: Account) -> None:
    a_practice(db, rui.id, eva.id)
    a_template(db, rui.id, shared=True)
    erase_account(db, rui.id, LATER)
    db.expire_all()
    assert [one.name for one in practice_of(db, eva.id).members] == ["Eva"]
    assert [one.changed_by for one in templates_of(db, eva.id)] == [None]


def test_erasing_the_last_member_erases_the_practice(db: Session, rui: Account) -> None:
    a_practice(db, rui.id)
    erase_account(db, rui.id, LATER)
    assert db.scalar(select(func.count()).select_from(Practice)) == 0


def test_a_practice_opens_nobodys_patients(db: Session, rui: Account, eva: Account) -> None:
    ana = a_patient(db)
    a_consent(db, rui.id, ana)
    a_practice(db, rui.id, eva.id)
    with pytest.raises(NotFound):
        patient_in_care(db, eva.id, ana.id, "api:days:read", NOON)
    assert patients_of(db, eva.id, NOON) == []


def test_the_profile_names_the_practice_unless_something_stands_there(db: Session, rui: Account) -> None:
    nameless = a_therapist(db, "Vera")
    db.get_one(Therapist, nameless.id).practice = ""
    a_practice(db, rui.id, nameless.id)
    practices = [db.get_one(Therapist, who).practice for who in (rui.id, nameless.id)]
    assert practices == ["Practice by the river", "By the river"]


async def test_of_many_who_claim_one_invitation_to_a_practice_one_joins(database: Database) -> None:
    rui = await database.write(a_therapist)
    await database.write(a_practice, rui.id)
    code, _expires_at = await database.write(invite_colleague, rui.id, NOON)
    others = [await database.write(a_therapist, f"Eva{number}") for number in range(6)]
    answers = await asyncio.gather(
        *(database.write(join_practice, code, one.id, NOON) for one in others), return_exceptions=True
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5
