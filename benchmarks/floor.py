"""The floor: bare ASGI and the bare driver doing the same SQL, with one durable commit for each request.

No framework, no validation, no layers. On SQLite one connection, whose statements run where the request is
read; on PostgreSQL as many threads with a connection each as the product has for writing. Saving is written
out here. Pages and exports are the statements the product was seen to run for the same request (`recorded`),
run again, with their rows as JSON for an answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import pickle
import sqlite3
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import psycopg

from app.database import THREADS_ON_POSTGRESQL

# fmt: off
MEASURES = [
    "pain", "pain_worst", "stiffness", "mobility", "sleep_hours", "sleep_quality", "water_glasses",
    "stretching_minutes", "heat_minutes", "ice_minutes", "soreness", "swelling", "pain_sites", "plan_items",
    "bad_day", "note",
]
# fmt: on
SHOWN = ["day", *MEASURES, "late", "first_logged_at", "updated_at"]
STORED = ["patient_id", *SHOWN]
AS_JSON = ("pain_sites", "plan_items")

WHO_IS = """
SELECT sign_in.id, account.id, account.email, account.role, account.name, account.zone, account.locale,
  sign_in.last_seen_at, sign_in.expires_at, patient.day_starts_at, patient.quiet_from, patient.quiet_until
FROM sign_in JOIN account ON account.id = sign_in.account_id
  LEFT OUTER JOIN patient ON patient.id = account.id
WHERE sign_in.token_hash = ? AND sign_in.ended_at IS NULL"""
ADD_ENTRY = """
INSERT INTO log_entry
  (patient_id, day, id, recorded_at, received_at, ordered_at, source, late, content)
VALUES (?, ?, ?, ?, ?, ?, 'app', ?, ?) ON CONFLICT DO NOTHING RETURNING id"""
ENTRIES_OF_DAY = """
SELECT id, ordered_at, received_at, late, content FROM log_entry WHERE patient_id = ? AND day = ?"""
PUT_DAY = f"""
INSERT INTO daily_log ({", ".join(STORED)}) VALUES ({", ".join("?" * len(STORED))})
ON CONFLICT (patient_id, day) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in STORED[2:])}"""
NOTE_LOGGED = "UPDATE patient SET last_logged_at = ? WHERE id = ?"
DAYS_BETWEEN = f"""
SELECT {", ".join(SHOWN)} FROM daily_log
WHERE patient_id = ? AND day BETWEEN ? AND ? ORDER BY day LIMIT ? OFFSET 0"""

Rows = list[tuple[Any, ...]]
Execute = Callable[[str, Any], Rows]


def _on_sqlite(path: str) -> Execute:
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
        db.execute(f"PRAGMA {pragma}")
    return lambda sql, values: db.execute(sql, values).fetchall()


def _on_postgresql(url: str) -> Execute:
    own = threading.local()

    def execute(sql: str, values: Any) -> Rows:
        if not hasattr(own, "db"):
            own.db = psycopg.connect(url, autocommit=True)
        found = own.db.execute(sql if isinstance(values, Mapping) else sql.replace("?", "%s"), values or None)  # type: ignore[arg-type]
        return found.fetchall() if found.description else []

    return execute


url = os.environ["BENCHMARK_DATABASE"]
on_sqlite = url.startswith("sqlite")
run = _on_sqlite(url.removeprefix("sqlite:///")) if on_sqlite else _on_postgresql(url)
threads = ThreadPoolExecutor(THREADS_ON_POSTGRESQL)
recorded: dict[tuple[str, str], list[tuple[str, Any]]] = pickle.loads(  # noqa: S301 (written by this benchmark)
    Path(os.environ["BENCHMARK_RECORDED"]).read_bytes()
)


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer one request."""
    body, message = b"", await receive()
    while body := body + message.get("body", b""):
        if not message.get("more_body"):
            break
        message = await receive()
    cookie = dict(scope["headers"])[b"cookie"].decode().partition("=")[2]
    if on_sqlite:
        answer = _answered(scope, cookie, body)
    else:
        answer = await asyncio.get_running_loop().run_in_executor(threads, _answered, scope, cookie, body)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


def _answered(scope: Any, cookie: str, body: bytes) -> bytes:
    return json.dumps(_answer(scope, cookie, body), default=str, separators=(",", ":")).encode()


def _answer(scope: Any, cookie: str, body: bytes) -> Any:
    path, query = scope["path"], scope["query_string"].decode()
    if scope["method"] == "POST":
        return _save(_who_is(cookie), json.loads(body)["entries"])
    if path == "/api/days":
        asked = parse_qs(query)
        found = run(DAYS_BETWEEN, (_who_is(cookie), asked["first"][0], asked["last"][0], 201))
        return {"days": [_as_shown(row) for row in found], "next_cursor": None}
    return [run(sql, values) for sql, values in recorded[path, cookie]]


def _who_is(cookie: str) -> str:
    return str(run(WHO_IS, (hashlib.sha256(cookie.encode()).hexdigest(),))[0][1])


def _save(patient_id: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    run("BEGIN", ())
    for entry in entries:
        said = json.dumps({"add": {}, "set": entry["set"]})
        entry_id = entry["id"].replace("-", "")
        run(ADD_ENTRY, (patient_id, entry["day"], entry_id, entry["recorded_at"], at, at, False, said))
    days = [_refold(patient_id, day, at) for day in sorted({entry["day"] for entry in entries})]
    run(NOTE_LOGGED, (at, patient_id))
    run("COMMIT", ())
    return {"results": [{"id": entry["id"], "status": "accepted"} for entry in entries], "days": days}


def _refold(patient_id: str, day: str, at: str) -> dict[str, Any]:
    measures: dict[str, Any] = {}
    entries = run(ENTRIES_OF_DAY, (patient_id, day))
    for entry in sorted(entries, key=lambda row: row[1]):
        measures.update(json.loads(entry[4])["set"])
    measures.update((name, json.dumps(measures[name])) for name in AS_JSON if name in measures)
    run(PUT_DAY, (patient_id, day, *map(measures.get, MEASURES), False, entries[0][1], at))
    return _as_shown(run(DAYS_BETWEEN, (patient_id, day, day, 400))[0])


def _as_shown(row: tuple[Any, ...]) -> dict[str, Any]:
    day = dict(zip(SHOWN, row, strict=True))
    for name in AS_JSON:
        day[name] = json.loads(day[name]) if isinstance(day[name], str) else day[name]
    day["late"] = bool(day["late"])
    return day
