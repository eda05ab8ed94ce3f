"""Where nothing more can be stored, saving says so and reading goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.access.sign_ins import start_sign_in
from app.clock import day_of, utc_now
from builders import a_logged_day, a_patient, an_entry
from running import AppInside

pytestmark = pytest.mark.parametrize("standing_app", ["sqlite"], indirect=True)


def signed_in_since_hours(db: Session) -> str:
    """So that her browser is about to be noted as seen."""
    now = utc_now()
    ana = a_patient(db, "Ana", zone="UTC", now=now)
    a_logged_day(db, ana, ana.day_at(now), now)
    return start_sign_in(db, ana.id, "Firefox on Android", now - timedelta(hours=2))


def let_no_more_fit(db: Session) -> None:
    """The database may not grow, as on a disk that is full."""
    db.execute(text(f"pragma max_page_count = {db.scalar(text('pragma page_count'))}"))


def test_on_a_full_disk_saving_is_refused_and_reading_goes_on(standing_app: AppInside) -> None:
    browser = standing_app.nobody
    browser.cookies.set("aftercare", standing_app.write(signed_in_since_hours))
    standing_app.write(let_no_more_fit)
    now = utc_now()
    day = day_of(now, "UTC")
    many = [an_entry(day, at=now, set={"note": "x" * 2000}) for _entry in range(25)]
    answers = [browser.post("/api/entries", json={"entries": many}) for _time in range(8)]
    refused = answers[-1]
    assert (refused.status_code, refused.json()["code"]) == (507, "no_room")
    assert browser.get("/api/days").json()["days"][0]["day"] == str(day)
    assert [browser.get(path).status_code for path in ("/today", "/trends", "/my-data")] == [200] * 3
