"""A report as one page of PDF, tagged for screen readers (PDF/UA).

The page is set by `report.typ`. What is said on it is handed over as JSON, so that nothing a person wrote is
ever read as markup.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from typst import Compiler, Fonts, TypstError

from app.reports.page import Page

_TEMPLATE = Path(__file__).with_name("report.typ")


def as_pdf(page: Page) -> bytes:
    """The page as it is printed. A letter for which this computer has no font leaves a gap; then the page is
    tagged all the same, but cannot claim to be PDF/UA."""
    compiler = Compiler(str(_TEMPLATE), font_paths=_fonts(), sys_inputs={"report": json.dumps(asdict(page))})
    try:
        pdf = compiler.compile(format="pdf", pdf_standards=["ua-1"])
    except TypstError:
        pdf = compiler.compile(format="pdf")
    if not isinstance(pdf, bytes):
        raise TypeError("A PDF is one file.")
    return pdf


@cache
def _fonts() -> Fonts:
    """The fonts of this computer and those that typst brings along; looked for once."""
    return Fonts()
