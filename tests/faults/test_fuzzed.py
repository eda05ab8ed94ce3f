"""What every operation names as an example, and the edges of everything it takes, asked by schemathesis.

The same requests in every run, a few thousand. `fuzzed.py` goes on with random ones and with whole
conversations, for as long as one likes, and says which check is off and why.
"""

from __future__ import annotations

from pathlib import Path

from faults.fuzzed import findings


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    always_the_same = ["--phases", "examples,coverage", "--seed", "7"]
    assert findings(tmp_path, *always_the_same) == 0
