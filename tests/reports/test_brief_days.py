from __future__ import annotations

import pytest

from app.reports.brief_days import SorenessOfDay, soreness_words


@pytest.mark.parametrize(
    ("felt", "words"),
    [
        ([None, None], None),
        ([0, 1, 0], "Hardly any soreness."),
        ([4, 1], "Settled after 1 day."),
        ([4, 3, None, 0], "Settled after 3 days."),
        ([1, 4, 0], "Settled after 2 days."),
        ([4, 3, 3, 4], "Still 4 of 10 after 3 days."),
        ([4, None], "4 of 10 on the day itself; not logged since."),
    ],
)
def test_soreness_is_told_by_when_it_settled(felt: list[int | None], words: str | None) -> None:
    assert soreness_words([SorenessOfDay(after, one) for after, one in enumerate(felt)]) == words
