#!/bin/sh
# Everything that must hold before a change is taken. Arguments go to pytest.
set -eu
cd "$(dirname "$0")"
# Without compiled modules on disk every process of the tests would compile all of them again.
unset PYTHONDONTWRITEBYTECODE

missing=
command -v chromium >/dev/null || missing="$missing chromium"
command -v chromium-headless-shell >/dev/null || missing="$missing chromium-headless-shell"
command -v firefox-esr >/dev/null || missing="$missing firefox-esr"
if [ -n "$missing" ] && [ "$(id -u)" -ne 0 ]; then
  echo "The tests need real browsers. First: sudo apt-get install$missing" >&2
  exit 1
fi

browsers=
if [ -n "$missing" ]; then
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing fonts-liberation; } &
  browsers=$!
fi
.ci/venv.sh requirements.lock requirements-dev.lock
python=.venv/bin/python
$python -m ruff check .
$python -m ruff format --check .
$python -m mypy &
types=$!
[ -z "$browsers" ] || wait "$browsers"
# Two processes for each core, because browsers and databases wait a lot. A file of tests stays in one process,
# because its tests share a standing app; tests/conftest.py says in which order files begin.
$python -m pytest -n "$(($(nproc) * 2))" --dist loadfile --no-loadscope-reorder "$@" || failed=$?
wait "$types"
exit "${failed-0}"
