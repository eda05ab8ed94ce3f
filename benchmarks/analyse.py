"""What a diary has to say: finding it out, against reading the line and taking the mean of each measure."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from statistics import fmean

from app.insights.analyse import analysis
from app.insights.diary_line import read_diary
from benchmarks.results import Result, Round, compared

DIARIES, DAYS = 20, 180
LAST = date(2026, 11, 20)
MEASURES = ("pain", "stiffness", "mobility", "water", "stretch_min", "exercises", "sleep_h")


def analyse(seconds: float, rounds: int) -> Result:
    lines = [_diary(Random(number)) for number in range(DIARIES)]  # noqa: S311 (the same diaries every time)
    ours: list[Round] = []
    floor: list[Round] = []
    for _round in range(rounds):
        floor.append(_measured(lines, _means, seconds))
        ours.append(_measured(lines, lambda line: json.dumps(analysis(read_diary(line))), seconds))
    return compared("analyse", {"floor": floor, "ours": ours}, days_in_a_diary=DAYS)


def _means(line: str) -> str:
    entries = json.loads(line)["entries"]
    return json.dumps({name: fmean(entry[name] for entry in entries) for name in MEASURES})


def _measured(lines: list[str], answer: Callable[[str], str], seconds: float) -> Round:
    took: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    while (now := time.perf_counter()) < began + seconds or len(took) < len(lines):
        answer(lines[len(took) % len(lines)])
        took.append(time.perf_counter() - now)
    lasted, used = time.perf_counter() - began, time.process_time() - cpu
    took.sort()
    p50, p99 = took[len(took) // 2] * 1000, took[int(len(took) * 0.99)] * 1000
    return Round(len(took) / lasted, used / len(took) * 1e6, p50, p99)


def _diary(chance: Random) -> str:
    days = [LAST - timedelta(days=back) for back in range(DAYS)]
    plan = {"water": {"field": "water", "min": 8}, "stretch": {"field": "stretch_min", "min": 5}}
    sessions = [str(LAST - timedelta(days=back)) for back in range(3, DAYS, 14)]
    entries = [
        {
            "date": str(day),
            "pain": chance.randrange(11),
            "stiffness": chance.randrange(11),
            "mobility": chance.randrange(11),
            "water": chance.randrange(11),
            "stretch_min": chance.choice((0, 5, 10)),
            "exercises": chance.randrange(3),
            "sleep_h": chance.randrange(10, 19) / 2,
        }
        for day in days
    ]
    return json.dumps(
        {"today": str(LAST), "plan": plan, "focus": "stretch", "sessions": sessions, "entries": entries}
    )
