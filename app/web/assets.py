"""The files under static/, served under names that change with their content.

`/static/log.1a2b3c.js` never changes, so browsers may keep it for a year. The style sheets are joined:
`aftercare.css` is what the log needs, tokens first, `folds.css` what waits in its folds, and `pages.css` what
other pages need besides. A script comes with the modules it imports (scripts.py). What only people read is
left out (minified.py).
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import brotli
from fastapi import APIRouter, Request, Response

from app.errors import NotFound
from app.guard import takes
from app.web.minified import STYLES, minified
from app.web.scripts import joined

STATIC = Path(__file__).parent / "static"
WORKER_PARTS = "js/service_worker/"
"""Not served one by one: pwa.py puts them together."""
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
}
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.compress,
    "gzip": lambda body: gzip.compress(body, 9, mtime=0),
}
"""By the name browsers have for it, the smallest first. Pictures are compressed already."""
_A_YEAR = "public, max-age=31536000, immutable"
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served: its address and its bytes."""

    url: str
    media_type: str
    body: bytes


@router.get("/static/{path:path}")
async def static_file(path: str, request: Request) -> Response:
    """A file under its hashed name; anything else is not there."""
    asset = assets_by_url().get(f"/static/{path}")
    if asset is None:
        raise NotFound
    headers = {"Cache-Control": _A_YEAR, "Vary": "Accept-Encoding"}
    accepted = request.headers.get("accept-encoding", "")
    encoding = next((one for one in COMPRESSORS if takes(one, accepted)), None)
    if encoding is None or asset.media_type == "image/png":
        return Response(asset.body, media_type=asset.media_type, headers=headers)
    return Response(
        compressed(asset, encoding),
        media_type=asset.media_type,
        headers=headers | {"Content-Encoding": encoding},
    )


def asset_url(name: str) -> str:
    """The hashed address of `name`, such as "aftercare.css", "js/log.js" or "icons/icon-192.png"."""
    return all_assets()[name].url


@cache
def compressed(asset: Asset, encoding: str) -> bytes:
    """The bytes of an asset as small as they go, made when they are first asked for."""
    return COMPRESSORS[encoding](asset.body)


@cache
def assets_by_url() -> dict[str, Asset]:
    return {asset.url: asset for asset in all_assets().values()}


@cache
def all_assets() -> dict[str, Asset]:
    """Every file that is served, by its plain name."""
    assets = {name: _asset(name, sheet) for name, sheet in _joined_styles().items()}
    for path in sorted(STATIC.rglob("*")):
        name = path.relative_to(STATIC).as_posix()
        if path.suffix in MEDIA_TYPES and not name.startswith(("css/", WORKER_PARTS)):
            assets[name] = script_asset(name) if path.suffix == ".js" else _asset(name, path.read_bytes())
    return assets


@cache
def script_asset(name: str) -> Asset:
    """A module as it is served, with what it imports; the ones it asks for later keep their own address."""
    return _asset(name, joined(STATIC, name, lambda later: script_asset(later).url).encode())


def _joined_styles() -> dict[str, bytes]:
    """What the log needs comes alone: Today is opened every day, on the worst networks."""
    log = sorted((STATIC / "css").glob("*.css"), key=lambda sheet: (sheet.name != "tokens.css", sheet.name))
    folds, pages = (sorted((STATIC / "css" / name).glob("*.css")) for name in ("folds", "pages"))
    return {
        "aftercare.css": _joined(log), "folds.css": _joined(folds), "pages.css": _joined([*folds, *pages])
    }  # fmt: skip


def _joined(sheets: Iterable[Path]) -> bytes:
    return minified(STYLES, "\n".join(sheet.read_text() for sheet in sheets)).encode()


def _asset(name: str, body: bytes) -> Asset:
    stem, _, suffix = name.rpartition(".")
    fingerprint = hashlib.sha256(body).hexdigest()[:6]
    url = f"/static/{stem}.{fingerprint}.{suffix}"
    return Asset(url, MEDIA_TYPES[f".{suffix}"], body)
