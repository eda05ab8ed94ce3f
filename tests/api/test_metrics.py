"""What a monitoring system sees, once it is switched on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from app.api.metrics import reminders_now
from app.clock import utc_now
from builders import NOON, a_delivery, a_device, a_patient, a_reminder
from conftest import settings_for
from running import AppInside, running


@pytest.fixture
def watched(database_url: str, tmp_path: Path) -> Iterator[AppInside]:
    with running(settings_for(database_url, tmp_path).model_copy(update={"metrics": True})) as app:
        yield app


def samples(app: AppInside, name: str) -> dict[tuple[str, ...], float]:
    """The values of one metric, by the values of its labels."""
    families = text_string_to_metric_families(app.nobody.get("/metrics").text)
    found = [sample for family in families for sample in family.samples if sample.name == name]
    return {tuple(sample.labels.values()): sample.value for sample in found}


def test_nothing_is_told_unless_it_is_switched_on(running_app: AppInside) -> None:
    assert running_app.nobody.get("/metrics").status_code == 404


def test_requests_are_counted_by_route_and_not_by_address(watched: AppInside) -> None:
    watched.nobody.get("/api/days/2026-03-18")
    counted = samples(watched, "aftercare_request_seconds_count")
    assert counted[("GET", "/api/days/{day}", "401")] == 1


def test_writes_and_the_commits_they_took_are_counted(watched: AppInside) -> None:
    before = sum(samples(watched, "aftercare_writes_total").values())
    watched.write(a_patient)
    assert sum(samples(watched, "aftercare_writes_total").values()) > before
    assert sum(samples(watched, "aftercare_commits_total").values()) >= 1


def test_messages_are_counted_by_push_service(watched: AppInside) -> None:
    def sent(db):
        ana, now = a_patient(db), utc_now()
        delivery = a_delivery(db, a_reminder(db, ana.id, now=now), a_device(db, ana.id, now), now)
        delivery.attempts = 1

    watched.write(sent)
    assert samples(watched, "aftercare_deliveries") == {
        ("updates.push.services.mozilla.com", "taken"): 1,
        ("updates.push.services.mozilla.com", "not_taken"): 0,
    }


def test_the_lag_is_that_of_the_oldest_due_reminder(db: Session) -> None:
    """Asked of the database alone, because the worker of a running app would not let it wait."""
    reminder = a_reminder(db, a_patient(db).id)
    reminder.due_at = NOON - timedelta(hours=2)
    db.flush()
    lag = {metric.name: metric.samples[0].value for metric in reminders_now(db, NOON) if metric.samples}
    assert lag["aftercare_due_lag_seconds"] == 7200
