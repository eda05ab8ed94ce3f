"""The sanity of every engine in Firefox ESR, over Marionette.

PYTHONPATH=.:tests python tests/browser/engines/in_firefox.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from browser.engines.sanity import Server, check
from browser.firefox.firefox import firefox
from running import free_port

with tempfile.TemporaryDirectory() as folder:
    server = Server(Path(folder) / "data", free_port())
    server.start()
    try:
        with firefox(Path(folder) / "profile", push_port=free_port()) as engine:
            check(engine, server)
    finally:
        server.stop()
