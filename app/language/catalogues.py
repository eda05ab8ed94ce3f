"""The translations, read from the `.po` files beside this module when a language is first spoken.

They are kept as text and read as they are, so a fresh clone runs and nothing compiled can be out of date.
The files are written by `gather.py` and nobody else, so this reads that form of them and no other; a general
reader takes ten times as long, and the first page in a language would wait for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from gettext import NullTranslations, c2py  # (the rule of plurals, as gettext reads it)
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = "app/web/static/js/"
WORKER = SCRIPTS + "service_worker/"


@dataclass(slots=True)
class Entry:
    """One message: its parts (`msgid`, `msgstr`, `msgstr[0]`, …) and the files that say it."""

    parts: dict[str, str] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)

    @property
    def forms(self) -> list[str]:
        return [said for part, said in self.parts.items() if part.startswith("msgstr")]


class Words(NullTranslations):
    """What a language says instead of each message; English where it says nothing."""

    def __init__(self, entries: list[Entry]) -> None:
        super().__init__()
        self._forms = {
            (one.parts.get("msgctxt"), one.parts["msgid"]): one.forms for one in entries if all(one.forms)
        }
        rule = re.search(r"plural=([^;]+);", self._forms[None, ""][0])
        self._form_of = c2py(rule[1] if rule else "n != 1")

    def gettext(self, message: str) -> str:
        return self._forms.get((None, message), (message,))[0]

    def pgettext(self, context: str, message: str) -> str:
        return self._forms.get((context, message), (message,))[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        forms = self._forms.get((None, msgid1))
        return forms[self._form_of(n)] if forms else super().ngettext(msgid1, msgid2, n)


@dataclass(frozen=True, slots=True)
class Catalogue:
    words: NullTranslations
    for_scripts: dict[str, list[str]]
    for_worker: dict[str, list[str]]


@cache
def catalogue(tag: str) -> Catalogue:
    """The translations of a language. English is what the code itself says."""
    file = HERE / f"{tag}.po"
    if not file.exists():
        return Catalogue(NullTranslations(), {}, {})
    entries = list(_entries(file.read_text(encoding="utf-8")))
    of_worker = [one for one in entries if any(place.startswith(WORKER) for place in one.places)]
    of_pages = [one for one in entries if any(_is_script_of_a_page(place) for place in one.places)]
    return Catalogue(Words(entries), _said_by(of_pages), _said_by(of_worker))


def _entries(text: str) -> Iterator[Entry]:
    entry, part = Entry(), ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#:"):
            entry.places += line[2:].split()
        elif line.startswith('"'):
            entry.parts[part] += json.loads(line)
        elif line.startswith("msg"):
            part, _space, said = line.partition(" ")
            entry.parts[part] = json.loads(said)
        elif not line and entry.parts:
            yield entry
            entry = Entry()


def _is_script_of_a_page(place: str) -> bool:
    return place.startswith(SCRIPTS) and not place.startswith(WORKER)


def _said_by(entries: list[Entry]) -> dict[str, list[str]]:
    return {one.parts["msgid"]: one.forms for one in entries if all(one.forms)}
