from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.processes import Site
from push_service import PushService, push_service


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def site(database_url: str, tmp_path: Path, service: PushService) -> Iterator[Site]:
    opened = Site(database_url, tmp_path, [service])
    yield opened
    opened.close()
