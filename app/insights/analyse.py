"""`python -m app analyse`: a diary a line in, an answer a line out; anyone can check the arithmetic."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict
from io import TextIOWrapper
from typing import Any, TextIO

from app.insights.answers import (
    adherence_answer,
    change_answer,
    effect_answer,
    profile_answer,
    trend_answer,
)
from app.insights.diary import Diary
from app.insights.diary_line import BadDiary, read_diary
from app.insights.findings import find
from app.insights.sentences import sentences


def analyse_lines(lines: Iterable[str | bytes], answers: TextIO, complaints: TextIO) -> bool:
    """Answer each line as it comes, a bad one with what is wrong; whether every one was a diary.

    There is an answer for every line that is not blank, so that answers can be laid beside their diaries.
    """
    all_good = True
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            answer = analysis(read_diary(line))
        except BadDiary as wrong:
            all_good, answer = False, {"error": str(wrong)}
            print(f"line {number}: {wrong}", file=complaints, flush=True)
        print(json.dumps(answer, allow_nan=False, ensure_ascii=False), file=answers, flush=True)
    return all_good


def answer_standard_input() -> int:
    """Answer every diary of standard input on standard output. The exit status: 0 if all were good.

    It is 130 after Ctrl-C, as for every other command.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        return 0 if analyse_lines(sys.stdin.buffer, sys.stdout, sys.stderr) else 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # Whoever read the answers has gone, as `| head` does, or the disk is full: no more is flushed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            print(f"aftercare: The answers cannot be written: {error.strerror}.", file=sys.stderr)
        return 1


def analysis(diary: Diary) -> dict[str, Any]:
    """Everything about one diary, in the shape of API.md. This is a single look, not a review."""
    found = find(diary)
    return {
        "coverage": {"last_14": asdict(found.coverage_14), "last_30": asdict(found.coverage_30)},
        "adherence": {name: adherence_answer(kept) for name, kept in found.adherence.items()},
        "change": change_answer(found.change, found.last_session),
        "trend": trend_answer(found.trend),
        "profile": profile_answer(found.profile),
        "habits": {name: effect_answer(effect) for name, effect in found.effects.items()},
        "prompts": [prompt.value for prompt in found.prompts],
        "text": sentences(found),
    }
