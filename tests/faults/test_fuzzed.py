"""A few requests to every operation of the OpenAPI document, each with all checks of schemathesis."""

from __future__ import annotations

from pathlib import Path

from faults.fuzzed import findings


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    assert findings(tmp_path, "--phases", "examples,fuzzing", "--max-examples", "2", "--seed", "7") == 0
