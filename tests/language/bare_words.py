"""Finds words that a person would read and that nobody said through the catalogue."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).parent.parent.parent / "app"

SAYING = {"_", "gettext", "marked", "ngettext", "pgettext"}
NAMES = {
    "Aftercare", "API", "PDF", "CSV", "JSON", "FHIR", "UTC", "Content-Disposition", "Location", "Vary",
    "Chrome", "Edg", "Edge", "Firefox", "Opera", "Safari", "Samsung Internet", "Notification",
    "Android", "Windows", "Mac", "Mac OS", "Linux", "Authorization", "Urgency", "Topic", "Factory",
    "From", "Date", "Subject", "Message-ID", "Auto-Submitted",
}  # fmt: skip
"""Said alike in every language, or said by programs to programs."""

_TWO_WORDS = re.compile(r"[A-Za-z]{2,}[,.:;]? [A-Za-z]{2,}")
_ONE_LARGE = re.compile(r"[A-Z][a-z]{2,}[.…?]?")

# ——— templates ———

FOR_OPERATORS = {"api_docs.html", "operator.html"}
_SAID = re.compile(r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}", re.DOTALL)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_BLOCK_OF_A_CLASS = re.compile(r"\{% block \w+_class %\}[^{]*")
_NOT_READ = re.compile(r"<(script|style|code|svg)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>", re.DOTALL)
_READ_ALOUD = re.compile(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"')
_CALL_OF_SAYING = re.compile(r'\b(?:_|ngettext|pgettext)\((?:[^()"]|"(?:[^"\\]|\\.)*"|\([^()]*\))*\)')
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NAME_IN_CODE = re.compile(r"[\w./-]+\.\w{2,4}|[a-z-]+( [a-z_-]+--[a-z-]+)+|stack .*|button .*|row .*")


def bare_in_template(text: str) -> Iterator[str]:
    """Text between tags, labels in attributes, and sentences in expressions."""
    text = html.unescape(_SAID.sub("", text))
    outside = _NOT_READ.sub("", _JINJA.sub("", _BLOCK_OF_A_CLASS.sub("", text)))
    for words in [*_TAG.sub("\n", outside).split("\n"), *_READ_ALOUD.findall(outside)]:
        if re.search(r"[A-Za-z]{2,}", words) and set(words.split()) - {"·"} - NAMES:
            yield words.strip()
    for expression in _JINJA.findall(text):
        yield from filter(_reads_like_words, _STRING.findall(_CALL_OF_SAYING.sub("", expression)))


def _reads_like_words(text: str) -> bool:
    """Two words in a row, or one that begins large: what code says to code does neither."""
    if text in NAMES or _NAME_IN_CODE.fullmatch(text):
        return False
    return bool(_TWO_WORDS.search(text) or _ONE_LARGE.fullmatch(text))


# ——— Python ———

FOR_PROGRAMMERS = {
    "api/answers.py", "api/document.py", "api/examples.py", "api/metrics.py", "api/problems.py",
    "api/strict_route.py", "insights/analyse.py",
    "insights/diary_line.py", "reminders/counted.py", "reminders/push_connection.py", "reminders/web_push.py",
    "reports/as_fhir.py", "reports/fhir_care.py", "reports/fhir_check_ins.py", "reports/fhir_codes.py",
    "reports/fhir_export.py", "reports/nouns.py", "web/api_docs.py", "web/assets.py", "web/operator_page.py",
}  # fmt: skip
"""What operators and other programs read is English."""
PEOPLE_READ = (
    "web", "api", "moving_in", "reports", "treatment", "home_care", "letters", "insights", "reminders",
    "access", "diary", "models",
)  # fmt: skip
_SILENT = SAYING | {
    "ValueError", "TypeError", "RuntimeError", "AssertionError", "TypeVar", "ParamSpec",
    "CheckConstraint", "Index", "Field", "Limits", "Query", "Path", "Body", "text", "Markup", "format",
}  # fmt: skip


def bare_in_python(text: str) -> Iterator[str]:
    """Strings that read like words, but neither said, nor documentation, nor for programmers or SQL."""
    tree = ast.parse(text)
    silent = set(_silent(tree))
    for node in ast.walk(tree):
        words = "" if id(node) in silent else _string_of(node)
        if words and _reads_like_words(words) and not words.startswith(_CODE):
            yield words


_CODE = ("<", "select ", "json_array_elements(", "M{", "attachment; ", "inline; ", "text/")


def _string_of(node: ast.AST) -> str:
    match node:
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case ast.Constant(value=str(words)):
            return words
        case _:
            return ""


def _silent(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as docstring):
                yield id(docstring)
            case ast.JoinedStr(values=parts):
                yield from (id(part) for part in parts if isinstance(part, ast.Constant))
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _SILENT:
                yield from map(id, ast.walk(node))
            case ast.keyword(arg="ondelete" | "description" | "summary"):
                yield from map(id, ast.walk(node))
            case ast.Dict(keys=keys, values=values):
                named = zip(keys, values, strict=True)
                yield from (
                    id(v) for k, v in named if isinstance(k, ast.Constant) and k.value == "description"
                )


# ——— JavaScript ———

_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//.*?$", re.DOTALL | re.MULTILINE)
_SAYS = re.compile(r"""\b(?:_|ngettext)\(\s*(?:(?:"[^"]*"|`[^`]*`),?\s*)+""")
_QUOTED = re.compile(r'"([^"\n]*)"|`([^`]*)`')
_THROWN = re.compile(r"new \w*Error\([^)]*\)")


def bare_in_javascript(text: str) -> Iterator[str]:
    code = _THROWN.sub("", _SAYS.sub("", _COMMENT.sub("", text)))
    for quoted, template in _QUOTED.findall(code):
        words = re.sub(r"\$\{[^}]*\}", "{}", quoted or template)
        if words not in NAMES and (
            re.search(r"[A-Z][a-z]+[,.:;]? [a-z]{2,}", words) or _ONE_LARGE.fullmatch(words)
        ):
            yield words
