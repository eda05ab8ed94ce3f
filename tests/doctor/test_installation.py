from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.clock import utc_now
from app.doctor.check import Check, State, roughly
from app.doctor.installation import (
    backup,
    backup_folder,
    compared,
    data_kept,
    environment,
    files_clock,
    public_address,
    push_contact,
    push_key,
    secrets_kept,
)
from app.settings import Environment, Settings, open_secrets

HOUR = timedelta(hours=1)
HTTPS = "https://aftercare.example"


def in_production(**chosen: Any) -> Settings:
    return Settings(environment=Environment.PRODUCTION, **chosen)


def touched(file: Path, at: datetime) -> None:
    file.touch()
    os.utime(file, (at.timestamp(), at.timestamp()))


def test_a_check_is_one_line_that_ends_with_the_fix() -> None:
    check = Check("backup", State.LOOK, "no backup known.", "Make one.")
    assert str(check) == "look  backup: no backup known. Make one."


def test_a_check_in_order_has_nothing_to_fix() -> None:
    assert str(Check("tables", State.OK, "up to date.")) == "ok    tables: up to date."


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=-40), "40 seconds"),
        (timedelta(seconds=119), "119 seconds"),
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(days=12), "12 days"),
    ],
)
def test_a_span_is_told_roughly(span: timedelta, words: str) -> None:
    assert roughly(span) == words


def test_an_https_address_is_in_order() -> None:
    assert public_address(in_production(public_url=HTTPS)).state is State.OK


def test_plain_http_on_the_home_network_must_be_mended_because_phones_allow_no_reminders_there() -> None:
    check = public_address(Settings(public_url="http://192.168.1.5:8000"))
    assert check.state is State.MEND
    assert "plain http, where phones allow neither reminders" in check.found


@pytest.mark.parametrize(
    "address", ["http://localhost:8000", "http://127.0.0.1:8000", "http://oak.localhost"]
)
def test_this_computer_is_in_order_while_trying_out(address: str) -> None:
    assert public_address(Settings(public_url=address)).state is State.OK


def test_this_computer_is_no_address_for_patients() -> None:
    assert public_address(in_production(public_url="http://localhost:8000")).state is State.MEND


def test_an_https_address_in_development_is_worth_a_look() -> None:
    assert environment(Settings(public_url=HTTPS)).state is State.LOOK
    assert environment(in_production(public_url=HTTPS)).state is State.OK


@pytest.mark.parametrize("subject", ["mailto:care@practice.example", "https://practice.example/contact"])
def test_push_services_can_write_to_a_contact(subject: str) -> None:
    check = push_contact(in_production(vapid_subject=subject))
    assert check.state is State.OK
    assert check.found.endswith("practice.example.")


def test_the_public_address_is_a_contact() -> None:
    assert push_contact(in_production(public_url=HTTPS)).state is State.OK


def test_nobody_to_write_to_must_be_mended_in_production_only() -> None:
    assert push_contact(in_production()).state is State.MEND
    assert push_contact(Settings()).state is State.LOOK


def test_a_contact_without_mailto_is_none() -> None:
    assert push_contact(in_production(vapid_subject="care@practice.example")).state is State.MEND


def test_the_push_key_is_told_with_its_age(tmp_path: Path) -> None:
    open_secrets(tmp_path)
    check = push_key(tmp_path, utc_now() + timedelta(days=12))
    assert (check.state, check.found) == (State.OK, "a P-256 key, made 12 days ago.")


def test_before_the_first_start_there_is_no_key_and_none_is_made(tmp_path: Path) -> None:
    assert push_key(tmp_path, utc_now()).state is State.LOOK
    assert secrets_kept(tmp_path).state is State.LOOK
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_push_key_must_be_mended(tmp_path: Path) -> None:
    open_secrets(tmp_path)
    (tmp_path / "secrets" / "vapid_private_key.pem").write_bytes(b"damaged")
    assert push_key(tmp_path, utc_now()).state is State.MEND


