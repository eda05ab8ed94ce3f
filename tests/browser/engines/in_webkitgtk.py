"""The sanity of every engine in WebKitGTK's MiniBrowser, over its own WebDriver.

apt-get install webkit2gtk-driver xvfb
PYTHONPATH=.:tests xvfb-run -a python tests/browser/engines/in_webkitgtk.py
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from browser.engines.sanity import Server, check
from running import free_port

MINIBROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"


class WebKit:
    """One window of MiniBrowser, driven by plain WebDriver."""

    def __init__(self, driver: str, binary: str) -> None:
        options = {"binary": binary, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._driver = driver
        made = self._post("/session", {"capabilities": wanted})
        self._session = f"/session/{made['sessionId']}"
        self._post(f"{self._session}/timeouts", {"script": 30_000, "pageLoad": 30_000})

    def open(self, url: str) -> None:
        self._post(f"{self._session}/url", {"url": url})

    def run(self, script: str) -> Any:
        """The value of a script, which may await and must return."""
        wrapped = (
            f"const done = arguments[0]; (async () => {{ {script} }})().then(done, (e) => done(String(e)));"
        )
        return self._post(f"{self._session}/execute/async", {"script": wrapped, "args": []})

    def close(self) -> None:
        request = urllib.request.Request(self._driver + self._session, method="DELETE")  # noqa: S310
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        data = json.dumps(body).encode()
        request = urllib.request.Request(self._driver + path, data, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)["value"]


@contextmanager
def webkit() -> Iterator[WebKit]:
    driver = shutil.which("WebKitWebDriver")
    binary = next((str(found) for found in Path("/").glob(MINIBROWSERS.lstrip("/"))), None)
    if not driver or not binary:
        raise SystemExit("WebKitGTK is missing. Install it: apt-get install webkit2gtk-driver xvfb")
    port = free_port()
    process = subprocess.Popen([driver, f"--port={port}"])
    try:
        time.sleep(1)
        engine = WebKit(f"http://127.0.0.1:{port}", binary)
        yield engine
        engine.close()
    finally:
        process.terminate()
        process.wait()


with tempfile.TemporaryDirectory() as folder:
    server = Server(Path(folder) / "data", free_port())
    server.start()
    try:
        with webkit() as engine:
            check(engine, server)
    finally:
        server.stop()
