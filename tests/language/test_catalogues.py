"""Whatever a person can read is said in every language, completely, with the same places for what varies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from app.language import ENGLISH, LANGUAGES
from app.language.gather import gathered, kept
from language.bare_words import (
    APP,
    FOR_OPERATORS,
    FOR_PROGRAMMERS,
    PEOPLE_READ,
    bare_in_javascript,
    bare_in_python,
    bare_in_template,
)


def name_of(path: Path) -> str:
    return path.relative_to(APP).as_posix()


TRANSLATED = [tag for tag in LANGUAGES if tag != ENGLISH.tag]
TEMPLATES = [path for path in sorted(APP.rglob("*.html")) if path.name not in FOR_OPERATORS]
MODULES = [
    path
    for package in PEOPLE_READ
    for path in sorted((APP / package).rglob("*.py"))
    if name_of(path) not in FOR_PROGRAMMERS
]
SCRIPTS = sorted((APP / "web" / "static" / "js").rglob("*.js"))

CLAIMS = {
    "de": r"wirkt|wirksam\w*|hilft|verursacht|wegen|bewiesen\w*|verbessert|behandelt|heilt|heilung|gift\w*"
    r"|entgift\w*|detox|garant\w*|(?:un)?normal\w*|du solltest|du musst",
    "es": r"funciona|ayuda a|ayudan|causa|causan|debido a|eficaz|eficaces|demostrad\w+|mejora"
    r"|trata[nr]? (?:el|la|los|las|tus?)|cura|curan|sana|toxinas?"
    r"|desintoxica\w*|garant\w*|(?:a)?normal(?:es)?|deberías|debes",
    "ar": r"يعالج|يشفي|يساعد|يسبب|يسبّب|بسبب|فعّال|فعال|مثبت|يحسّن|يحسن|سموم|يضمن|مضمون|طبيعي|غير طبيعي"
    r"|يجب عليك|ينبغي",
}
"""What no sentence may claim, as `tests/insights/test_wording.py` bans it in English."""


def of(said: str | Iterable[str] | None) -> list[str]:
    return [said] if isinstance(said, str) else list(said or ())


def places(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s|%%|\{\w+\}", text))


def tags(text: str) -> list[str]:
    return re.findall(r"<[^>]+>", text)


@pytest.fixture(scope="module")
def said() -> Catalog:
    return gathered()


@pytest.fixture(scope="module", params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return kept(request.param)


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def names(found: Iterable[Message]) -> set[tuple[str | None, str]]:
    return {(message.context, of(message.id)[0]) for message in found}


def test_nothing_is_said_that_is_not_translated(said: Catalog, catalogue: Catalog) -> None:
    translated = names(one for one in messages(catalogue) if all(of(one.string)) and not one.fuzzy)
    assert names(messages(said)) - translated == set()


def test_nothing_is_translated_that_nobody_says_any_more(said: Catalog, catalogue: Catalog) -> None:
    assert names(messages(catalogue)) - names(messages(said)) == set()


def test_a_message_with_plural_forms_has_all_of_its_language(catalogue: Catalog) -> None:
    plural = [one for one in messages(catalogue) if one.pluralizable]
    assert {len(of(one.string)) for one in plural} == {catalogue.num_plurals}


def test_a_translation_names_what_varies_as_the_message_does(catalogue: Catalog) -> None:
    differ = [
        (translation, of(one.id)[-1])
        for one in messages(catalogue)
        for translation in of(one.string)[-1:]
        if translation and places(translation) != places(of(one.id)[-1])
    ]
    assert differ == []


def test_no_plural_form_names_what_its_message_does_not(catalogue: Catalog) -> None:
    """The forms for none, one and two may leave something out: they put the number into words."""
    differ = [
        (translation, of(one.id)[-1])
        for one in messages(catalogue)
        for translation in of(one.string)
        if not places(translation) <= places(of(one.id)[-1])
    ]
    assert differ == []


def test_a_translation_has_the_tags_of_its_message_and_no_others(catalogue: Catalog) -> None:
    differ = [
        translation
        for one in messages(catalogue)
        for translation in of(one.string)
        if tags(translation) != tags(of(one.id)[-1]) or ('"' in translation and '"' not in of(one.id)[-1])
    ]
    assert differ == []


def test_a_percent_sign_is_never_left_alone(said: Catalog, catalogue: Catalog) -> None:
    spoken = [
        form for one in [*messages(said), *messages(catalogue)] for form in [*of(one.id), *of(one.string)]
    ]
    assert [form for form in spoken if re.search(r"%(?!\(\w+\)s|%)", form.replace("%%", ""))] == []


def test_nobody_is_shouted_at(said: Catalog, catalogue: Catalog) -> None:
    spoken = [
        form for one in [*messages(said), *messages(catalogue)] for form in [*of(one.id), *of(one.string)]
    ]
    assert [form for form in spoken if "!" in form or "¡" in form] == []


def test_no_sentence_claims_more_than_a_diary_can_show(catalogue: Catalog) -> None:
    claim = re.compile(rf"(?<!\w)(?:{CLAIMS[str(catalogue.locale)]})(?!\w)", re.IGNORECASE)
    spoken = [form for one in messages(catalogue) for form in of(one.string)]
    assert [form for form in spoken if claim.search(form)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_says_everything_through_the_catalogue(path: Path) -> None:
    assert list(bare_in_template(path.read_text())) == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_everything_through_the_catalogue(path: Path) -> None:
    assert list(bare_in_python(path.read_text())) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_says_everything_through_the_catalogue(path: Path) -> None:
    assert list(bare_in_javascript(path.read_text())) == []
