"""Inviting, accepting, revoking, and who is let near whom."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest

from app.access.care import (
    accept_invitation,
    change_share,
    code_in,
    invite,
    open_invitations,
    preview_invitation,
    relationships_of,
    revoke,
    take_back_revoking,
    withdraw_invitation,
)
from app.access.looks import looks_at, note_overview, patient_in_care
from app.errors import Conflict, Invalid, NotFound
from app.models.care import AcceptInvitation, Scope, ShareChange
from builders import NOON, a_consent, a_patient, a_therapist, an_expired_consent

MEASURES_ONLY = AcceptInvitation(scopes=[Scope.MEASURES])


def test_an_invitation_shows_who_invites_before_anything_is_accepted(db, rui):
    code, expires_at = invite(db, rui.id, NOON)
    preview = preview_invitation(db, code, NOON)
    assert (preview.therapist_name, preview.practice, preview.licence) == (
        "Rui",
        "Practice by the river",
        "PT 4711",
    )
    assert expires_at == NOON + timedelta(days=7)


def test_an_invitation_expires_after_seven_days(db, rui, ana):
    code, expires_at = invite(db, rui.id, NOON)
    with pytest.raises(NotFound):
        preview_invitation(db, code, expires_at)
    with pytest.raises(Conflict):
        accept_invitation(db, code, ana, MEASURES_ONLY, expires_at)


def test_a_forged_code_leads_nowhere(db, ana):
    with pytest.raises(NotFound):
        accept_invitation(db, "x" * 43, ana, MEASURES_ONLY, NOON)


def test_an_invitation_is_used_once(db, rui, ana):
    code, _expires_at = invite(db, rui.id, NOON)
    accept_invitation(db, code, ana, MEASURES_ONLY, NOON)
    with pytest.raises(Conflict):
        accept_invitation(db, code, a_patient(db, "Eva"), MEASURES_ONLY, NOON)


async def test_of_many_who_claim_one_invitation_at_once_one_gets_it(database):
    rui = await database.write(a_therapist)
    code, _expires_at = await database.write(invite, rui.id, NOON)
    patients = [await database.write(a_patient, f"Patient{n}") for n in range(12)]
    claims = [database.write(accept_invitation, code, patient, MEASURES_ONLY, NOON) for patient in patients]
    answers = await asyncio.gather(*claims, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 11 + ["Relationship"]


def test_open_invitations_are_known_to_who_made_them_and_to_nobody_else(db, rui, ana):
    invite(db, rui.id, NOON - timedelta(days=7))
    code, _expires_at = invite(db, rui.id, NOON - timedelta(hours=2))
    accept_invitation(db, code, ana, MEASURES_ONLY, NOON)
    invite(db, rui.id, NOON - timedelta(hours=1))
    assert [one.invited_at for one in open_invitations(db, rui.id, NOON)] == [NOON - timedelta(hours=1)]
    assert open_invitations(db, a_therapist(db, "Nuno").id, NOON) == []


def test_a_withdrawn_invitation_lets_nobody_in_and_says_so(db, rui, ana):
    code, _expires_at = invite(db, rui.id, NOON)
    (invitation,) = open_invitations(db, rui.id, NOON)
    withdraw_invitation(db, rui.id, invitation.id, NOON)
    assert open_invitations(db, rui.id, NOON) == []
    with pytest.raises(NotFound, match="was withdrawn"):
        preview_invitation(db, code, NOON)
    with pytest.raises(Conflict, match="was withdrawn"):
        accept_invitation(db, code, ana, MEASURES_ONLY, NOON)


def test_what_somebody_accepted_is_not_withdrawn(db, rui, ana):
    relationship_id = a_consent(db, rui.id, ana)
    with pytest.raises(Conflict):
        withdraw_invitation(db, rui.id, relationship_id, NOON)
    assert relationships_of(db, ana.id)[0].revoked_at is None


def test_nobody_withdraws_the_invitation_of_a_colleague(db, rui):
    invite(db, rui.id, NOON)
    (invitation,) = open_invitations(db, rui.id, NOON)
    with pytest.raises(NotFound):
        withdraw_invitation(db, a_therapist(db, "Nuno").id, invitation.id, NOON)


async def test_an_invitation_is_accepted_or_withdrawn_never_both(database):
    rui = await database.write(a_therapist)
    ana = await database.write(a_patient)
    code, _expires_at = await database.write(invite, rui.id, NOON)
    (invitation,) = await database.read(open_invitations, rui.id, NOON)
    answers = await asyncio.gather(
        database.write(withdraw_invitation, rui.id, invitation.id, NOON),
        database.write(accept_invitation, code, ana, MEASURES_ONLY, NOON),
        return_exceptions=True,
    )
    assert [isinstance(answer, Conflict) for answer in answers].count(True) == 1


def test_the_code_is_found_in_a_pasted_link(db, rui):
    code, _expires_at = invite(db, rui.id, NOON)
    assert code_in(f" https://aftercare.example/invitations/{code}/ ") == code
    assert code_in(code) == code
    assert code_in("no code here") == ""


def test_nobody_is_near_a_patient_before_consent(db, rui, ana):
    with pytest.raises(NotFound):
        patient_in_care(db, rui.id, ana.id, "api:days:read", NOON)


def test_consent_lets_the_therapist_see_what_was_shared(db, rui, ana):
    a_consent(db, rui.id, ana, (Scope.MEASURES, Scope.PLAN))
    seen = patient_in_care(db, rui.id, ana.id, "api:days:read", NOON)
    assert seen.profile.id == ana.id
    assert seen.scopes == {Scope.MEASURES, Scope.PLAN}


def test_consent_ends_with_the_next_request_after_revoking(db, rui, ana):
    relationship_id = a_consent(db, rui.id, ana)
    revoke(db, ana.id, relationship_id, NOON)
    db.flush()
    with pytest.raises(NotFound):
        patient_in_care(db, rui.id, ana.id, "api:days:read", NOON)


def test_expired_consent_is_no_consent(db, rui, ana):
    an_expired_consent(db, rui.id, ana)
    with pytest.raises(NotFound):
        patient_in_care(db, rui.id, ana.id, "api:days:read", NOON)


def test_consent_lasts_through_its_last_day_where_the_patient_lives(db, rui):
    ana = a_patient(db, zone="America/Los_Angeles")
    relationship_id = a_consent(db, rui.id, ana)
    last_day = ShareChange(expires_on=date(2026, 3, 18))
    change_share(db, ana, relationship_id, last_day, NOON)
    still_today_there = datetime(2026, 3, 19, 9, 59, tzinfo=UTC)
    assert patient_in_care(db, rui.id, ana.id, "web:brief:read", still_today_there)
    with pytest.raises(NotFound):
        patient_in_care(db, rui.id, ana.id, "web:brief:read", still_today_there + timedelta(minutes=1))


def test_an_end_in_the_past_is_refused(db, rui, ana):
    relationship_id = a_consent(db, rui.id, ana)
    with pytest.raises(Invalid):
        change_share(db, ana, relationship_id, ShareChange(expires_on=date(2026, 3, 17)), NOON)


def test_scopes_can_be_narrowed(db, rui, ana):
    relationship_id = a_consent(db, rui.id, ana)
    change_share(db, ana, relationship_id, ShareChange(scopes=[Scope.PLAN]), NOON)
    assert patient_in_care(db, rui.id, ana.id, "api:days:read", NOON).scopes == {Scope.PLAN}


def test_the_end_date_can_be_taken_away(db, rui, ana):
    relationship_id = a_consent(db, rui.id, ana, expires_on=date(2026, 4, 1))
    assert change_share(db, ana, relationship_id, ShareChange(expires_on=None), NOON).expires_on is None


def test_a_new_consent_replaces_the_older_one_for_the_same_therapist(db, rui, ana):
    older = a_consent(db, rui.id, ana)
    a_consent(db, rui.id, ana, (Scope.MEASURES,))
    assert [r.revoked_at is None for r in relationships_of(db, ana.id) if r.id == older] == [False]
    assert patient_in_care(db, rui.id, ana.id, "api:days:read", NOON).scopes == {Scope.MEASURES}


def test_a_stranger_cannot_end_or_change_a_sharing(db, rui, ana):
    relationship_id, eva = a_consent(db, rui.id, ana), a_patient(db, "Eva")
    with pytest.raises(NotFound):
        revoke(db, eva.id, relationship_id, NOON)
    with pytest.raises(NotFound):
        change_share(db, eva, relationship_id, ShareChange(scopes=[Scope.PLAN]), NOON)


def test_the_therapist_can_end_the_relationship_too(db, rui, ana):
    relationship_id = a_consent(db, rui.id, ana)
    revoke(db, rui.id, relationship_id, NOON)
    assert relationships_of(db, ana.id)[0].revoked_at == NOON


def test_what_does_not_exist_cannot_be_revoked(db, ana):
    with pytest.raises(NotFound):
        revoke(db, ana.id, uuid4(), NOON)


def test_every_look_is_on_record_with_the_name_of_who_looked(db, rui, ana):
    a_consent(db, rui.id, ana)
    patient_in_care(db, rui.id, ana.id, "web:brief:read", NOON)
    patient_in_care(db, rui.id, ana.id, "api:days:read", NOON + timedelta(minutes=1))
    looks = looks_at(db, ana.id)
    newest = [(look.who, look.what) for look in looks[:2]]
    assert newest == [("Rui", "api:days:read"), ("Rui", "web:brief:read")]
    assert looks_at(db, ana.id, before=looks[0].number) == looks[1:]


async def test_of_many_invitations_accepted_at_once_one_consent_stands(database):
    rui = await database.write(a_therapist)
    ana = await database.write(a_patient)
    codes = [(await database.write(invite, rui.id, NOON))[0] for _ in range(6)]
    accepting = [database.write(accept_invitation, code, ana, MEASURES_ONLY, NOON) for code in codes]
    answers = await asyncio.gather(*accepting, return_exceptions=True)
    assert {type(answer).__name__ for answer in answers} <= {"Relationship", "Conflict"}
    standing = [one for one in await database.read(relationships_of, ana.id) if one.revoked_at is None]
    assert len(standing) == 1


def test_consent_until_today_still_counts_at_half_past_one_at_night(db, rui):
    ana = a_patient(db, zone="UTC")
    half_past_one = datetime(2026, 3, 19, 1, 30, tzinfo=UTC)
    a_consent(db, rui.id, ana, expires_on=ana.day_at(half_past_one), now=half_past_one)
    assert patient_in_care(db, rui.id, ana.id, "api:days:read", half_past_one)


def test_an_overview_is_on_record_once_an_hour(db, rui, ana):
    a_consent(db, rui.id, ana)
    note_overview(db, rui.id, [ana.id], "web:patients:read", NOON)
    note_overview(db, rui.id, [ana.id], "web:patients:read", NOON + timedelta(minutes=59))
    note_overview(db, rui.id, [ana.id], "web:patients:read", NOON + timedelta(minutes=61))
    seen = [look.what for look in looks_at(db, ana.id) if look.who == "Rui"]
    assert seen == ["web:patients:read"] * 2 + ["care:measures+notes+plan:given"]


def test_a_therapist_knows_the_name_until_the_last_day_of_the_diary_is_over(db, rui):
    ana = a_patient(db, zone="UTC")
    a_consent(db, rui.id, ana, expires_on=NOON.date())
    half_past_one = datetime.combine(NOON.date() + timedelta(days=1), time(1, 30), UTC)
    moments = (NOON, half_past_one, NOON + timedelta(days=1))
    names = [relationships_of(db, rui.id, now)[0].patient_name for now in moments]
    assert names == ["Ana", "Ana", None]
    assert relationships_of(db, ana.id, NOON + timedelta(days=1))[0].patient_name == "Ana"


def test_consent_that_was_ended_by_mistake_goes_on_as_it_was(db, rui, ana):
    consent = a_consent(db, rui.id, ana, (Scope.MEASURES,))
    revoke(db, ana.id, consent, NOON)
    again = take_back_revoking(db, ana, consent, NOON + timedelta(hours=1))
    assert (again.revoked_at, again.scopes) == (None, [Scope.MEASURES])
    assert looks_at(db, ana.id)[0].what == "care:measures:given"


def test_after_an_hour_an_ended_consent_stays_ended(db, rui, ana):
    consent = a_consent(db, rui.id, ana)
    revoke(db, ana.id, consent, NOON)
    with pytest.raises(Conflict):
        take_back_revoking(db, ana, consent, NOON + timedelta(hours=2))


def test_what_the_therapist_ended_is_not_for_the_patient_to_take_back(db, rui, ana):
    consent = a_consent(db, rui.id, ana)
    revoke(db, rui.id, consent, NOON)
    with pytest.raises(Conflict):
        take_back_revoking(db, ana, consent, NOON)


def test_what_the_therapist_ended_too_is_not_for_the_patient_to_take_back(db, rui, ana):
    consent, later = a_consent(db, rui.id, ana), NOON + timedelta(minutes=1)
    revoke(db, ana.id, consent, NOON)
    [revoke(db, rui.id, consent, later) for _time in range(2)]
    assert [look.what for look in looks_at(db, ana.id)][:2] == ["care:consent:left", "care:consent:ended"]
    with pytest.raises(Conflict):
        take_back_revoking(db, ana, consent, later)


def test_ending_what_a_newer_consent_replaced_is_not_on_record(db, rui, ana):
    older = a_consent(db, rui.id, ana)
    a_consent(db, rui.id, ana)
    revoke(db, rui.id, older, NOON)
    assert "care:consent:left" not in [look.what for look in looks_at(db, ana.id)]


def test_an_older_consent_does_not_come_back_beside_a_newer_one(db, rui, ana):
    older = a_consent(db, rui.id, ana)
    revoke(db, ana.id, older, NOON)
    a_consent(db, rui.id, ana)
    with pytest.raises(Conflict):
        take_back_revoking(db, ana, older, NOON)


def test_a_consent_of_somebody_else_is_not_there_to_go_on(db, rui, ana):
    consent = a_consent(db, rui.id, ana)
    revoke(db, ana.id, consent, NOON)
    with pytest.raises(NotFound):
        take_back_revoking(db, a_patient(db, "Eva"), consent, NOON)
