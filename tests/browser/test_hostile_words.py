"""Words that try to become scripts, in every field that takes words, on every page that shows them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.models.account import Account
from app.models.passkey import Passkey
from app.models.push import PushSubscription
from app.settings import Settings
from browser.demo_pages import ANA, NOBODY, PAGES, THERAPIST, Demo
from builders import a_passkey, an_item
from faults.household import Household, settle
from running import ServedApp, free_port, served

SHORT = "\"'><img src=x onerror=pwn()><svg/onload=pwn()></title><script>pwn()</script>{{7*7}}"
LONG = "\n".join(
    [
        SHORT,
        "</textarea></script></style><script>pwn()</script>",
        "<iframe srcdoc='<script>parent.pwn()</script>'></iframe>",
        "<a href='javascript:pwn()'>javascript:pwn()</a><base href='https://elsewhere.example/'>",
        "<form action=https://elsewhere.example><button formaction=javascript:pwn()>x</button></form>",
        "<svg><style>*{background:url(https://elsewhere.example)}</style><animate onbegin=pwn()></svg>",
        "<details open ontoggle=pwn()><math><mi//xlink:href='data:x,<script>pwn()</script>'>",
        "-->]]><!--<img src=x:x onerror=pwn()>${7*7}#{7*7}<%= 7*7 %>' onfocus=pwn() autofocus='",
        "data:text/html,<script>pwn()</script> \u2028 \uff1cscript\uff1epwn()\uff1c/script\uff1e",
    ]
)
RAN = "globalThis.ran = []; globalThis.pwn = () => ran.push(location.href);"
NEVER_OURS = """script:not([src^='/static/']):not([type='application/json']), iframe, base, [onerror],
  [onload], [onfocus], [ontoggle], [onbegin], [srcdoc], a[href^='javascript' i], a[href^='data' i],
  [formaction^='javascript' i], [action^='http' i]"""
FOUND = f"""() => [...ran, ...[...document.querySelectorAll(`{NEVER_OURS}`)].map((one) => one.outerHTML)]"""
WITHOUT_WORDS = ("/sign-out", "/offline", "/nowhere", "/help", "/sign-up", "/days")


def said_everywhere(home: Household) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Person, method, path and body of what fills every field that takes words."""
    names, care = home.names, f"/api/patients/{home.ana.id}"
    entry = {"id": names["patient_id"], "day": home.today, "recorded_at": home.now.isoformat()}
    step = {"kind": "custom", "text": SHORT, "after_hours": 2}
    item = an_item(id="tucks", title=SHORT, why=LONG, dose=SHORT, bad_day=SHORT)
    held = {"held_at": home.now.isoformat(), "findings": LONG, "done": LONG, "visibility": "shared"}
    return [
        ("ana", "POST", "/api/entries", {"entries": [entry | {"set": {"note": LONG}}]}),
        ("ana", "PUT", "/api/intake", dict.fromkeys(("reason", "history", "goals", "must_know"), LONG)
            | {"pain_feels": LONG, "hard_activities": [SHORT]}),
        ("ana", "PUT", "/api/check-in", {"request": LONG, "activities": [{"name": SHORT, "score": 3}]}),
        ("ana", "POST", "/api/reminders", {"kind": "custom", "times": ["20:00"], "text": SHORT}),
        ("ana", "POST", "/api/me/tokens", {"name": SHORT, "scopes": ["read"]}),
        ("ana", "POST", f"/api/sessions/{names['held_id']}/feedback", {"pressure": "right", "comment": LONG}),
        ("ana", "PATCH", "/api/me", {"name": SHORT}),
        ("rui", "PATCH", "/api/me", {"name": SHORT}),
        ("rui", "PATCH", "/api/therapist", {"practice": SHORT, "licence": SHORT, "certifications": [SHORT]}),
        ("rui", "POST", "/api/practice", {"name": SHORT}),
        ("rui", "PUT", f"{care}/plan", {"items": [item], "note": LONG, "flare": LONG}),
        ("ana", "POST", "/api/plan/answer",
            {"version": 2, "item": "tucks", "answer": "hurts", "comment": LONG[:500]}),
        ("rui", "POST", f"{care}/notes", {"text": LONG, "visibility": "shared"}),
        ("rui", "POST", "/api/aftercare-templates", {"name": SHORT, "steps": [step]}),
        ("rui", "POST", f"{care}/sessions/{names['begun_id']}/held", held | {"aftercare": [step]}),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def hostile(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Ana in Rui's care, where everybody has written nothing but markup."""
    folder, port = tmp_path_factory.mktemp("hostile"), free_port()
    shutil.copy(migrated_sqlite, folder / "aftercare.sqlite3")
    settings = Settings(data=folder, port=port, public_url=f"http://localhost:{port}", insights="full")
    with served(settings) as app:
        home = app.write(settle, app.app.state.secrets.key)
        _say_everything(app, home)
        accounts = {ANA: home.ana.id, THERAPIST: home.rui_id}
        yield Demo(app, accounts, home.names["code"], home.names["held_id"])  # type: ignore[arg-type]


def _say_everything(app: ServedApp, home: Household) -> None:
    cookies = {"ana": app.cookie_of(home.ana.id), "rui": app.cookie_of(home.rui_id)}
    headers = {"Sec-Fetch-Site": "same-origin"}
    with httpx2.Client(base_url=app.url, headers=headers) as browser:
        for person, method, path, body in said_everywhere(home):
            cookie = {"cookie": "=".join(cookies[person])}
            browser.request(method, path, json=body, headers=cookie).raise_for_status()
    app.write(_name_devices, home)


def _name_devices(db: Any, home: Household) -> None:
    """Only a browser and a device of a person's own name these."""
    for account_id in (home.ana.id, home.rui_id):
        a_passkey(db, account_id)
    db.query(Passkey).update({"name": SHORT})
    db.query(PushSubscription).update({"device_name": SHORT})
    db.query(Account).update({"name": SHORT})


@pytest.fixture(scope="module")
def contexts(hostile: Demo, chromium: Browser) -> Iterator[dict[str, BrowserContext]]:
    opened = {who: hostile.browser_of(chromium, who) for who in (NOBODY, ANA, THERAPIST)}
    for context in opened.values():
        context.add_init_script(RAN)
    yield opened
    for context in opened.values():
        context.close()


def test_words_stay_words_on_every_page(hostile: Demo, contexts: dict[str, BrowserContext]) -> None:
    """The browser also reports whatever its content security policy had to stop; see `chromium`."""
    dialogs: list[str] = []
    pages = {who: context.new_page() for who, context in contexts.items()}
    for page in pages.values():
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    found = {
        path: ran
        for who, path in PAGES
        if not path.startswith(WITHOUT_WORDS) and (ran := _found_on(pages[who], hostile.address(path)))
    }
    assert (found, dialogs) == ({}, [])


def _found_on(page: Page, address: str) -> list[str]:
    page.goto(address, wait_until="load")
    found: list[str] = page.evaluate(FOUND)
    return found
