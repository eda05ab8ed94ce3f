"""What makes the site an app on the phone: manifest, service worker, and the pages it keeps.

The worker keeps pages without a personal word, in the language of the phone: Today and past days, which fill
themselves from the phone's own database, the list of days, signing out, the page for no network, and how to
get help: as it is, and for whoever could not tell that something is wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import APIRouter, Response

from app.deps import AppSettings, MaybeAccount
from app.errors import NotFound
from app.language import LANGUAGES, language_of, speaking, spoken
from app.web.assets import STATIC, asset_url
from app.web.manifest import manifest
from app.web.minified import SCRIPT, minified
from app.web.page import rendered
from app.web.past_day import kept_days
from app.web.scripts import SHARED, asked_for_later
from app.web.today import kept_today

WORKER_PARTS = (
    "shell", "copies", "words", "reading", "notifications", "taps", "commands", "subscription", "entries"
)  # fmt: skip
"""One script for every browser: not all of them let a worker import modules."""
KEPT_PAGES: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
    "day": ("today.html", kept_today),
    "days": ("past_days.html", kept_days),
    "sign-out": ("sign_out.html", dict),
    "offline": ("offline.html", dict),
    "help": ("help.html", lambda: {"frame": "patient.html"}),
    "not-told": ("something_wrong.html", lambda: {"ticked": False}),
}
KEPT_SCRIPTS = ("js/patient.js", "js/today.js", "js/past_days.js", "js/sign_out.js")

router = APIRouter(include_in_schema=False)


@router.get("/manifest.webmanifest")
async def show_manifest() -> Response:
    return Response(json.dumps(manifest()), media_type="application/manifest+json", headers=_ASKED_EACH_TIME)


@router.get("/service-worker.js")
async def service_worker(settings: AppSettings) -> Response:
    """The worker, or the one that removes it where the operator switched it off."""
    script = worker_script() if settings.service_worker == "on" else kill_switch()
    return Response(script, media_type="text/javascript", headers=_ASKED_EACH_TIME)


@router.get("/shell/{language}/{page}")
async def kept_page(language: str, page: str) -> Response:
    """A page as the worker keeps it: the same for everybody who reads this language."""
    if language not in LANGUAGES or page not in KEPT_PAGES:
        raise NotFound
    return Response(shell_page(language, page), media_type="text/html", headers=_ASKED_EACH_TIME)


@router.get("/sign-out")
async def sign_out_page(_account: MaybeAccount) -> Response:
    """Where somebody leaves, also without a network."""
    return Response(shell_page(spoken().tag, "sign-out"), media_type="text/html", headers=_ASKED_EACH_TIME)


@router.get("/offline")
async def offline(_account: MaybeAccount) -> Response:
    return Response(shell_page(spoken().tag, "offline"), media_type="text/html", headers=_ASKED_EACH_TIME)


@router.get("/favicon.ico")
async def favicon() -> Response:
    """Browsers ask for this name whatever the page says."""
    return Response(status_code=308, headers={"Location": asset_url("icons/icon-32.png"), **_ASKED_EACH_TIME})


@cache
def shell_page(language: str, page: str) -> str:
    """The page with nothing in it that belongs to one person or one day."""
    template, filled_later = KEPT_PAGES[page]
    with speaking(language_of(language)):
        return rendered(template, in_cache=True, signed_in=None, **filled_later())


@cache
def worker_script() -> str:
    """The worker with its shell written before it, so that a change of the shell is a new worker."""
    words = {tag: language.words_for_worker for tag, language in LANGUAGES.items()}
    begun = [
        f"self.shell = {json.dumps(_shell())};",
        f"self.words = {json.dumps(words, ensure_ascii=False)};",
        _IMPORT_SHARED % json.dumps(asset_url(SHARED)),
    ]
    # Inside a function its names are nobody else's, so they can be short.
    return minified(SCRIPT, "\n".join(["(() => {", *begun, *map(_part, WORKER_PARTS), "})();"]))


def kill_switch() -> str:
    return minified(SCRIPT, _part("kill_switch"))


def _part(name: str) -> str:
    return (STATIC / "js" / "service_worker" / f"{name}.js").read_text()


def _shell() -> dict[str, object]:
    """What the worker keeps, under a name that changes with it; and its icons."""
    later = {name for script in KEPT_SCRIPTS for name in asked_for_later(STATIC, script)}
    first = ("aftercare.css", "folds.css", "pages.css", "icons/icon.svg", SHARED, *KEPT_SCRIPTS)
    kept = [asset_url(name) for name in (*first, *sorted(later))]
    pages = "".join(shell_page(language, page) for language in LANGUAGES for page in KEPT_PAGES)
    fingerprint = hashlib.sha256("\n".join([*kept, pages]).encode()).hexdigest()[:10]
    icons = {"icon": asset_url("icons/icon-192.png"), "badge": asset_url("icons/badge-96.png")}
    pages_of = {"languages": list(LANGUAGES), "pages": list(KEPT_PAGES)}
    return {"name": f"aftercare-{fingerprint}", "kept": kept, **pages_of, **icons}


_IMPORT_SHARED = """self.trustedTypes?.createPolicy("default", { createScriptURL: (address) => address });
importScripts(%s);"""
_ASKED_EACH_TIME = {"Cache-Control": "no-cache"}
