"""What reaches the logs: ids and verbs, never what people wrote."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
import structlog

from app.database import Database
from app.logs import name_request, set_up_logs
from app.reminders.worker import ReminderWorker
from app.settings import Settings, open_secrets
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


def in_production(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize("library", ["uvicorn.error", "asyncio", "sqlalchemy.pool"])
def test_a_library_logs_json_with_the_type_of_an_exception(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(Settings(environment="production"))
    with pytest.raises(ValueError, match=SAID) as raised:
        fail()
    message = f"Task exception was never retrieved\nfuture: <Task exception=ValueError('{SAID}')>"
    logging.getLogger(library).error(message, exc_info=raised.value)
    [line] = in_production(capsys)
    assert (line["level"], line["event"], line["logger"]) == ("error", message.split("\n")[0], library)
    assert line["error"] == "ValueError"
    assert "test_logs.py" in line["raised_at"]
    assert SAID not in str(line)


def test_a_traceback_in_a_message_is_cut_to_the_type(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(Settings(environment="production"))
    traceback = f'Traceback (most recent call last):\n  File "x.py", line 1\n    fail()\nValueError: {SAID}\n'
    logging.getLogger("uvicorn.error").error(traceback)
    assert [line["event"] for line in in_production(capsys)] == ["ValueError was raised"]


def test_people_who_develop_read_what_libraries_say(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(Settings())
    logging.getLogger("uvicorn.error").error("address %s in use", 8000)
    said = capsys.readouterr().err
    assert "address 8000 in use" in said
    assert not said.startswith("{")


@pytest.mark.anyio
async def test_a_worker_without_its_tables_logs_the_type_of_what_happened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=tmp_path, environment="production", public_url="https://x.example")
    set_up_logs(settings)
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    await ReminderWorker(database, settings, open_secrets(tmp_path)).beat()
    database.close()
    [line] = in_production(capsys)
    assert (line["event"], line["error"]) == ("reminders.beat_failed", "Busy")
    assert "no such table" not in str(line)


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
