"""A real Firefox without a window, driven over Marionette: its own protocol on a plain socket."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PREFS: dict[str, bool | int | str] = {
    "dom.push.testing.allowInsecureServerURL": True,
    "dom.push.testing.ignorePermission": True,
    "dom.push.alwaysConnect": True,
    "permissions.default.desktop-notification": 1,
    "alerts.useSystemBackend": False,
    "dom.webnotifications.requireuserinteraction": False,
    "remote.prefs.recommended": False,
    "marionette.port": 0,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "browser.topsites.contile.enabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.prefetch-next": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "",
}
"""Push at a service of ours, notifications without asking, and not a byte to anybody else."""


class Firefox:
    """One browser. Scripts run in the page; a promise they return is awaited."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._received = b""
        self._number = 0
        self._packet()
        self.command("WebDriver:NewSession", {"acceptInsecureCerts": False})
        self.command("WebDriver:SetTimeouts", {"script": 30_000, "pageLoad": 30_000})

    def command(self, name: str, parameters: dict[str, Any] | None = None) -> Any:
        self._number += 1
        packet = json.dumps([0, self._number, name, parameters or {}]).encode()
        self._socket.sendall(str(len(packet)).encode() + b":" + packet)
        _kind, _number, error, result = self._packet()
        if error is not None:
            raise RuntimeError(f"{name}: {error['error']}: {error['message']}")
        return result

    def open(self, url: str) -> None:
        self.command("WebDriver:Navigate", {"url": url})

    def sign_in(self, name: str, token: str) -> None:
        """Hold the sign-in cookie of the site that is open."""
        cookie = {"name": name, "value": token, "path": "/", "httpOnly": True}
        self.command("WebDriver:AddCookie", {"cookie": cookie})

    def run(self, script: str, *arguments: Any) -> Any:
        """The value of a script, which may await and must return."""
        wrapped = f"return (async (...given) => {{ {script} }})(...arguments)"
        result = self.command("WebDriver:ExecuteScript", {"script": wrapped, "args": list(arguments)})
        return result["value"]

    def run_in_browser(self, script: str) -> Any:
        """The value of a script that runs in the browser's own windows, where its alerts are."""
        self.command("Marionette:SetContext", {"value": "chrome"})
        try:
            return self.run(script)
        finally:
            self.command("Marionette:SetContext", {"value": "content"})

    def grant_notifications(self) -> None:
        self.command("WebDriver:SetPermission", {"descriptor": {"name": "notifications"}, "state": "granted"})

    def addresses(self) -> list[str]:
        """What is open in each window; the last one stays the one that is driven."""
        found = []
        for handle in self.command("WebDriver:GetWindowHandles"):
            self.command("WebDriver:SwitchToWindow", {"handle": handle, "focus": False})
            found.append(str(self.command("WebDriver:GetCurrentURL")["value"]))
        return found

    def show(self, part: str) -> None:
        """Drive the window whose address has this in it."""
        for handle in self.command("WebDriver:GetWindowHandles"):
            self.command("WebDriver:SwitchToWindow", {"handle": handle, "focus": False})
            if part in str(self.command("WebDriver:GetCurrentURL")["value"]):
                return

    def close(self) -> None:
        self._socket.close()

    def _packet(self) -> Any:
        while b":" not in self._received:
            self._receive()
        length, _, rest = self._received.partition(b":")
        while len(rest) < int(length):
            self._receive()
            _, _, rest = self._received.partition(b":")
        self._received = rest[int(length) :]
        return json.loads(rest[: int(length)])

    def _receive(self) -> None:
        more = self._socket.recv(65536)
        if not more:
            raise RuntimeError("Firefox has closed the connection.")
        self._received += more


@contextmanager
def firefox(profile: Path, push_port: int, **others: bool) -> Iterator[Firefox]:
    """Firefox with an empty profile whose push service is at `push_port`, until the block ends.

    `others` are more preferences, with `__` for a dot.
    """
    binary = shutil.which("firefox-esr") or shutil.which("firefox")
    if binary is None:
        raise RuntimeError("Firefox is missing. Install it: apt-get install firefox-esr")
    profile.mkdir(parents=True, exist_ok=True)
    named = {name.replace("__", "."): value for name, value in others.items()}
    prefs = {**PREFS, **named, "dom.push.serverURL": f"ws://127.0.0.1:{push_port}/ws"}
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in prefs.items())
    (profile / "user.js").write_text("".join(lines))
    switches = ["--headless", "--no-remote", "--marionette", "-remote-allow-system-access"]
    command = [binary, *switches, "--profile", str(profile)]
    environment = {"HOME": str(profile), "MOZ_DISABLE_CONTENT_SANDBOX": "1", "PATH": "/usr/bin:/bin"}
    with (profile / "firefox.log").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        browser = Firefox(_marionette_port(profile, process))
        yield browser
        browser.close()
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _marionette_port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    """Firefox writes down the port it chose."""
    file, deadline = profile / "MarionetteActivePort", time.monotonic() + 60
    while not (file.exists() and file.read_text().strip()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"Firefox did not start: {(profile / 'firefox.log').read_text()[-2000:]}")
        time.sleep(0.05)
    return int(file.read_text())
