"""What reaches the logs: ids and verbs, never what people wrote."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
import structlog

from app.logs import name_request, set_up_logs
from app.settings import Settings
from conftest import settings_for
from running import running

SAID = "my shoulder hurts"


@pytest.fixture(params=["production", "development"])
def logs(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    """Logs of an environment, set up after the capture so that they are caught."""
    set_up_logs(Settings(environment=request.param))


def fail() -> None:
    raise ValueError(SAID)


@pytest.mark.usefixtures("logs")
def test_an_exception_is_logged_by_its_type_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=SAID) as raised:
        fail()
    structlog.get_logger().error("unexpected_error", error=raised.value)
    logged = capsys.readouterr().err
    assert "ValueError" in logged
    assert "test_logs.py" in logged
    assert SAID not in logged


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize("library", ["uvicorn.error", "asyncio"])
def test_a_library_cannot_log_the_text_of_an_exception(
    library: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ValueError, match=SAID) as raised:
        fail()
    logging.getLogger(library).error("Exception in ASGI application", exc_info=raised.value)
    assert SAID not in caplog.text


@pytest.mark.usefixtures("logs")
def test_each_line_of_a_request_has_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    request_id = name_request("from-the-proxy-17")
    structlog.get_logger().error("unexpected_error")
    assert request_id == "from-the-proxy-17"
    assert request_id in capsys.readouterr().err


def test_a_start_and_a_stop_are_logged(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(settings_for(database_url, tmp_path)):
        started = capsys.readouterr().err
    assert "service.started" in started
    assert f"database={database_url.partition(':')[0].partition('+')[0]}" in started
    assert "at=http://testserver" in started
    assert "version=" in started
    assert "service.stopped" in capsys.readouterr().err


@pytest.mark.parametrize("wanted", ["", "short", "a b c d e f g h", "x" * 65, 'quo"te-and-more'])
def test_what_does_not_look_like_an_id_is_replaced(wanted: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", name_request(wanted))
