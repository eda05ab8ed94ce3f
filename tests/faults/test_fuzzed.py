"""Every phase of schemathesis in 45 seconds at most; `fuzzed.py` says which check is off and why."""

from __future__ import annotations

from pathlib import Path

from faults.fuzzed import findings


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    assert findings(tmp_path, "--max-examples", "2", "--max-time", "45", "--seed", "7") == 0
