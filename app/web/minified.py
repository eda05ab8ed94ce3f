"""Takes out of scripts and style sheets what only people read, and gives scripts short names inside.

The library is a shared object of ten megabytes, so it is loaded only where pages are served, when the first
file is asked for. Where there is no wheel of it (pyproject.toml names the one platform), files are served as
they are written: heavier, and the same to a browser.
"""

from __future__ import annotations

import re

SCRIPT = "text/javascript"
STYLES = "text/css"

_TAKEN_APART_AFTER_ANOTHER = re.compile(
    r"^(?:[ \t]*(?:const|let) \w[^\n]*|[ \t]*[\])}.][^\n]*);\n(?=[ \t]*(?:const|let) [\[{])", re.MULTILINE
)
"""The library puts `const { a } = f(b)` before the `const b = g()` above it, even where `b` is needed. A
statement in between, of two characters, keeps their order."""


def minified(kind: str, source: str) -> str:
    """The same to a browser. `kind` is the media type."""
    try:
        import minify
    except ImportError:
        return source
    if kind == SCRIPT:
        source = _TAKEN_APART_AFTER_ANOTHER.sub(r"\g<0>0;\n", source)
    smaller: str = minify.string(kind, source)
    return smaller
