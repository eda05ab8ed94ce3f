"""Reading a page as a person does: by heading, by label, by the words on a button."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag


def parsed(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def words_of(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def found(page: Tag, selector: str) -> Tag:
    tag = page.select_one(selector)
    assert tag is not None, selector
    return tag


def labelled(page: Tag, words: str) -> Tag:
    """The control inside or named by the label that says `words`."""
    label = next(label for label in page.select("label") if words_of(label) == words)
    control = label.find("input") or page.find(id=str(label.get("for")))
    assert isinstance(control, Tag)
    return control


def question(page: Tag, words: str) -> Tag:
    """The fieldset whose question begins with `words`."""
    legend = next(legend for legend in page.select("legend") if words_of(legend).startswith(words))
    assert isinstance(legend.parent, Tag)
    return legend.parent


def chosen_in(fieldset: Tag) -> list[str]:
    return [str(control["value"]) for control in fieldset.select("input[checked]")]


def filled_in(form: Tag) -> dict[str, Any]:
    """What a browser sends when a form is submitted as it stands."""
    fields: dict[str, Any] = {}
    for control in form.select("input[type=hidden], input[checked]"):
        fields.setdefault(str(control["name"]), []).append(str(control["value"]))
    for area in form.select("textarea"):
        fields[str(area["name"])] = [area.get_text().removeprefix("\n")]
    for choice in form.select("select"):
        option = choice.select_one("option[selected]")
        fields[str(choice["name"])] = [words_of(option) if option else ""]
    return fields
