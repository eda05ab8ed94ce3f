"""Answering an item of the plan. Minutes come with a "done", once, and go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.diary.fold import Said, came_with_done, fold
from app.diary.undo import Words

Minutes = Mapping[str, int]
"""By the counter they belong to."""


def tick(item: str, answer: str | None, asked: Minutes, said: Sequence[Said]) -> Words | None:
    """What an entry says that answers `item`, or clears its answer; None when that is how it stands already.

    Of what the item asks, only what was not logged by itself is added.
    """
    folded = fold(said)
    measures = folded.measures if folded else {}
    before = (measures.get("plan_items") or {}).get(item)
    if before == answer:
        return None
    came = came_with_done(said)
    answered: Words = {"set": {"plan_items": {item: answer}}, "add": {}}
    if answer == "done":
        answered["add"] = _missing(asked, measures, list(came.values()))
    else:
        _take_back(came.get(item, {}), measures, answered)
    return answered


def _missing(asked: Minutes, measures: Mapping[str, int], came: Sequence[Minutes]) -> dict[str, int]:
    """What came with other items is not what this one asks."""
    by_itself = {
        counter: (measures.get(counter) or 0) - sum(one.get(counter, 0) for one in came) for counter in asked
    }
    missing = {counter: minutes - max(by_itself[counter], 0) for counter, minutes in asked.items()}
    return {counter: minutes for counter, minutes in missing.items() if minutes > 0}


def _take_back(came: Minutes, measures: Mapping[str, int], answered: Words) -> None:
    """Nothing else was logged where nothing would be left, and that is unknown again, not a zero."""
    for counter, minutes in came.items():
        stands = measures.get(counter) or 0
        if stands > minutes:
            answered["add"][counter] = -minutes
        elif stands:
            answered["set"][counter] = None
