"""The language in which a person is spoken to, and the words in it.

Code is written in English; `_("Saved.")` answers the same in the language being spoken. A door says once
for a request which language that is, the worker once for each notification, and `database.read` and
`database.write` take it along to their threads. Where nobody said anything it is English.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from typing import Literal

from app.language.catalogues import catalogue


@dataclass(frozen=True, slots=True)
class Patterns:
    """How a language writes a day, in the letters of CLDR: "Tuesday 3 November" is `EEEE d MMMM`."""

    day: str
    day_with_year: str
    day_of_month: str
    short_day: str
    short_weekday: str = "ccc"
    listed_weekday: str = "ccc"


@dataclass(frozen=True, slots=True)
class Language:
    """One language that pages and notifications exist in; `locale` says how it writes dates and numbers."""

    tag: str
    own_name: str
    direction: Literal["ltr", "rtl"]
    locale: str
    patterns: Patterns

    @property
    def words(self) -> NullTranslations:
        return catalogue(self.tag).words

    @property
    def words_for_scripts(self) -> dict[str, list[str]]:
        """What JavaScript says, as {English: [translation, or one for each plural form]}."""
        return catalogue(self.tag).for_scripts

    @property
    def words_for_worker(self) -> dict[str, list[str]]:
        """The same for the service worker."""
        return catalogue(self.tag).for_worker


ENGLISH = Language("en", "English", "ltr", "en_GB", Patterns("EEEE d MMMM", "d MMMM y", "d MMMM", "d MMM"))
LANGUAGES = {
    language.tag: language
    for language in (
        ENGLISH,
        Language("de", "Deutsch", "ltr", "de", Patterns("EEEE, d. MMMM", "d. MMMM y", "d. MMMM", "d. MMM")),
        Language(
            "es",
            "Español",
            "ltr",
            "es",
            Patterns("EEEE d 'de' MMMM", "d 'de' MMMM 'de' y", "d 'de' MMMM", "d MMM"),
        ),
        Language(
            "ar",
            "العربية",
            "rtl",
            "ar",
            Patterns("EEEE d MMMM", "d MMMM y", "d MMMM", "d MMMM", "ccccc", "cccc"),
        ),
    )
}

_spoken: ContextVar[Language] = ContextVar("spoken", default=ENGLISH)


def language_of(tag: str) -> Language:
    """The language of a locale such as "de-AT" or "de"; English for one we do not speak."""
    return LANGUAGES.get(_main_part(tag), ENGLISH)


@lru_cache(maxsize=256)
def is_language(tag: str) -> bool:
    """Whether this names a language anybody speaks, such as "pt-BR". We may not: then English is read."""
    from babel.localedata import exists

    return exists(_main_part(tag))


@lru_cache(maxsize=256)
def preferred_language(accept_language: str) -> Language:
    """The first language we speak in an Accept-Language header, by its weights; English otherwise."""
    choices = sorted(weighed(accept_language), key=lambda one: -one[0])
    wanted = (LANGUAGES.get(_main_part(tag)) for weight, tag in choices if weight > 0)
    return next((language for language in wanted if language), ENGLISH)


def spoken() -> Language:
    """The language being spoken."""
    return _spoken.get()


def speak(language: Language) -> None:
    """Speak `language` for the rest of this request."""
    _spoken.set(language)


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak `language` for a while: to the one who will read a notification."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def marked(message: str) -> str:
    """Marks a constant for translation without translating it: `_(CONSTANT)` does that when it is said."""
    return message


def gettext(message: str, **values: object) -> str:
    """`message` in the language being spoken, each `%(name)s` filled in; `%%` is a percent sign."""
    return spoken().words.gettext(message) % _isolated(values)


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The form of the message that goes with the number `num`, which it can name as `%(num)s`."""
    return spoken().words.ngettext(one, many, num) % _isolated({"num": num, **values})


def pgettext(context: str, message: str, **values: object) -> str:
    """A message whose English alone does not say what is meant: `pgettext("side of the body", "left")`."""
    return spoken().words.pgettext(context, message) % _isolated(values)


_ = gettext


def _isolated(values: dict[str, object]) -> dict[str, object]:
    """From right to left, what a person wrote in another script keeps its own direction and its full stop."""
    if spoken().direction == "ltr":
        return values
    return {name: _isolate(said) if type(said) is str else said for name, said in values.items()}


def _isolate(said: str) -> str:
    """Words of our own that begin with something isolated show no direction by themselves: they have ours."""
    direction = "\u2067" if said.startswith("\u2068") else "\u2068"
    return f"{direction}{said}\u2069"


def _main_part(tag: str) -> str:
    return tag.strip().replace("_", "-").partition("-")[0].lower()


def weighed(wanted: str) -> Iterator[tuple[float, str]]:
    """Each choice of an Accept-Language or another such header after its weight; 0 is not wanted."""
    for choice in wanted[:500].split(","):
        name, _semicolon, weight = choice.partition(";")
        yield _weight(weight), name.strip()


def _weight(parameter: str) -> float:
    """Of "q=0.8" it is 0.8. Without a weight a choice is wanted most, and nonsense is not wanted at all."""
    if not parameter.strip():
        return 1.0
    try:
        return float(parameter.partition("=")[2])
    except ValueError:
        return 0.0
