"""The floors of the house: who may import whom, who may commit, who may turn wall time into an instant."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent
APP = HOUSE / "app"
LINT = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LINT], cwd=house, capture_output=True, text=True)


@pytest.fixture
def copy_of_the_house(tmp_path: Path) -> Path:
    shutil.copytree(HOUSE / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_only_go_down() -> None:
    answer = lint(HOUSE)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_readme_shows_the_floors_that_are_checked() -> None:
    drawn = re.search(r"```\n(main\.py .*?)```", (HOUSE / "README.md").read_text(), re.DOTALL)
    assert drawn is not None
    shown = [set(re.findall(r"(\w+)(?:\.py|/)", line[:40])) for line in drawn[1].splitlines()]
    assert [{"__main__"}, *shown] == floors()


def floors() -> list[set[str]]:
    contracts = tomllib.loads((HOUSE / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["id"] == "floors")
    return [set(re.findall(r"\w+", layer)) for layer in layers]


def test_a_module_without_a_floor_is_refused(copy_of_the_house: Path) -> None:
    (copy_of_the_house / "app" / "utils.py").write_text("")
    answer = lint(copy_of_the_house)
    assert answer.returncode == 1
    assert "utils" in answer.stdout


def test_an_import_that_goes_up_is_refused(copy_of_the_house: Path) -> None:
    with (copy_of_the_house / "app" / "models" / "body.py").open("a") as module:
        module.write("\nimport app.diary.fold\n")
    answer = lint(copy_of_the_house)
    assert answer.returncode == 1
    assert "app.models.body -> app.diary.fold" in answer.stdout


def test_only_the_database_ends_transactions() -> None:
    assert calls_outside("database.py", ends_a_transaction) == []


def test_only_the_schedule_turns_wall_time_into_instants() -> None:
    assert calls_outside("reminders/schedule.py", makes_an_instant_of_wall_time) == []


def calls_outside(allowed: str, is_reserved: Callable[[ast.Call], bool]) -> list[str]:
    """Where a reserved call is made by any other module than the one it is reserved for."""
    return [
        f"{module.relative_to(APP)}:{node.lineno}"
        for module in sorted(APP.rglob("*.py"))
        if module != APP / allowed
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call) and is_reserved(node)
    ]


def ends_a_transaction(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in ("commit", "rollback")


def makes_an_instant_of_wall_time(call: ast.Call) -> bool:
    combines = isinstance(call.func, ast.Attribute) and call.func.attr == "combine"
    return combines or any(keyword.arg == "tzinfo" for keyword in call.keywords)
