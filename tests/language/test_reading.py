from __future__ import annotations

import pytest

from app.language.catalogues import catalogue
from app.language.gather import kept


@pytest.mark.parametrize("tag", ["de", "es", "ar"])
def test_our_quick_reader_reads_what_babel_reads(tag: str) -> None:
    words, stored = catalogue(tag).words, kept(tag)
    single = [one for one in stored if one.id and isinstance(one.id, str) and not one.context]
    assert [words.gettext(str(one.id)) for one in single] == [one.string for one in single]


@pytest.mark.parametrize("tag", ["de", "es", "ar"])
def test_every_number_has_its_plural_form(tag: str) -> None:
    words, stored = catalogue(tag).words, kept(tag)
    (day,) = [one for one in stored if one.id == ("%(num)s day", "%(num)s days")]
    said = {words.ngettext("%(num)s day", "%(num)s days", number) for number in range(203)}
    assert said == set(day.string or ())


def test_only_the_scripts_of_a_page_bring_their_words() -> None:
    german = catalogue("de")
    assert german.for_scripts["Copied."] == ["Kopiert."]
    assert german.for_worker["Undo"] == ["Rückgängig"]
    assert "Your data" not in german.for_scripts
