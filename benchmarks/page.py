"""The page of results: one table for each database, put in its place in docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import Result


def write_results(page: Path, database: str, command: str, results: Sequence[Result]) -> None:
    """Replace what stands between the two marks of this database."""
    begin, end = f"<!-- {database} -->\n", f"<!-- end of {database} -->\n"
    before, _, rest = page.read_text().partition(begin)
    _old, _, after = rest.partition(end)
    page.write_text(before + begin + _table(command, results) + end + after)


def _table(command: str, results: Sequence[Result]) -> str:
    load = [result["load_average"] for result in results]
    head = (
        f"`{command}`  \n{results[0]['machine']}, load average {min(load)} to {max(load)}\n\n"
        "| | ours | p50 | p99 | CPU each | floor | CPU each | ratio (min to max) | CPU by floor |\n"
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
    )
    return head + "".join(map(_row, results)) + "\n" + "".join(map(_remark, results)) + "\n"


def _row(result: Result) -> str:
    ours, floor = result["ours"], result["floor"]
    cells = (
        f"`{result['name']}`",
        f"{ours['per_second']:,.0f}/s",
        f"{ours['p50_ms']:,.1f} ms",
        f"{ours['p99_ms']:,.1f} ms",
        _cpu(ours["cpu_us"]),
        f"{floor['per_second']:,.0f}/s",
        _cpu(floor["cpu_us"]),
        f"{result['ratio']:.2f} ({result['ratio_min']:.2f} to {result['ratio_max']:.2f})",
        f"{result['cpu_ratio']:.1f}",
    )
    return f"| {' | '.join(cells)} |\n"


def _remark(result: Result) -> str:
    said = [
        f"{result[f'times_{other}']:g} times the {shape}"
        for other, shape in (("tutorial", "tutorial's shape"), ("naive", "naive loop"))
        if other in result
    ]
    if crowd := result.get("crowd"):
        said.append(
            f"{crowd['connections']} connections: {crowd['failures']} failures,"
            f" {crowd['share_of_rate']:g} of the rate at {result['connections']}"
        )
    if "none_due_ms" in result:
        said.append(f"{result['reminders']:,} reminders; {result['none_due_ms']:g} ms when none is due")
    return f"- `{result['name']}`: {'; '.join(said)}.\n" if said else ""


def _cpu(microseconds: float) -> str:
    return f"{microseconds:,.0f} µs" if microseconds < 10_000 else f"{microseconds / 1000:.1f} ms"
