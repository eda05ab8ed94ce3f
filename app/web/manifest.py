"""The manifest: what the installed app is called, opens with, and looks like where it is offered."""

from __future__ import annotations

from app.language import _, spoken
from app.web.assets import asset_url


def manifest() -> dict[str, object]:
    return {
        "id": "/",
        "name": "Aftercare",
        "short_name": "Aftercare",
        "description": _("Your diary and reminders between two treatments."),
        "lang": spoken().tag,
        "dir": spoken().direction,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f8f4eb",
        "theme_color": "#f8f4eb",
        "categories": ["health", "lifestyle"],
        "icons": [
            _icon("icons/icon.svg", "any", "any"),
            _icon("icons/icon-192.png", "192x192", "any"),
            _icon("icons/icon-512.png", "512x512", "any"),
            _icon("icons/icon-maskable-512.png", "512x512", "maskable"),
        ],
        "shortcuts": [
            _shortcut(_("Log"), "/today"),
            _shortcut(_("+1 glass"), "/today#glass"),
            _shortcut(_("Trends"), "/trends"),
        ],
        "screenshots": [
            _screenshot("screenshots/today.png", "390x844", "narrow", _("Log a day in half a minute")),
            _screenshot("screenshots/trends.png", "390x844", "narrow", _("See how it goes")),
            _screenshot("screenshots/wide.png", "1280x800", "wide", _("Log a day in half a minute")),
        ],
    }


def _icon(name: str, sizes: str, purpose: str) -> dict[str, str]:
    media_type = "image/svg+xml" if name.endswith(".svg") else "image/png"
    return {"src": asset_url(name), "sizes": sizes, "type": media_type, "purpose": purpose}


def _shortcut(name: str, url: str) -> dict[str, object]:
    return {"name": name, "url": url, "icons": [_icon("icons/icon-192.png", "192x192", "any")]}


def _screenshot(name: str, sizes: str, form_factor: str, label: str) -> dict[str, str]:
    media = {"src": asset_url(name), "sizes": sizes, "type": "image/png"}
    return media | {"form_factor": form_factor, "label": label}
