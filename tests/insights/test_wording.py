from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from app.insights.days import Average
from app.insights.wording import Comparison, change_words, counted, rating
from app.language.gather import gathered

APP = Path(__file__).parents[2] / "app"
BANNED = re.compile(
    r"\b(works|helps|causes|because of|effective|proven|improves|treats|cures|heals|toxins?|detox|flush"
    r"|guarantees?d?|normal|abnormal|you should)\b|\d\s?%%? (of people|success)|success rate|\w!(\s|$)",
    re.IGNORECASE,
)
SPOKEN = sorted(
    path.relative_to(APP).as_posix()
    for path in [
        *APP.glob("insights/*.py"),
        *APP.glob("reports/*.py"),
        *APP.glob("demo/*.py"),
    ]
)


def said_in(source: str) -> list[str]:
    """Every text in a module that a person may read: its string literals without the docstrings."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings
    ]
    return [node.value for node in constants if isinstance(node.value, str)]


def forms_of(said: str | tuple[str, ...]) -> tuple[str, ...]:
    """A message in the singular and the plural, if it has both."""
    return (said,) if isinstance(said, str) else tuple(said)


@pytest.mark.parametrize("module", SPOKEN)
def test_no_sentence_claims_more_than_a_diary_can_carry(module: str) -> None:
    claims = [text for text in said_in((APP / module).read_text()) if BANNED.search(text)]

    assert claims == []


def test_no_page_no_script_and_no_message_claims_more_than_a_diary_can_carry() -> None:
    """Every string that is translated, wherever it is said."""
    messages = [text for message in gathered() for text in forms_of(message.id)]

    assert [text for text in messages if BANNED.search(text)] == []


def test_the_search_for_claims_finds_one() -> None:
    assert BANNED.search(said_in('"""Helps to test."""\nsaid = f"Water helps {1} times"')[0])


def test_a_mean_that_is_not_known_is_called_not_logged() -> None:
    assert rating(None) == "not logged"


def test_a_difference_is_that_of_the_means_as_they_are_printed() -> None:
    words = change_words(Comparison.HIGHER, Average(3.65, 7), Average(6.25, 7))

    assert words == "2.6 points higher: 3.7 before (7 days), 6.3 now (7 days)."


def test_one_is_singular_and_none_is_plural() -> None:
    assert (counted(1, "day"), counted(0, "day")) == ("1 day", "0 days")
