"""Peers side by side: `python -m benchmarks.peers servers.json`.

It measures servers that run already and holds nothing of any of them. The file says how to use each:

    {"servers": [{
      "name": "Aftercare", "address": "http://127.0.0.1:8000", "headers": {"Sec-Fetch-Site": "same-origin"},
      "sign_in": {"method": "POST", "path": "/api/sign-in",
                  "json": {"email": "ana@demo.example", "password": "demo-aftercare"}},
      "log": {"method": "POST", "path": "/api/entries", "json": {"entries": [
               {"id": "{uuid}", "day": "{day}", "recorded_at": "{now}", "set": {"pain": "{score}"}}]}},
      "read": {"method": "GET", "path": "/api/days?first={month_ago}&last={day}"}}]}

A request has `method`, `path`, and `json` or `form`; `headers` may be given for one request or for all.
Cookies are kept. `token` in `sign_in` is the path to a token in its JSON answer, such as "data.access_token",
which then travels as a bearer token. In any text `{uuid}`, `{number}`, `{score}` (0 to 10), `{now}`, `{day}`
and `{month_ago}` are filled in anew for each request; a text that is nothing but `{number}` or `{score}`
becomes a number.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import httpx2

_number = count(1)
SECONDS_TO_ANSWER = 30


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("servers", type=Path)
    arguments.add_argument("--seconds", type=float, default=5)
    arguments.add_argument("--connections", type=int, default=8)
    asked = arguments.parse_args()
    for server in json.loads(asked.servers.read_text())["servers"]:
        for what in ("log", "read"):
            measured = _measured(server, server[what], asked.seconds, asked.connections)
            print(json.dumps({"server": server["name"], "what": what, **measured}), flush=True)


def _measured(server: Mapping[str, Any], request: Mapping[str, Any], seconds: float, at_once: int) -> Any:
    """Each connection signs in by itself, waits for the others, and asks again as soon as it is answered."""
    ready = Barrier(at_once)
    with ThreadPoolExecutor(at_once) as pool:
        asked = [pool.submit(_ask_for, server, request, seconds, ready) for _connection in range(at_once)]
        answers = [answer for one in asked for answer in one.result()]
    took = sorted(seconds for seconds, _good in answers)
    return {
        "per_second": round(len(took) / seconds, 1),
        "p50_ms": round(took[len(took) // 2] * 1000, 2),
        "p99_ms": round(took[int(len(took) * 0.99)] * 1000, 2),
        "failures": sum(not good for _seconds, good in answers),
    }


def _ask_for(
    server: Mapping[str, Any], request: Mapping[str, Any], seconds: float, ready: Barrier
) -> list[tuple[float, bool]]:
    answers: list[tuple[float, bool]] = []
    usual = server.get("headers", {})
    with httpx2.Client(
        base_url=server["address"], headers=usual, timeout=SECONDS_TO_ANSWER, trust_env=False
    ) as browser:
        _sign_in(browser, server.get("sign_in"))
        ready.wait(SECONDS_TO_ANSWER)
        ends = time.monotonic() + seconds
        while not answers or time.monotonic() < ends:
            began = time.perf_counter()
            answer = _ask(browser, request)
            answers.append((time.perf_counter() - began, answer.is_success))
    return answers


def _sign_in(browser: httpx2.Client, request: Mapping[str, Any] | None) -> None:
    if request is None:
        return
    answer = _ask(browser, request)
    answer.raise_for_status()
    if path := request.get("token"):
        found = answer.json()
        for name in path.split("."):
            found = found[name]
        browser.headers["Authorization"] = f"Bearer {found}"


def _ask(browser: httpx2.Client, request: Mapping[str, Any]) -> httpx2.Response:
    sent = filled({name: request[name] for name in ("path", "json", "form") if name in request})
    return browser.request(
        request["method"],
        sent["path"],
        json=sent.get("json"),
        data=sent.get("form"),
        headers=request.get("headers"),
    )


def filled(value: Any) -> Any:
    """The same with every name in braces replaced."""
    if isinstance(value, dict):
        return {name: filled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one) for one in value]
    if not isinstance(value, str):
        return value
    for name, fresh in FRESH.items():
        if value == name and name in ("{number}", "{score}"):
            return fresh()
        if name in value:
            value = value.replace(name, str(fresh()))
    return value


FRESH: dict[str, Callable[[], Any]] = {
    "{uuid}": uuid4,
    "{number}": lambda: next(_number),
    "{score}": lambda: next(_number) % 11,
    "{now}": lambda: datetime.now(UTC).isoformat(),
    "{day}": lambda: datetime.now(UTC).date(),
    "{month_ago}": lambda: datetime.now(UTC).date() - timedelta(days=29),
}


if __name__ == "__main__":
    main()
