"""What a comparison came to: each side's rounds as one object, and their ratio."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

Result = dict[str, Any]


class Round(NamedTuple):
    """One round of one side: work done per second, processor time for each piece, how long each took."""

    per_second: float
    cpu_us: float
    p50_ms: float = 0
    p99_ms: float = 0
    failures: int = 0


def compared(name: str, sides: Mapping[str, Sequence[Round]], **about: Any) -> Result:
    """`ratio` is our work per second as a share of the floor's, `cpu_ratio` our processor time as a multiple.

    Both are medians over the rounds, each compared with the floor of its own round.
    """
    floor, ours = sides["floor"], sides["ours"]
    shares = _ratios([one.per_second for one in ours], [one.per_second for one in floor])
    costs = _ratios([one.cpu_us for one in ours], [one.cpu_us for one in floor])
    others = {side: rounds for side, rounds in sides.items() if side not in ("floor", "ours")}
    return {
        "name": name,
        "ratio": round(median(shares), 3),
        "ratio_min": round(min(shares), 3),
        "ratio_max": round(max(shares), 3),
        "cpu_ratio": round(median(costs), 2),
        "floor": _summary(floor),
        "ours": _summary(ours),
        **{side: _summary(rounds) for side, rounds in others.items()},
        **{
            f"times_{side}": round(
                median(_ratios([one.per_second for one in ours], [one.per_second for one in rounds])), 2
            )
            for side, rounds in others.items()
        },
        "rounds": len(ours),
        "machine": machine(),
        "load_average": round(os.getloadavg()[0], 1),
        **about,
    }


def in_words(result: Result) -> str:
    """The same for people."""
    lines = [f"{result['name']}  ratio {result['ratio']:.2f} ({result['ratio_min']:.2f} to"]
    lines[0] += f" {result['ratio_max']:.2f}), processor time {result['cpu_ratio']:.1f} x floor"
    for side, found in result.items():
        if isinstance(found, dict) and "per_second" in found:
            lines.append(
                f"  {side:<10} {found['per_second']:10.1f}/s  cpu {found['cpu_us']:9.0f} µs"
                f"  p50 {found['p50_ms']:8.2f} ms  p99 {found['p99_ms']:8.2f} ms"
                + (f"  {found['failures']} FAILED" if found["failures"] else "")
            )
    return "\n".join(lines)


def machine() -> str:
    """What this was measured on."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    named = models[0] if models else platform.machine()
    return (
        f"{os.cpu_count()} cores of {named}, Python {platform.python_version()}, {datetime.now(UTC):%d %B %Y}"
    )


def _summary(rounds: Sequence[Round]) -> dict[str, float]:
    rates = [one.per_second for one in rounds]
    return {
        "per_second": round(median(rates), 2),
        "per_second_min": round(min(rates), 2),
        "per_second_max": round(max(rates), 2),
        "cpu_us": round(median(one.cpu_us for one in rounds), 1),
        "p50_ms": round(median(one.p50_ms for one in rounds), 3),
        "p99_ms": round(median(one.p99_ms for one in rounds), 3),
        "failures": sum(one.failures for one in rounds),
    }


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [one / least if least else 0.0 for one, least in zip(ours, theirs, strict=True)]
