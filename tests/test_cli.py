"""The command line as an operator types it, in processes of their own."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import httpx2
import pytest
from sqlalchemy.orm import Session

from app.backup.sealed import new_key
from app.cli.mistakes import to_mend
from app.cli.serving import require_free_port, require_named_proxy
from app.clock import utc_now
from app.database import make_engine
from app.errors import Misconfigured
from app.settings import Settings, open_secrets
from builders import a_worker
from commands import HOUSE, typed
from conftest import settings_for
from postgres import database_of, in_database, name_of
from running import free_port, served


@pytest.fixture
def tended(database_url: str, tmp_path: Path) -> Settings:
    """An installation with its secrets, its tables and a worker that beats."""
    engine = make_engine(database_url)
    with Session(engine) as db, db.begin():
        a_worker(db, utc_now())
    engine.dispose()
    settings = settings_for(database_url, tmp_path)
    assert typed("vapid", data=str(settings.data)).returncode == 0
    return settings


def test_the_doctor_ends_well_when_nothing_must_be_mended(tended: Settings) -> None:
    said = typed("doctor", "--data", str(tended.data), database_url=tended.database_url)
    assert (said.returncode, said.stderr) == (0, "")
    lines = said.stdout.splitlines()
    assert {line.split(maxsplit=1)[0] for line in lines} == {"ok", "look"}
    assert "ok    workers: 1 worker on oak, in time." in lines


def test_the_doctor_ends_with_status_1_when_something_must_be_mended(tended: Settings) -> None:
    said = typed(
        "doctor",
        "--data",
        str(tended.data),
        database_url=tended.database_url,
        public_url="http://192.168.1.5",
    )
    assert said.returncode == 1
    assert [line.split(":")[0] for line in said.stdout.splitlines() if line.startswith("mend")] == [
        "mend  public address"
    ]


@pytest.mark.parametrize("command", ["migrate", "vapid"])
def test_a_mistyped_setting_is_told_and_the_command_goes_on(command: str, tmp_path: Path) -> None:
    said = typed(command, "--data", str(tmp_path), databse_url="postgresql://u:geheim@oak/care")
    assert (said.returncode, said.stderr) == (
        0,
        "aftercare: AFTERCARE_DATABSE_URL is no setting: did you mean AFTERCARE_DATABASE_URL?\n",
    )


def test_the_doctor_names_a_mistyped_setting(tmp_path: Path) -> None:
    said = typed("doctor", "--data", str(tmp_path), backup_foldr="/backups")
    assert said.stdout.splitlines()[0] == (
        "look  settings: AFTERCARE_BACKUP_FOLDR is no setting: did you mean AFTERCARE_BACKUP_FOLDER?"
    )


def test_the_doctor_makes_nothing_where_there_is_nothing(tmp_path: Path) -> None:
    said = typed("doctor", "--data", str(tmp_path / "nowhere"))
    assert said.returncode == 1
    assert "mend  database: there is none at " in said.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_push_key_is_printed_with_its_contact(tmp_path: Path) -> None:
    said = typed("vapid", "--data", str(tmp_path), vapid_subject="mailto:care@practice.example")
    key, subject = (line.split()[-1] for line in said.stdout.splitlines())
    assert (said.returncode, len(key), subject) == (0, 87, "mailto:care@practice.example")
    assert typed("vapid", "--data", str(tmp_path)).stdout.splitlines()[0].endswith(key)


@pytest.fixture
def port_of_a_server(database_url: str, tmp_path: Path) -> Iterator[str]:
    settings = settings_for(database_url, tmp_path).model_copy(update={"port": free_port()})
    with served(settings):
        yield str(settings.port)


def test_a_running_server_passes_its_health_check(port_of_a_server: str) -> None:
    assert typed("healthcheck", "--port", port_of_a_server).stderr == ""
    everywhere = "0.0.0.0"  # noqa: S104 - what a container listens on
    assert typed("healthcheck", host=everywhere, port=port_of_a_server).returncode == 0


def test_where_nothing_answers_the_health_check_fails_and_says_why() -> None:
    port = str(free_port())
    said = typed("healthcheck", "--port", port)
    assert said.returncode == 1
    assert said.stderr == f"Nothing healthy answers on port {port}: nobody listens there.\n"


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_where_a_port_is_taken_it_is_named_before_anything_is_written(command: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = typed(command, "--port", str(port), "--data", str(tmp_path))
    assert said.returncode == 1
    assert said.stderr.startswith(
        f"aftercare: Nobody can listen on port {port} of 127.0.0.1: address already in use."
        " Choose another port with --port "
    )
    assert said.stderr.count("\n") == 1
    assert (said.stdout, list(tmp_path.iterdir())) == ("", [])


@pytest.mark.parametrize("host", ["nowhere.invalid", "203.0.113.1", "2001:db8::1"])
def test_an_address_that_is_not_ours_is_named_too(host: str) -> None:
    with pytest.raises(Misconfigured, match=f"port 8000 of {host}: "):
        require_free_port(host, 8000)


def test_a_health_check_of_an_address_nobody_knows_says_so() -> None:
    said = typed("healthcheck", "--host", "nowhere.invalid", "--port", "8000")
    assert said.returncode == 1
    assert said.stderr.endswith(": nobody knows the address nowhere.invalid.\n")


def test_in_production_a_server_that_cannot_start_says_so_in_json(tmp_path: Path) -> None:
    production = {"environment": "production", "public_url": "https://x.example", "data": str(tmp_path)}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = typed("serve", "--port", str(taken.getsockname()[1]), **production)
    lines = [json.loads(line) for line in said.stderr.splitlines()]
    assert said.returncode != 0
    assert any("address already in use" in line["event"] for line in lines)


def test_in_production_a_database_that_is_away_is_one_line_of_json(tmp_path: Path) -> None:
    production = {"environment": "production", "public_url": "https://x.example", "data": str(tmp_path)}
    said = typed("serve", database_url="postgresql://nobody@127.0.0.1:1/none", **production)
    assert said.returncode == 1
    line = json.loads(said.stderr)
    assert line["error"] == "OperationalError"
    assert line["event"].startswith("The database cannot be used: connection failed")


ANY_COMMAND = pytest.mark.parametrize(
    "words",
    [
        ("migrate",),
        ("serve", "--port", str(free_port())),
        ("demo", "--port", str(free_port())),
        ("backup", "/dev/null/x"),
        ("user", "create", "rui@practice.example", "--name", "Rui"),
    ],
    ids=lambda words: words[0],
)


@pytest.mark.parametrize("command", ["migrate", "serve", "demo", "worker", "vapid"])
def test_a_file_in_the_place_of_the_data_folder_is_one_line(command: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = typed(command, "--data", str(tmp_path / "file"))
    assert (said.returncode, said.stderr) == (
        2,
        f"aftercare: The data folder {tmp_path / 'file'} cannot be used: it is no folder."
        " Choose another with --data or AFTERCARE_DATA.\n",
    )


@ANY_COMMAND
def test_a_database_that_the_server_does_not_have_is_one_line(
    words: tuple[str, ...], postgres: str, tmp_path: Path
) -> None:
    url = in_database(postgres, "nowhere").replace("postgres@", "postgres:geheim@")
    said = typed(*words, "--data", str(tmp_path), database_url=url)
    assert said.returncode == 1
    assert said.stderr.startswith("aftercare: The database cannot be used: ")
    assert 'database "nowhere" does not exist. Check AFTERCARE_DATABASE_URL, ' in said.stderr
    assert said.stderr.count("\n") == 1
    assert "geheim" not in said.stderr


@ANY_COMMAND
def test_a_file_that_is_no_database_is_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "aftercare.sqlite3").write_text("miaow")
    said = typed(*words, "--data", str(tmp_path))
    assert said.returncode == 1
    assert said.stderr.startswith("aftercare: The database cannot be used: file is not a database. ")
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "doctor"])
def test_a_wrong_setting_ends_every_command_with_status_2_and_one_line(command: str, tmp_path: Path) -> None:
    said = typed(command, "--data", str(tmp_path / "data"), database_url="mysql://u:geheim@oak/care")
    assert said.returncode == 2
    assert said.stderr.startswith("aftercare: Please correct these settings. AFTERCARE_DATABASE_URL: ")
    assert said.stderr.count("\n") == 1
    assert "geheim" not in said.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["worker", "doctor", "vapid"])
def test_a_command_takes_the_data_folder(command: str) -> None:
    assert "--data" in typed(command, "--help").stdout


def test_analyse_answers_diaries_without_database_or_settings(tmp_path: Path) -> None:
    diary = '{"today": "2026-11-23", "plan": {}, "focus": null, "sessions": [], "entries": []}'
    said = subprocess.run(
        [sys.executable, "-m", "app", "analyse"],
        cwd=HOUSE,
        env={"PATH": os.environ["PATH"], "AFTERCARE_DATABASE_URL": "nonsense://"},
        input=f"{diary}\nnonsense\n{diary}\n",
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert said.returncode == 1
    assert said.stderr == "line 2: this is not JSON\n"
    assert [json.loads(line).get("error") for line in said.stdout.splitlines()] == [
        None,
        "this is not JSON",
        None,
    ]


def test_analyse_ends_at_ctrl_c_without_a_traceback() -> None:
    command = [sys.executable, "-m", "app", "analyse"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=HOUSE, text=True, **pipes) as analysing:
        assert analysing.stdin is not None
        assert analysing.stdout is not None
        print('{"today": "2026-11-23"}', file=analysing.stdin, flush=True)
        assert analysing.stdout.readline()
        analysing.send_signal(signal.SIGINT)
        _answers, said = analysing.communicate(timeout=60)
    assert (analysing.returncode, said) == (130, "")


def test_analyse_says_that_the_disk_is_full() -> None:
    with open("/dev/full", "w") as full:
        said = subprocess.run(
            [sys.executable, "-m", "app", "analyse"],
            cwd=HOUSE,
            input='{"today": "2026-11-23"}\n',
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert (said.returncode, said.stderr) == (
        1,
        "aftercare: The answers cannot be written: No space left on device.\n",
    )


def test_a_backup_is_put_back_in_another_folder(tmp_path: Path, migrated_sqlite: Path) -> None:
    data, backup = tmp_path / "data", tmp_path / "away.backup"
    data.mkdir()
    shutil.copy(migrated_sqlite, data / "aftercare.sqlite3")
    made = typed("backup", str(backup), "--data", str(data))
    assert (made.returncode, made.stderr) == (0, "")
    assert "keep a copy of that in another place" in made.stdout
    key = str(data / "secrets" / "backup_key")
    restored = typed("restore", str(backup), "--data", str(tmp_path / "new"), "--key", key)
    assert (restored.returncode, restored.stderr) == (0, "")
    new_ones = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
    assert tmp_path / "new" / "aftercare.sqlite3" in new_ones
    assert [path.name for path in new_ones if path.stat().st_mode & 0o077] == []


def test_what_was_put_back_is_sealed_with_the_same_key_again(tmp_path: Path, migrated_sqlite: Path) -> None:
    """Of a new one nobody would have a copy."""
    (tmp_path / "data").mkdir()
    shutil.copy(migrated_sqlite, tmp_path / "data" / "aftercare.sqlite3")
    assert typed("backup", str(tmp_path / "away"), "--data", str(tmp_path / "data")).returncode == 0
    key, new = tmp_path / "data" / "secrets" / "backup_key", tmp_path / "new"
    words = ("restore", str(tmp_path / "away"), "--data", str(new), "--key", str(key))
    assert typed(*words).returncode == 0
    assert (new / "secrets" / "backup_key").read_bytes() == key.read_bytes()
    assert typed("backup", str(tmp_path / "next"), "--data", str(new)).returncode == 0
    assert typed("restore", str(tmp_path / "next"), "--data", str(tmp_path / "data")).returncode == 0


def test_the_settings_of_a_backup_are_told_without_the_password(
    tmp_path: Path, migrated_sqlite: Path
) -> None:
    data, away = tmp_path / "data", tmp_path / "away"
    data.mkdir()
    shutil.copy(migrated_sqlite, data / "aftercare.sqlite3")
    mail = {"smtp_host": "mail.practice.example", "smtp_password": "geheim"}
    assert typed("backup", str(away), "--data", str(data), **mail).returncode == 0
    said = typed("restore", str(away), "--data", str(data))
    assert said.stdout.splitlines()[1:] == [
        "It ran with AFTERCARE_SMTP_HOST=mail.practice.example",
        "It ran with AFTERCARE_SMTP_PASSWORD=…",
    ]


def test_without_its_key_a_backup_is_not_put_back_and_nothing_is_made(
    tmp_path: Path, migrated_sqlite: Path
) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(migrated_sqlite, tmp_path / "data" / "aftercare.sqlite3")
    assert typed("backup", str(tmp_path / "away"), "--data", str(tmp_path / "data")).returncode == 0
    said = typed("restore", str(tmp_path / "away"), "--data", str(tmp_path / "new"))
    assert said.returncode == 1
    assert said.stderr.endswith(" another key: name its file with --key. Nothing was changed.\n")
    assert not (tmp_path / "new").exists()


def test_a_folder_without_a_database_is_not_backed_up_and_none_is_made(tmp_path: Path) -> None:
    said = typed("backup", str(tmp_path / "away"), "--data", str(tmp_path / "mistyped"))
    missing = tmp_path / "mistyped" / "aftercare.sqlite3"
    assert (said.returncode, said.stderr) == (
        1,
        f"aftercare: There is no database at {missing}. Name the right folder with --data.\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_backup_is_one_line_for_the_operator(tmp_path: Path) -> None:
    (tmp_path / "cat.jpg").write_bytes(b"miaow")
    said = typed("restore", str(tmp_path / "cat.jpg"), "--data", str(tmp_path / "data"))
    assert said.returncode == 1
    assert (
        said.stderr
        == "aftercare: This is no whole backup: it is damaged or cut short. Nothing was changed.\n"
    )
    assert not (tmp_path / "data" / "aftercare.sqlite3").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ("backup", "{at}/no/x"),
            "The backup cannot be written to {at}/no/x: No such file or directory.",
        ),
        (("backup", "{at}/away"), "The backup cannot be written to {at}/away: Is a directory."),
        (("restore", "{at}/no"), "The backup cannot be read from {at}/no: No such file or directory."),
        (("restore", "{at}/away"), "The backup cannot be read from {at}/away: Is a directory."),
        (
            ("restore", "{at}/away", "--key", "{at}/no"),
            "The key cannot be read from {at}/no: No such file or directory.",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(
    words: tuple[str, ...], told: str, tmp_path: Path, migrated_sqlite: Path
) -> None:
    data, away = tmp_path / "data", tmp_path / "away"
    data.mkdir()
    away.mkdir()
    shutil.copy(migrated_sqlite, data / "aftercare.sqlite3")
    words = tuple(word.format(at=tmp_path) for word in words)
    said = typed(*words, "--data", str(data), backup_key=new_key().decode())
    assert (said.returncode, said.stderr) == (1, f"aftercare: {told.format(at=tmp_path)}\n")
    assert list(away.iterdir()) == []


@pytest.mark.parametrize(
    "error", [ValueError("x"), FileNotFoundError(2, "x"), RuntimeError("x"), KeyError("x")]
)
def test_a_fault_of_ours_keeps_its_traceback(error: Exception) -> None:
    assert to_mend(error) is None


def test_a_full_disk_is_no_fault_of_ours() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/data/secrets/key")
    assert to_mend(full) == "/data/secrets/key cannot be written or read: No space left on device."


def test_an_operator_makes_an_account_and_hands_over_a_link(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, port=free_port())
    words = ("user", "create", "rui@practice.example", "--name", "Rui", "--zone", "Europe/Lisbon")
    said = typed(*words, data=str(tmp_path), public_url=f"http://localhost:{settings.port}")
    assert (said.returncode, said.stderr) == (0, "")
    with served(settings):
        page = httpx2.get(said.stdout.splitlines()[-1])
        assert page.status_code == 200
        assert "rui@practice.example" in page.text


def test_a_link_for_nobody_is_not_made(tmp_path: Path) -> None:
    said = typed("user", "reset-password", "nobody@people.example", data=str(tmp_path))
    assert (said.returncode, said.stderr) == (1, "aftercare: There is no account with this e-mail address.\n")


def test_an_account_with_a_wrong_zone_is_not_made(tmp_path: Path) -> None:
    words = ("user", "create", "rui@practice.example", "--name", "Rui", "--zone", "Lisbon")
    said = typed(*words, data=str(tmp_path))
    assert (said.returncode, said.stderr) == (
        1,
        "aftercare: zone: Use an IANA time zone such as Europe/Berlin.\n",
    )


@pytest.mark.parametrize("believed", ["*", " * ", "10.0.0.1, *", "10.0.0.*", "0.0.0.0/0", "10.0.0.1,::/0"])
def test_a_proxy_has_to_be_named(believed: str) -> None:
    with pytest.raises(Misconfigured, match="must name your proxy"):
        require_named_proxy(believed)


@pytest.mark.parametrize("believed", ["", "127.0.0.1", "172.30.7.2, 10.0.0.0/8"])
def test_a_proxy_that_is_named_is_believed(believed: str) -> None:
    require_named_proxy(believed)


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_secret_that_cannot_be_used_is_told_before_the_tables_are_made(
    command: str, tmp_path: Path
) -> None:
    open_secrets(tmp_path)
    (tmp_path / "secrets" / "key").write_bytes(b"short")
    said = typed(command, "--port", str(free_port()), "--data", str(tmp_path))
    assert said.returncode == 1
    assert said.stderr.endswith("secrets/key is too weak: it must hold 32 random bytes.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["secrets"]


def test_several_serving_processes_are_refused_on_sqlite(tmp_path: Path) -> None:
    said = typed("serve", "--workers", "2", "--data", str(tmp_path))
    assert said.returncode == 1
    assert said.stderr.startswith("aftercare: SQLite takes one serving process.")


def test_several_processes_serve_one_postgresql_and_stop_in_order(
    postgres: str, migrated_postgresql: str, tmp_path: Path
) -> None:
    with database_of(postgres, name_of(migrated_postgresql)) as url:
        port = free_port()
        (tmp_path / "temporary").mkdir()
        environment = os.environ | {
            "AFTERCARE_DATABASE_URL": url,
            "AFTERCARE_METRICS": "true",
            "TMPDIR": str(tmp_path / "temporary"),
        }
        command = [sys.executable, "-m", "app", "serve", "--workers", "2", "--port", str(port)]
        serving = subprocess.Popen([*command, "--data", str(tmp_path)], cwd=HOUSE, env=environment)
        try:
            assert len(processes_at(port, wanted=2)) == 2
            serving.send_signal(signal.SIGTERM)
            assert serving.wait(30) == 0
        finally:
            serving.kill()
    assert list((tmp_path / "temporary").iterdir()) == []


def processes_at(port: int, wanted: int) -> set[str]:
    """The processes that answered there, once so many of them had, or after two minutes.

    Beside other tests it takes that long until they serve, and what does not serve yet ends at the signal.
    """
    found: set[str] = set()
    end = time.monotonic() + 120
    while len(found) < wanted and time.monotonic() < end:
        try:
            told = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
            found |= set(re.findall(r'aftercare_writes_total\{process="(\d+)"', told))
        except httpx2.TransportError:
            time.sleep(0.1)
    return found


def test_a_worker_tells_what_it_sent_where_it_is_asked_to(migrated_sqlite: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "aftercare.sqlite3")
    port = free_port()
    command = [sys.executable, "-m", "app", "worker", "--metrics-port", str(port), "--data", str(tmp_path)]
    working = subprocess.Popen(command, cwd=HOUSE)
    try:
        assert "# TYPE aftercare_messages_total counter" in told_at(port)
    finally:
        working.kill()
        working.wait()


def told_at(port: int) -> str:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            return httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
        except httpx2.TransportError:
            time.sleep(0.1)
    raise TimeoutError


def test_a_worker_says_once_why_it_cannot_use_its_database(tmp_path: Path) -> None:
    (tmp_path / "aftercare.sqlite3").write_text("miaow")
    command = [sys.executable, "-m", "app", "worker", "--data", str(tmp_path)]
    working = subprocess.Popen(command, cwd=HOUSE, stderr=subprocess.PIPE, text=True)
    try:
        said = "".join(islice(working.stderr or (), 3))
        assert "The database cannot be used: file is not a database. Look at the file " in said
    finally:
        working.kill()
        working.communicate()


def test_a_worker_whose_port_is_taken_says_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = typed("worker", "--metrics-port", port, "--data", str(tmp_path))
    assert said.returncode == 1
    assert said.stderr.startswith(f"aftercare: Metrics cannot be told at 127.0.0.1:{port}: ")
