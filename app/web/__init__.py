"""The pages: one file per page, and what they are made of."""

from __future__ import annotations

from fastapi import FastAPI

from app.web import (
    account,
    aftercare_page,
    aftercare_templates,
    api_docs,
    assets,
    brief,
    by_mail,
    calendar_page,
    check_in,
    colleagues,
    did,
    feedback,
    forgotten,
    help_page,
    intake,
    invitations,
    log,
    my_data,
    new_password,
    next_page,
    notes,
    operator_page,
    own_sessions,
    past_day,
    patient_sessions,
    patients,
    plan_editor,
    plan_page,
    practice,
    prove,
    pwa,
    reminders_forms,
    reminders_page,
    security,
    session_done,
    sharing,
    sign_in,
    sign_up,
    template_versions,
    today,
    tokens,
    trends,
    turn_on,
)

ASKED_MOST = (today, patients, brief, assets)
OF_EVERYBODY = (
    pwa,
    next_page,
    sign_up,
    sign_in,
    new_password,
    forgotten,
    prove,
    account,
    security,
    my_data,
    tokens,
    calendar_page,
    help_page,
    api_docs,
)
OF_PATIENTS = (
    log,
    past_day,
    plan_page,
    trends,
    sharing,
    reminders_page,
    reminders_forms,
    by_mail,
    turn_on,
    did,
)
OF_PATIENTS_AROUND_SESSIONS = (aftercare_page, feedback, check_in, intake, own_sessions)
OF_THERAPISTS = (
    notes,
    practice,
    colleagues,
    session_done,
    patient_sessions,
    aftercare_templates,
    template_versions,
)
OF_BOTH_SIDES = (plan_editor, invitations, operator_page)


def add_most_asked_to(app: FastAPI) -> None:
    """Open the pages that are opened most. Routes are tried in turn, and there are 250 of them."""
    for page in ASKED_MOST:
        app.include_router(page.router)


def add_to(app: FastAPI) -> None:
    """Open every other page."""
    for pages in (OF_EVERYBODY, OF_PATIENTS, OF_PATIENTS_AROUND_SESSIONS, OF_THERAPISTS, OF_BOTH_SIDES):
        for page in pages:
            app.include_router(page.router)
