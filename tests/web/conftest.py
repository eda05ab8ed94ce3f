from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On SQLite alone: a page says what reports, reminders and the like have read, which is tested on both.

    Pages are opened and every form is sent on PostgreSQL too, by test_doors.py and
    test_every_writing_door.py.
    """
    for app in {"running_app", "standing_app"}.intersection(metafunc.fixturenames):
        metafunc.definition.add_marker(pytest.mark.parametrize(app, ["sqlite"], indirect=True))
