from __future__ import annotations

from typing import Any

from pydantic import ValidationError

import app.main  # noqa: F401 (with it come all input shapes)
from app.models.field_types import InputShape, field_errors

ODD: list[Any] = [
    *(None, True, -1, 0.3, 10**9, 10**30, float("nan"), "", "x", "x" * 3000, "\ud800", [], [None] * 600),
    *("2026-02-30T10:00:00Z", "2026-03-03T25:00:00Z", [[]], {}, {"x": 1}, {"x" * 70: "done"}),
]


def test_what_is_wrong_with_a_field_is_always_said_in_our_own_words() -> None:
    found = [refusal for shape in every_shape() for refusal in refusals_of(shape) if "url" in refusal]
    raw = {one["type"] for one in found if field_errors([one])[0].message == one["msg"]}
    assert len({one["type"] for one in found}) > 20
    assert raw == set()


def every_shape(shape: type[InputShape] = InputShape) -> set[type[InputShape]]:
    return {shape}.union(*(every_shape(one) for one in shape.__subclasses__()))


def refusals_of(shape: type[InputShape]) -> list[Any]:
    """What pydantic finds wrong with odd values, one field at a time. Only what is its own has a `url`."""
    found: list[Any] = []
    for name, value in [(name, value) for name in shape.model_fields for value in ODD]:
        try:
            shape.model_validate({name: value})
        except ValidationError as error:
            found += error.errors()
    return found