def test_secrets_kept_for_their_owner_are_in_order(tmp_path: Path) -> None:
    open_secrets(tmp_path)
    assert secrets_kept(tmp_path).state is State.OK


@pytest.mark.parametrize("exposed", ["key", "vapid_private_key.pem", "."])
def test_a_secret_others_can_read_must_be_mended(tmp_path: Path, exposed: str) -> None:
    open_secrets(tmp_path)
    (tmp_path / "secrets" / exposed).chmod(0o750)
    check = secrets_kept(tmp_path)
    assert check.state is State.MEND
    assert "chmod" in check.fix


@pytest.mark.parametrize(
    ("folder", "file", "state"),
    [(0o700, 0o644, State.OK), (0o755, 0o600, State.LOOK), (0o755, 0o644, State.MEND)],
)
def test_a_diary_others_can_read_must_be_mended(tmp_path: Path, folder: int, file: int, state: State) -> None:
    (tmp_path / "aftercare.sqlite3").touch(file)
    (tmp_path / "aftercare.sqlite3").chmod(file)
    tmp_path.chmod(folder)
    check = data_kept(tmp_path)
    assert check.state is state
    assert ("chmod" in check.fix) is (state is not State.OK)


def test_clocks_that_agree_are_in_order(tmp_path: Path) -> None:
    assert files_clock(tmp_path).state is State.OK
    assert list(tmp_path.iterdir()) == []


def test_a_file_stamped_by_another_clock_is_noticed(tmp_path: Path) -> None:
    check = files_clock(tmp_path, clock=lambda: utc_now() + 3 * HOUR)
    assert (check.state, check.found) == (State.MEND, "it is 3 hours behind ours.")


def test_a_few_seconds_between_clocks_are_worth_a_look() -> None:
    check = compared("clock", timedelta(seconds=20))
    assert (check.state, check.found) == (State.LOOK, "it is 20 seconds ahead of ours.")


def test_a_data_folder_that_is_not_there_must_be_mended(tmp_path: Path) -> None:
    check = data_kept(tmp_path / "nowhere")
    assert check.state is State.MEND
    assert "--data" in check.fix


def test_no_backup_is_said_plainly(tmp_path: Path) -> None:
    check = backup(tmp_path, utc_now())
    assert (check.state, check.found) == (State.LOOK, "no backup known.")


def test_a_folder_backups_can_be_put_into_is_in_order(tmp_path: Path) -> None:
    (tmp_path / "away").mkdir()
    assert backup_folder(tmp_path / "away", tmp_path / "data").state is State.OK
    assert list((tmp_path / "away").iterdir()) == []


def test_a_folder_that_can_hold_no_backup_must_be_mended(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "data" / "backups").mkdir(parents=True)
    no_folder = backup_folder(tmp_path / "file", tmp_path / "data")
    beside_the_key = backup_folder(tmp_path / "data" / "backups", tmp_path / "data")
    assert (no_folder.state, beside_the_key.state) == (State.MEND, State.MEND)
    assert no_folder.found == f"nothing can be written in {tmp_path / 'file'}: Not a directory."


def test_a_backup_folder_is_made_by_whoever_serves(tmp_path: Path) -> None:
    assert backup_folder(tmp_path / "away", tmp_path / "data").state is State.LOOK
    assert list(tmp_path.iterdir()) == []


def test_a_backup_of_this_morning_is_in_order(tmp_path: Path) -> None:
    now = datetime(2026, 3, 18, 12, tzinfo=UTC)
    touched(tmp_path / "last_backup", now - 5 * HOUR)
    check = backup(tmp_path, now)
    assert (check.state, check.found) == (State.OK, "the last one is 5 hours old.")


def test_a_backup_of_last_week_is_worth_a_look(tmp_path: Path) -> None:
    now = datetime(2026, 3, 18, 12, tzinfo=UTC)
    touched(tmp_path / "last_backup", now - timedelta(days=6))
    assert backup(tmp_path, now).state is State.LOOK
