"""How a browser is called where somebody signed in: stored without a language, said in that of its reader."""

from __future__ import annotations

from app.language import _

_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox",
             "FxiOS": "Firefox", "CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip
_SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows",
            "Mac OS": "Mac", "Linux": "Linux"}  # fmt: skip
_BETWEEN = "|"


def browser_named(user_agent: str) -> str:
    """Browser and system as they are stored, such as "Firefox|Android"; never the whole header."""
    return f"{_first_in(user_agent, _BROWSERS)}{_BETWEEN}{_first_in(user_agent, _SYSTEMS)}"


def browser_in_words(stored: str) -> str:
    """A name the owner recognises, such as "Firefox on Android". What was stored as words stays as it is."""
    if _BETWEEN not in stored:
        return stored
    name, _between, system = stored.partition(_BETWEEN)
    browser = name or _("A browser")
    return _("%(browser)s on %(system)s", browser=browser, system=system) if system else browser


def _first_in(user_agent: str, names: dict[str, str]) -> str:
    return next((name for mark, name in names.items() if mark in user_agent), "")
