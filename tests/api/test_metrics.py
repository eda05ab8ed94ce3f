"""What a monitoring system sees, once it is switched on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session

from app.api.metrics import reminders_now, writes_per_commit
from app.clock import utc_now
from app.database import Database
from app.models.patient import Patient
from app.reminders.counted import MessagesCounted
from app.reminders.verdict import Outcome, Verdict
from builders import NOON, a_device, a_patient, a_reminder
from conftest import settings_for
from running import AppInside, running

ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/abc"


@pytest.fixture
def watched(database_url: str, tmp_path: Path) -> Iterator[AppInside]:
    chosen = {"metrics": True, "reminder_jitter": 0}
    with running(settings_for(database_url, tmp_path).model_copy(update=chosen)) as app:
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


def test_how_many_writes_shared_a_transaction_is_told(watched: AppInside) -> None:
    watched.write(a_patient)
    counted = samples(watched, "aftercare_writes_per_commit_bucket")
    bounds = {bound: commits for (bound, _process), commits in counted.items()}
    assert list(bounds) == ["1.0", "2.0", "4.0", "8.0", "16.0", "32.0", "64.0", "128.0", "+Inf"]
    assert bounds["+Inf"] >= bounds["1.0"] >= 1


def test_a_transaction_counts_below_every_bound_it_keeps_to(database: Database) -> None:
    """Three of one write, two of three or four, and one of the many that a locked database kept waiting."""
    database.commits_by_writes = [3, 0, 2, 0, 0, 0, 0, 0, 1]
    database.writes = 3 + 7 + 200
    told = writes_per_commit(database).samples
    assert [sample.value for sample in told] == [3, 3, 5, 5, 5, 5, 5, 5, 6, 6, 210]


@pytest.fixture
def told() -> CollectorRegistry:
    return CollectorRegistry()


def test_messages_are_counted_by_push_service_and_verdict(told: CollectorRegistry) -> None:
    messages = MessagesCounted(told)
    messages.count(ENDPOINT, Outcome(Verdict.ACCEPTED))
    messages.count(ENDPOINT, Outcome(Verdict.ACCEPTED))
    messages.count(ENDPOINT, Outcome(Verdict.GONE, "gone", 410))
    origin = "https://updates.push.services.mozilla.com"
    assert counted(told) == {(origin, "accepted"): 2, (origin, "gone"): 1}


def test_nobodys_mailbox_is_told_nor_an_address_that_is_refused(told: CollectorRegistry) -> None:
    messages = MessagesCounted(told)
    messages.count("mailto:ana@people.example", Outcome(Verdict.ACCEPTED))
    messages.count("https://ana.example/x", Outcome(Verdict.FAILED, "endpoint_refused"))
    assert counted(told) == {("e-mail", "accepted"): 1, ("elsewhere", "failed"): 1}


def counted(told: CollectorRegistry) -> dict[tuple[str, ...], float]:
    found = [one for metric in told.collect() for one in metric.samples if one.name.endswith("_total")]
    return {tuple(one.labels.values()): one.value for one in found}


def test_what_this_server_sends_is_told(watched: AppInside) -> None:
    """Nothing can be encrypted for the keys of this phone, and no push service is asked."""
    watched.write(a_reminder_that_is_due)
    assert watched.nobody.portal is not None
    watched.nobody.portal.call(watched.app.state.worker.wake)
    end = time.monotonic() + 20
    while not (found := samples(watched, "aftercare_messages_total")) and time.monotonic() < end:
        time.sleep(0.05)
    assert found == {("https://updates.push.services.mozilla.com", "failed"): 1}


def a_reminder_that_is_due(db: Session) -> None:
    now = utc_now()
    ana = db.get_one(Patient, a_patient(db, zone="UTC", now=now).id)
    ana.quiet_from = ana.quiet_until
    a_device(db, ana.id, now)
    a_reminder(db, ana.id, f"{now:%H:%M}", now).due_at = now.replace(second=0, microsecond=0)


def test_the_lag_is_that_of_the_oldest_due_reminder(db: Session) -> None:
    """Asked of the database alone, because the worker of a running app would not let it wait."""
    reminder = a_reminder(db, a_patient(db).id)
    reminder.due_at = NOON - timedelta(hours=2)
    db.flush()
    [lag] = reminders_now(db, NOON).samples
    assert (lag.name, lag.value) == ("aftercare_due_lag_seconds", 7200)
