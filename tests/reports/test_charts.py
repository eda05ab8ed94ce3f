from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.reports.charts import Chart, LoggedValue, line_chart
from web.reading import found

MONDAY = date(2026, 11, 2)


def day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


def week(*values: float | None) -> list[LoggedValue]:
    return [(day(offset), value, False) for offset, value in enumerate(values)]


def pain_chart(days: list[LoggedValue], sessions: list[date] | None = None) -> Chart:
    return line_chart("Pain", days, sessions or [], 0, 10, "", "lower")


def drawn(chart: Chart) -> LexborNode:
    return found(LexborHTMLParser(chart.svg), "svg")


def joined_days(chart: Chart) -> list[int]:
    """How many days each stroke of the line joins."""
    path = drawn(chart).css(".chart-line path")[0].attributes["d"]
    return [stroke.count("L") + 1 for stroke in path.split("M") if stroke]


def words(chart: Chart) -> list[str]:
    return [text.text() for text in drawn(chart).css("text")]


def test_a_day_without_a_value_is_a_gap_in_the_line() -> None:
    assert joined_days(pain_chart(week(4, 5, 6, None, 3, 2))) == [3, 2]


def test_a_day_missing_from_the_window_is_a_gap_too() -> None:
    assert joined_days(pain_chart([(day(0), 4, False), (day(1), 5, False), (day(5), 5, False)])) == [2]


def test_a_day_between_two_gaps_is_still_seen() -> None:
    chart = pain_chart(week(None, 5, None))

    assert len(drawn(chart).css(".chart-line path")[1].attributes["d"].split("h.01")) == 2


def test_a_value_filled_in_later_is_hollow_and_not_joined() -> None:
    chart = pain_chart([(day(0), 4, False), (day(1), 8, True), (day(2), 4, False)])

    assert joined_days(chart) == []
    assert len(drawn(chart).css("circle")) == 1
    assert "fill" not in found(drawn(chart), "circle").attributes


def test_nothing_is_drawn_as_zero_when_nothing_was_logged() -> None:
    chart = pain_chart(week(None, None, None))

    assert found(drawn(chart), ".chart-line path").attributes["d"] == ""
    assert found(drawn(chart), "desc").text() == "Pain: nothing logged on these 3 days."


def test_sessions_in_the_window_get_a_rule_and_others_none() -> None:
    chart = pain_chart(week(4, 5, 6), [day(1), day(2), day(30)])

    assert found(drawn(chart), ".chart-session").attributes["d"].count("M") == 2


def test_the_last_value_is_labelled_directly() -> None:
    assert words(line_chart("Sleep", week(6, 7.5), [], 0, 12, "h", None))[-1] == "7.5"


def test_the_unit_is_said_once_on_the_axis() -> None:
    assert words(line_chart("Sleep", week(6, 7.5), [], 0, 12, "h", None)).count("h") == 1


def test_the_axis_of_ease_of_movement_says_that_higher_is_better() -> None:
    assert "higher is better" in words(line_chart("Ease of movement", week(4, 5), [], 0, 10, "", "higher"))


def test_charts_of_the_same_days_share_their_axes() -> None:
    pain, stiffness = pain_chart(week(9, None, 1)), pain_chart(week(None, 2, None))

    assert found(drawn(pain), ".chart-grid").html == found(drawn(stiffness), ".chart-grid").html
    assert words(pain)[:6] == words(stiffness)[:6]


def test_a_window_over_new_year_names_both_years() -> None:
    chart = pain_chart([(date(2026, 12, 30), 4, False), (date(2027, 1, 2), 4, False)])

    assert {"30 Dec 2026", "2 Jan 2027"} <= set(words(chart))


def test_a_value_beyond_the_axis_stays_on_the_drawing() -> None:
    chart = line_chart("Sleep", week(14), [], 0, 12, "h", None)

    assert drawn(chart).css(".chart-line path")[1].attributes["d"].endswith(" 36h.01")


def test_a_chart_is_an_image_with_a_name_and_a_description() -> None:
    svg = drawn(pain_chart(week(4, None, 6), [day(1)]))

    assert svg.attributes["role"] == "img"
    title, description = found(svg, "title"), found(svg, "desc")
    assert svg.attributes["aria-labelledby"].split() == [title.id, description.id]
    assert title.text() == "Pain"
    assert description.text() == (
        "Pain from 0 to 10. Here lower is better. Logged on 2 of 3 days, 2 November to 4 November."
        " Lowest 4, highest 6, last 6. Sessions: 3 November."
    )


def test_a_chart_needs_no_style_sheet_and_carries_no_style() -> None:
    svg = pain_chart(week(4, 5, None, 6), [day(1)]).svg

    assert not re.search(r"style|<script|url\(|var\(", svg)
    assert set(re.findall(r'(?:stroke|fill)="([^"]+)"', svg)) == {"none", "currentColor"}


def test_a_title_cannot_bring_markup_in() -> None:
    assert "<b>" not in line_chart("<b>Pain</b>", week(4), [], 0, 10, "<i>", None).svg


def test_a_template_prints_a_chart_as_its_drawing() -> None:
    chart = pain_chart(week(4))

    assert chart.__html__() == chart.svg


def test_the_table_says_the_same_newest_day_first() -> None:
    chart = line_chart("Sleep", [(day(0), 6.5, True), (day(1), None, False)], [day(0)], 0, 12, "h", None)

    assert [(row.day_text, row.value_text, row.remark) for row in chart.rows] == [
        ("3 November", "not logged", ""),
        ("2 November", "6.5 h", "filled in later, session"),
    ]


def test_a_chart_without_a_window_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        pain_chart([])
