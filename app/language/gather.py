"""Brings the catalogues up to date with what the code says: `python -m app.language`.

A new message arrives untranslated, and the tests fail until somebody has translated it; one that nobody
says any more is removed. Nothing is guessed from a message that looks alike.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from app.language import ENGLISH, LANGUAGES
from app.language.catalogues import HERE

APP = HERE.parent
METHODS = [
    ("web/templates/**.html", "jinja2"),
    ("web/static/js/**.js", "javascript"),
    ("**.py", "python"),
]
OPTIONS = {"web/templates/**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "marked": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def gathered() -> Catalog:
    """Every message that templates, Python and JavaScript say, with the files that say it."""
    found = Catalog(fuzzy=False)
    said = extract_from_dir(
        APP, METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )
    # A folder is read in the order of its disk, and the catalogues shall be the same everywhere.
    for place, _line, message, comments, context in sorted(said, key=lambda one: one[:2]):
        found.add(message, locations=[(f"app/{place}", 0)], auto_comments=comments, context=context)
    return found


def kept(tag: str) -> Catalog:
    """The catalogue of a language as it is stored."""
    with (HERE / f"{tag}.po").open("rb") as text:
        return read_po(text, locale=tag)


def update(tag: str) -> None:
    """Write the catalogue of a language anew, with the messages there are now."""
    catalog = kept(tag)
    catalog.update(gathered(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    write(HERE / f"{tag}.po", catalog)


def _headed(catalog: Catalog) -> Catalog:
    catalog.project, catalog.version = "Aftercare", ""
    return catalog


def write(file: Path, catalog: Catalog) -> None:
    with file.open("wb") as text:
        write_po(
            text, _headed(catalog), width=110, sort_by_file=True, include_lineno=False, ignore_obsolete=True
        )


def update_all() -> None:
    for tag in LANGUAGES:
        if tag != ENGLISH.tag:
            update(tag)
