"""Renders a page: the Jinja environment, its filters, and what every page may use."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.language import saying, spoken
from app.models.account import Role
from app.reports.brief_text import place_line, soreness_line
from app.reports.check_in_words import pressure_in_words
from app.reports.places import place_in_words, region_in_words
from app.settings import Settings
from app.web import words
from app.web.assets import asset_url
from app.web.filled_form import FilledForm
from app.web.plan_words import kinds_in_words
from app.web.zones import clocks_apart, place_of

_environment = Environment(
    loader=PackageLoader("app.web"),
    autoescape=True,
    extensions=["jinja2.ext.i18n"],
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_environment.globals.update(
    asset=asset_url,
    spoken=spoken,
    in_cache=False,
    has_worker=True,
    plan_kinds=kinds_in_words,
    clocks_apart=clocks_apart,
)
_environment.policies["ext.i18n.trimmed"] = True
_environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
_environment.install_gettext_callables(  # type: ignore[attr-defined] # (the extension brings it)
    gettext=lambda message: spoken().words.gettext(message),
    ngettext=lambda one, many, number: spoken().words.ngettext(one, many, number),
    pgettext=lambda context, message: spoken().words.pgettext(context, message),
    newstyle=True,
)


def _said(message: str, **values: Any) -> Markup:
    """What `_("…")` stands for in a template.

    The extension's own does the same through two more calls, for each of the hundred messages of a page.
    """
    words = spoken().words.gettext(message)
    return Markup(words) % values if values else Markup(words % {})  # noqa: S704 (messages are our own)


_environment.globals.update(_=_said, gettext=_said)
_environment.filters.update(
    short_weekday=saying.short_weekday,
    day=saying.day_in_words,
    day_with_year=saying.day_with_year,
    moment=saying.moment_in_words,
    dated_moment=saying.dated_moment,
    moment_near=saying.moment_near,
    clock=saying.clock_in_words,
    number=saying.number_in_words,
    joined=saying.joined,
    place=place_in_words,
    place_line=place_line,
    soreness_line=soreness_line,
    pressure=pressure_in_words,
    region=region_in_words,
    scope=words.scope_in_words,
    as_sentence=saying.as_sentence,
    shortened=saying.shortened,
    place_of_zone=place_of,
)


def render(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
    """The page `name` with `context`; `signed_in` is who asked, if known.

    A `form` that has to wait before it is sent again says so in the header too.
    """
    signed_in = getattr(request.state, "account", None)
    html = rendered(name, signed_in=signed_in, has_worker=_has_worker(request), **context)
    page, form = HTMLResponse(html, status_code=status), context.get("form")
    if isinstance(form, FilledForm) and form.retry_after is not None:
        page.headers["retry-after"] = str(form.retry_after)
    return page


def _has_worker(request: Request) -> bool:
    """Unless the operator switched it off; a page about an error may know no app."""
    app = request.scope.get("app")
    settings: Settings | None = app.state.settings if app else None
    return settings is None or settings.service_worker == "on"


def frame_of(role: Role) -> str:
    """The template around a page that patients and therapists share: each has their own ways to go."""
    return "therapist.html" if role is Role.THERAPIST else "patient.html"


def rendered(name: str, **context: Any) -> str:
    return _environment.get_template(name).render(context)


def see_other(path: str) -> RedirectResponse:
    """After a form: go and look at what it did, so that reloading sends nothing again."""
    return RedirectResponse(path, status_code=303)
