"""A script: schemathesis asks every operation of the OpenAPI document everything that it allows, and forbids.

    PYTHONPATH=.:tests python tests/faults/fuzzed.py --minutes 10

All of its phases (examples, coverage, fuzzing, stateful) and all of its checks (they are its default) but
`positive_data_acceptance`: what JSON Schema cannot say is refused all the same. Three more are off for some
paths; see `_ASKS`. Valid and invalid requests; two patients who must not see each other's things; and a
therapist of one of them at the doors of therapists. Prints its report; the exit status is 1 when it found
any.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from app.clock import utc_now
from app.migrate import migrate
from app.settings import Settings
from builders import a_token
from faults.household import settle
from running import free_port, served

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


def findings(folder: Path, *how: str) -> int:
    """Serve an app with people in it and ask it; the exit status of schemathesis."""
    port = free_port()
    settings = Settings(data=folder, port=port, public_url=f"http://127.0.0.1:{port}", rate_limits="off")
    migrate(settings.sqlalchemy_url)
    with served(settings) as app:
        home = app.write(settle, app.app.state.secrets.key)
        tokens = {id: app.write(_token_of, id) for id in (home.ana.id, home.bea.id, home.rui_id)}
        (folder / "who.json").write_text(json.dumps(_patients(tokens[home.ana.id], tokens[home.bea.id])))
        asks = _ASKS.format(folder=folder, patient=home.ana.id, therapist=tokens[home.rui_id])
        (folder / "schemathesis.toml").write_text(asks)
        # Made when first asked for, which takes longer than schemathesis waits beside other tests.
        app.app.openapi()
        return _asked(app.url, folder, how)


_ASKS = """\
[auth.wfc]
path = "{folder}/who.json"
peers = ["ana", "bea"]

[checks]
positive_data_acceptance.enabled = false
negative_data_rejection.expected-statuses = ["4xx"]

[[operations]]
include-path-regex = "^/api/(aftercare-templates|invitations|patients|practice|therapist)"
headers.Authorization = "Bearer {therapist}"
parameters = {{ "path.patient_id" = "{patient}" }}
checks.ignored_auth.enabled = false

[[operations]]
include-path = ["/api/reminders/pause", "/api/reminders/mailbox"]
checks.unsupported_method.enabled = false

[[operations]]
include-path = "/api/entries"
checks.negative_data_rejection.enabled = false
"""
"""What JSON Schema cannot say is refused all the same: a day in the past, a zone that is none, a place named
twice. What is too long is refused as that (413). The header of the therapist would go with those requests too
that are to have no rights. A word where an id belongs is not there, before anybody asks for which method it
is not. And entries are judged one by one: the refusal of one stands in an answer that is a success for the
others."""


def _patients(ana: str, bea: str) -> dict[str, object]:
    return {"auth": [_with_token("ana", ana), _with_token("bea", bea)]}


def _with_token(name: str, token: str) -> dict[str, object]:
    return {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}


def _token_of(db: Session, account_id: UUID) -> str:
    return a_token(db, account_id, now=utc_now()).token


def _asked(address: str, folder: Path, how: Sequence[str]) -> int:
    always = ["--config-file", str(folder / "schemathesis.toml")]
    asked = ["run", f"{address}/api/openapi.json", "--mode", "all", "--no-color"]
    return subprocess.run(
        [SCHEMATHESIS, *always, *asked, "--request-timeout", "60", *how], cwd=folder, check=False
    ).returncode


def main() -> bool:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=10)
    seconds = int(asked.parse_args().minutes * 60)
    with tempfile.TemporaryDirectory() as folder:
        return findings(Path(folder), "--continue-on-failure", "--max-time", str(seconds)) == 0


if __name__ == "__main__":
    sys.exit(not main())
