from __future__ import annotations

from app.models.body import BodyRegion
from app.reports.places import place_in_words
from app.web import words


def test_the_side_of_a_place_is_always_said() -> None:
    assert place_in_words({"region": "shoulder", "side": "left"}) == "left shoulder"
    assert place_in_words({"region": "low_back", "side": "middle"}) == "low back, middle"


def test_every_region_is_on_the_list_once() -> None:
    listed = [region for _heading, regions in words.REGION_GROUPS for region in regions]
    assert sorted(listed) == sorted(BodyRegion)
