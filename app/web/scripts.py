"""Joins a module with all it imports, so that one file comes instead of many.

Apart, two dozen small files weigh a third more and are fetched one after the other. Each module becomes a
function in `globalThis.aftercare`, made once however many files bring it; so pages, what they load later, and
the worker share one `outbox`. The sources stay plain modules: they may export functions and constants, import
by name, and must not import each other in a circle.

The script of the log, the heaviest, is the first on its page. So nothing it brings can be there yet, and its
modules come one inside the other: each sees the names of those around it, and only what scripts outside ask
for is put into `aftercare`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from app.web.minified import SCRIPT, minified

UrlOf = Callable[[str], str]

SHARED = "js/outbox.js"
"""Comes as a file of its own, because pages and the worker both need it."""

FIRST_ON_ITS_PAGE = "js/today.js"

_IMPORT = re.compile(r"""^import\s+(?:\{([^}]*)\}\s*from\s*)?"\./([\w-]+)\.js";$""", re.MULTILINE)
_LATER = re.compile(r"""\bimport\("\./([\w-]+)\.js"\)""")
_EXPORT = re.compile(r"^export ((?:async )?function|const|class) (\w+)", re.MULTILINE)
_NAMED = re.compile(r"^(?:export )?(?:(?:async )?function|const|let|class) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"(?m)^[ \t]*/\*[\s\S]*?\*/[ \t]*|^[ \t]*//.*$|/\*\* @.*?\*/ ?")


def joined(static: Path, name: str, url_of: UrlOf) -> str:
    """The script `name` with everything it imports; `url_of` says where what it asks for later is served."""
    needed = imports_of(static, name)
    begun = "const $ = (globalThis.aftercare ??= {});"
    if SHARED in needed and name != SHARED:
        needed = [one for one in needed if one not in imports_of(static, SHARED)]
        begun = f'import "./{url_of(SHARED).rpartition("/")[2]}";\n{begun}'
    body = _nested if name == FIRST_ON_ITS_PAGE else _side_by_side
    return minified(SCRIPT, f"{begun}\n{body(static, needed, url_of)}")


def imports_of(static: Path, name: str) -> list[str]:
    """What the script needs before it runs, in order, itself last."""
    needed: dict[str, None] = {}
    for match in _IMPORT.finditer((static / name).read_text()):
        needed |= dict.fromkeys(imports_of(static, f"js/{match[2]}.js"))
    return [*needed, name]


def asked_for_later(static: Path, name: str) -> list[str]:
    """The scripts that it or what it imports loads only when they are wanted."""
    sources = (without_comments((static / needed).read_text()) for needed in imports_of(static, name))
    return [f"js/{match[1]}.js" for source in sources for match in _LATER.finditer(source)]


def without_comments(script: str) -> str:
    """Comments name types in other scripts, which are no imports."""
    return _COMMENT.sub("", script).strip()


def _side_by_side(static: Path, needed: list[str], url_of: UrlOf) -> str:
    return "\n".join(_as_function(static, one, url_of) for one in needed)


def _as_function(static: Path, name: str, url_of: UrlOf) -> str:
    source = without_comments((static / name).read_text())
    body = _body(_IMPORT.sub(lambda match: _taken(match[2], _names_in(match)), source), url_of)
    return f"$.{Path(name).stem} ??= (() => {{\n{body}\nreturn {_exported(source)};\n}})();"


def _nested(static: Path, needed: list[str], url_of: UrlOf) -> str:
    around: dict[str, tuple[str, str]] = {}
    asked_for = _asked_for_outside(static, needed)
    inner = (_around_the_next(static, one, around, asked_for, url_of) for one in needed)
    return "\n".join(inner) + "})();" * len(needed)


def _around_the_next(
    static: Path,
    name: str,
    around: dict[str, tuple[str, str]],
    asked_for: Mapping[str, set[str]],
    url_of: UrlOf,
) -> str:
    """One module, left open for those inside it. `around` says whose each name seen in here is."""
    source = without_comments((static / name).read_text())

    def taken(match: re.Match[str]) -> str:
        unseen = {here: own for here, own in _names_in(match).items() if around.get(here) != (match[2], own)}
        around.update({here: (match[2], own) for here, own in unseen.items()})
        return _taken(match[2], unseen)

    body = _body(_IMPORT.sub(taken, source), url_of)
    stem = Path(name).stem
    around.update({match[1]: (stem, match[1]) for match in _NAMED.finditer(source)})
    told = f"$.{stem} = {{ {', '.join(sorted(asked_for[stem]))} }};" if stem in asked_for else ""
    return f"(() => {{\n{body}\n{told}"


def _asked_for_outside(static: Path, needed: list[str]) -> dict[str, set[str]]:
    """What scripts that are not among these take, by the stem of the module they take it from."""
    asked_for: dict[str, set[str]] = {}
    scripts = (path.relative_to(static).as_posix() for path in (static / "js").glob("*.js"))
    others = ((static / script).read_text() for script in scripts if script not in needed)
    for match in (match for source in others for match in _IMPORT.finditer(source)):
        asked_for.setdefault(match[2], set()).update(_names_in(match).values())
    return asked_for


def _names_in(match: re.Match[str]) -> dict[str, str]:
    """What an import takes, by the name it has here: "{ run as go }" is go: run."""
    wanted = (one.strip().partition(" as ") for one in (match[1] or "").split(","))
    return {here or own: own for own, _, here in wanted if own}


def _taken(module: str, names: Mapping[str, str]) -> str:
    taken = ", ".join(f"{own}: {here}" for here, own in names.items())
    return f"const {{ {taken} }} = $.{module};" if taken else ""


def _exported(source: str) -> str:
    return f"{{ {', '.join(match[2] for match in _EXPORT.finditer(source))} }}"


def _body(source: str, url_of: UrlOf) -> str:
    return _LATER.sub(lambda match: _loaded(match[1], url_of), _EXPORT.sub(r"\1 \2", source))


def _loaded(stem: str, url_of: UrlOf) -> str:
    return f'import("./{url_of(f"js/{stem}.js").rpartition("/")[2]}").then(() => $.{stem})'
