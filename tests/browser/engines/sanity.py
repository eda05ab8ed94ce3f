"""What must work in every engine: install, a queue, an offline reload, and sending once the network is back.

The network goes away by stopping the server, which looks the same to every browser.
"""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, Protocol

SIGN_IN = """const answer = await fetch("/api/sign-in", {
  method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({email: "ana@demo.example", password: "demo-aftercare"}),
});
return answer.status;"""
INSTALLED = """const registration = await navigator.serviceWorker.getRegistration();
const kept = await caches.keys();
const names = await indexedDB.databases();
const isKept = names.some(({ name }) => name === "aftercare");
return Boolean(registration?.active) && kept.length === 1 && isKept;"""
STATUS = 'return document.getElementById("save-status")?.textContent ?? "";'
IS_FROM_THE_PHONE = (
    'return "shell" in document.documentElement.dataset && "filled" in document.documentElement.dataset;'
)
OTHER_PAIN = """const now = document.querySelector("input[name=pain]:checked")?.value;
const other = now === "3" ? "4" : "3";
document.querySelector(`input[name=pain][value="${other}"]`).click();
return other;"""
PAIN = 'return document.querySelector("input[name=pain]:checked")?.value ?? "";'
SAID_TODAY = """const day = document.getElementById("log").dataset.day;
const { entries } = await (await fetch(`/api/days/${day}/history`)).json();
const pains = entries.filter(({ set }) => "pain" in set);
return pains.map(({ set }) => String(set.pain));"""


class Engine(Protocol):
    """A browser that is driven: it opens pages and runs scripts in them."""

    def open(self, url: str) -> None: ...

    def run(self, script: str) -> Any: ...


class Server:
    """The demo on a port of this machine, which can go away and come back."""

    def __init__(self, data: Path, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self._command = [sys.executable, "-m", "app", "demo", "--data", str(data), "--port", str(port)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("the server answers", self._answers, 120)

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except OSError:
            return False


def check(engine: Engine, server: Server) -> None:
    """Raises AssertionError at the first thing that does not hold; says what does."""
    engine.open(f"{server.url}/sign-in")
    assert engine.run(SIGN_IN) == 200
    engine.open(f"{server.url}/today")
    wait_until("the app is installed", lambda: bool(engine.run(INSTALLED)))
    said_before = engine.run(SAID_TODAY)
    server.stop()
    engine.open(f"{server.url}/today")
    wait_until("Today opens without a network", lambda: bool(engine.run(IS_FROM_THE_PHONE)))
    pain = engine.run(OTHER_PAIN)
    wait_until("a tap is kept", lambda: engine.run(STATUS) == "Saved on this phone")
    engine.open(f"{server.url}/today")
    wait_until("it is still there after a reload", lambda: engine.run(PAIN) == pain)
    server.start()
    engine.run('dispatchEvent(new Event("online"));')
    wait_until("it is sent when the network is back", lambda: engine.run(STATUS) == "Saved")
    assert engine.run(SAID_TODAY) == [*said_before, pain]
    print("ok: it arrived once")


def wait_until(what: str, is_so: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not so: {what}"
        time.sleep(0.1)
    print(f"ok: {what}")
