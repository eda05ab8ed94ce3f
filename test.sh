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

# Databases and profiles of browsers are made and thrown away by the thousand: in memory, where it is large
# enough, a new PostgreSQL database costs a tenth of what it costs on a disk.
free=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ "${free:-0}" -gt 4000000 ] && [ -w /dev/shm ]; then
  TMPDIR=$(mktemp -d /dev/shm/aftercare-tests-XXXXXX)
  export TMPDIR
  trap 'rm -rf "$TMPDIR"' EXIT
  trap 'exit 1' HUP INT TERM
  chmod 755 "$TMPDIR" # PostgreSQL refuses to run as root, and must come in as nobody
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
# One process more than there are cores when all is run, because browsers and databases wait a lot. A file of tests
# stays in one process, because its tests share a standing app; tests/conftest.py says in which order files begin.
processes=$(nproc)
[ "$#" -gt 0 ] || processes=$((processes + 1))
$python -m pytest -n "$processes" --dist loadfile --no-loadscope-reorder "$@" || failed=$?
wait "$types"
exit "${failed-0}"
