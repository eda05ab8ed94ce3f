from __future__ import annotations

import pytest

from app.web.minified import SCRIPT, minified

ONE_LINE = "const begun = first();\nconst { later } = { ...begun };\nuse(begun, later);"
SEVERAL_LINES = "const begun = [\n  first(),\n];\nconst [later] = (() => begun)();\nuse(begun, later);"
CHAINED = "const begun = some\n  .map(first());\nconst { later = begun } = given;\nuse(begun, later);"


@pytest.mark.parametrize("script", [ONE_LINE, SEVERAL_LINES, CHAINED], ids=["line", "lines", "chained"])
def test_what_is_said_first_happens_first(script: str) -> None:
    smaller = minified(SCRIPT, script)
    assert smaller.index("first()") < smaller.index("later")
    assert len(smaller) < len(script)


def test_names_inside_a_function_become_short() -> None:
    assert "remembered" not in minified(
        SCRIPT, "(() => {\n  const remembered = read();\n  use(remembered);\n})();"
    )
