"""What the files under deploy/ name exists: settings, commands, folders."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.cli import commands
from app.settings import Settings
from commands import typed

DEPLOY = Path(__file__).parent.parent / "deploy"
FILES = [
    DEPLOY / "Dockerfile",
    DEPLOY / "compose.yaml",
    DEPLOY / "README.md",
    *(DEPLOY / "systemd").iterdir(),
]
HOUSE = DEPLOY.parent


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_named_there_is_one(file: Path) -> None:
    named = {
        name.removesuffix("_FILE").lower() for name in re.findall(r"AFTERCARE_([A-Z_]+)\b", file.read_text())
    }
    assert named <= set(Settings.model_fields)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_command_typed_there_is_one(file: Path) -> None:
    typed = re.findall(r"python -m app ([a-z]+)|^as ([a-z]+)", file.read_text(), re.MULTILINE)
    known = {one.name or one.callback.__name__ for one in commands.registered_commands if one.callback}
    assert {first or second for first, second in typed} <= known | {"user"}


@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").iterdir()), ids=lambda unit: unit.name)
def test_a_service_with_a_wrong_setting_is_not_started_again_and_again(unit: Path, tmp_path: Path) -> None:
    said = typed("serve", "--data", str(tmp_path), port="web")
    assert f"RestartPreventExitStatus={said.returncode}\n" in unit.read_text()


def test_the_image_holds_what_is_run_and_nothing_more() -> None:
    ignored = (HOUSE / ".dockerignore").read_text().split()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    wanted = {name for names in copied for name in names.split()}
    assert wanted == {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert all((HOUSE / name).exists() for name in wanted)


def test_the_image_runs_as_nobody_in_particular_and_asks_itself_whether_it_is_well() -> None:
    said = (DEPLOY / "Dockerfile").read_text()
    assert "USER 10001:10001" in said
    assert 'CMD ["python", "-m", "app", "healthcheck"]' in said
