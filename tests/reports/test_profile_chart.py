"""The days around a session, as a picture and in words."""

from __future__ import annotations

from app.insights.days import Average
from app.insights.session_profile import SessionProfile
from app.language import language_of, speaking
from app.reports.profile_chart import profile_chart, profile_rows

AROUND = SessionProfile(4, {offset: Average(-2.8 if offset == 1 else 0.4, 4) for offset in range(-3, 8)})


def test_the_lowest_day_is_said_without_a_sign() -> None:
    assert profile_chart(AROUND).words == (
        "Average of 4 sessions, compared with your usual before them. Lowest the day after: 2.8 lower."
    )


def test_the_axis_keeps_its_signs_in_front_where_words_run_from_right_to_left() -> None:
    with speaking(language_of("ar")):
        drawing = profile_chart(AROUND).svg
        rows = profile_rows(AROUND)
    assert 'direction="ltr"' in drawing
    assert ">\N{LEFT-TO-RIGHT MARK}\N{MINUS SIGN}3<" in drawing
    assert rows[4][1] == "\N{LEFT-TO-RIGHT MARK}\N{MINUS SIGN}2.8"
