"""Reading a page as a person does: by heading, by label, by the words on a button."""

from __future__ import annotations

from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode


def parsed(answer: Any) -> LexborNode:
    return found(LexborHTMLParser(answer.text), "html")


def words_of(node: LexborNode | None) -> str:
    """What a person reads there, which is nothing of scripts and style sheets."""
    assert node is not None
    texts = (part for part in node.traverse(include_text=True) if part.is_text_node)
    read = (text.text_content for text in texts if text.parent.tag not in ("script", "style"))
    return " ".join(" ".join(read).split())


def found(page: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    node = page.css_first(selector)
    assert node is not None, selector
    return node


def labelled(page: LexborNode, words: str) -> LexborNode:
    """The control inside or named by the label that says `words`."""
    label = next(label for label in page.css("label") if words_of(label) == words)
    return label.css_first("input") or found(page, f"[id='{label.attributes.get('for')}']")


def question(page: LexborNode, words: str) -> LexborNode:
    """The fieldset whose question begins with `words`."""
    legend = next(legend for legend in page.css("legend") if words_of(legend).startswith(words))
    assert legend.parent is not None
    return legend.parent


def chosen_in(fieldset: LexborNode) -> list[str | None]:
    return [control.attributes["value"] for control in fieldset.css("input[checked]")]


def filled_in(form: LexborNode) -> dict[str, Any]:
    """What a browser sends when a form is submitted as it stands."""
    fields: dict[str, Any] = {}
    for control in form.css("input[type=hidden], input[checked]"):
        fields.setdefault(control.attributes["name"], []).append(control.attributes["value"])
    for area in form.css("textarea"):
        fields[area.attributes["name"]] = [area.text()]
    for choice in form.css("select"):
        option = choice.css_first("option[selected]")
        fields[choice.attributes["name"]] = [words_of(option) if option else ""]
    return fields
