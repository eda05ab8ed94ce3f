"""What holds at every door that writes, those of tomorrow included.

A commit that fails is never a success, and what is sent many times at once is done once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from fastapi.routing import iter_route_contexts
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.guard import SAFE_METHODS
from conftest import KINDS, migrated_copy
from faults.at_once import at_once, fifty_people, sent_at_once
from faults.good_requests import GOOD, PROMISES_NOTHING, sent_to
from faults.household import Household, Street, street_on
from running import AppInside

ONCE = [
    "POST /api/entries",
    "POST /days/{day}/log",
    "POST /plan/items/{item}",
    "POST /did/{delivery_id}",
    "POST /api/deliveries/{delivery_id}/events",
    "POST /api/plan/answer",
    "POST /api/sessions/{session_id}/feedback",
    "POST /api/patients/{patient_id}/sessions/{session_id}/held",
    "PUT /api/check-in",
    "POST /api/push/subscriptions",
    "POST /api/me/import",
    "POST /password/{token}",
    "POST /api/passkeys/sign-in",
    "POST /sign-in/code",
    "POST /account/security/codes",
    "POST /api/practice/invitations/{code}/accept",
    "POST /api/aftercare-templates/{template_id}/share",
]
"""Where a second of the same would be a harm. `at_once.py` tries every door, which takes minutes."""


class Disk:
    """Lets the commits of an app through until it is told from which on they fail."""

    def __init__(self, app: AppInside) -> None:
        self.fails_from, self.commits = 0, 0
        event.listen(app.app.state.database.writing, "commit", self._commit)

    def fail_from(self, commit: int) -> None:
        self.fails_from, self.commits = commit, 0

    def work(self) -> None:
        self.fail_from(0)

    @property
    def has_failed(self) -> bool:
        return 0 < self.fails_from <= self.commits

    def _commit(self, _connection: object) -> None:
        self.commits += 1
        if self.has_failed:
            raise OperationalError("COMMIT", {}, Exception("the disk is gone"))


@pytest.fixture(scope="module", params=KINDS)
def street(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("street")
    with migrated_copy(request, folder) as url, street_on(url, folder) as street:
        yield street


@pytest.fixture(scope="module")
def disk(street: Street) -> Disk:
    return Disk(street.app)


@pytest.fixture(scope="module")
def home(street: Street) -> Household:
    """For requests that change nothing."""
    return street.household()


def doors_that_write(street: Street) -> list[str]:
    return [
        f"{method} {route.path}"
        for route in iter_route_contexts(street.app.app.routes)
        for method in getattr(route, "methods", None) or ()
        if method not in SAFE_METHODS
    ]


@pytest.mark.parametrize("street", ["postgresql"], indirect=True)
def test_every_door_has_its_request(street: Street) -> None:
    """A new one is asked for here: write it into `good_requests.py`."""
    assert set(GOOD) | set(PROMISES_NOTHING) == set(doors_that_write(street))


@pytest.mark.parametrize("street", ["postgresql"], indirect=True)
@pytest.mark.parametrize("door", GOOD)
def test_a_commit_that_fails_is_never_a_success(
    street: Street, disk: Disk, home: Household, door: str
) -> None:
    """On PostgreSQL a function that raises is not committed, so what comes to a commit was a good request.

    Around patients the look is committed first, and then what is done.
    """
    sent = sent_to(door, home)
    browser, before = street.browser_of(home, sent.person), street.stored()
    for commit in (1, 2) if "{patient_id}" in door else (1,):
        disk.fail_from(commit)
        answer = sent.by(browser)
        assert disk.has_failed
        disk.work()
        assert (answer.status_code, answer.headers.get("retry-after")) == (503, "1")
    assert street.stored() == before


@pytest.mark.parametrize("street", ["sqlite"], indirect=True)
@pytest.mark.parametrize("door", ONCE[:6])
def test_nor_is_it_where_many_are_committed_together(street: Street, disk: Disk, door: str) -> None:
    """The same request is taken once commits work again."""
    home = street.household()
    sent = sent_to(door, home)
    browser, before = street.browser_of(home, sent.person), street.stored()
    disk.fail_from(2 if "{patient_id}" in door else 1)
    failed = sent.by(browser)
    disk.work()
    assert (failed.status_code, street.stored()) == (503, before)
    assert sent.by(browser).status_code in (200, 201, 303)


@pytest.mark.parametrize("street", ["postgresql"], indirect=True)
@pytest.mark.parametrize("door", ONCE)
def test_what_is_sent_twenty_times_at_once_is_done_once(street: Street, door: str) -> None:
    tried = sent_at_once(street, door, times=20)
    assert tried.faults == []
    assert tried.rows_of_many == tried.rows_of_one


@pytest.mark.parametrize("street", ["sqlite"], indirect=True)
@pytest.mark.parametrize("door", ONCE[:2])
def test_so_it_is_with_the_one_writer_of_sqlite(street: Street, door: str) -> None:
    tried = sent_at_once(street, door, times=20)
    assert tried.faults == []
    assert tried.rows_of_many == tried.rows_of_one


def test_of_fifty_who_claim_one_invitation_one_gets_it(street: Street) -> None:
    home = street.household()
    people = [street.app.browser_of(id) for id in street.app.write(fifty_people, home)]
    accept = sent_to("POST /api/invitations/{code}/accept", home)
    answers = Counter(answer.status_code for answer in at_once([partial(accept.by, one) for one in people]))
    assert answers == {201: 1, 409: 49}
