"""An export over a real connection: consent revoked in the middle cuts it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy.orm import Session

from app.access.care import revoke
from app.clock import utc_now
from app.diary.bring_in import EntryComingBack, bring_back_entries
from app.settings import Settings
from builders import a_consent, a_patient, a_therapist, an_entry
from running import ServedApp, free_port, served

YEARS = 6


def settle(db: Session) -> dict[str, Any]:
    """Ana, who logged six years and shares them with Rui."""
    now = utc_now()
    ana, rui = a_patient(db, now=now), a_therapist(db, now=now)
    entries = [
        EntryComingBack.model_validate(
            {
                **an_entry(ana.day_at(now) - timedelta(days=back), set={"pain": 4, "note": "Said. " * 40}),
                "received_at": now.isoformat(),
            }
        )
        for back in range(YEARS * 365)
    ]
    bring_back_entries(db, ana, entries)
    return {"ana": ana.id, "rui": rui.id, "relationship": a_consent(db, rui.id, ana, now=now)}


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[ServedApp]:
    port = free_port()
    settings = Settings(
        data=tmp_path / "data",
        database_url=database_url,
        public_url=f"http://localhost:{port}",
        port=port,
    )
    with served(settings) as running:
        yield running


@pytest.mark.parametrize("file", ["report.fhir.json", "report.csv"])
def test_revoked_in_the_middle_the_rest_never_comes(app: ServedApp, file: str) -> None:
    people = app.write(settle)
    url = f"{app.url}/api/patients/{people['ana']}/{file}?first=2000-01-01"
    cookies = dict([app.cookie_of(people["rui"])])
    with httpx2.stream("GET", url, cookies=cookies, timeout=20) as answer:
        pieces = answer.iter_raw(1024)
        next(pieces)
        app.write(revoke, people["ana"], people["relationship"], utc_now())
        with pytest.raises(httpx2.RemoteProtocolError):
            list(pieces)
