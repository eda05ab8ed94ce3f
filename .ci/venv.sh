#!/bin/sh
# .ci/venv.sh LOCK… : makes .venv hold what the named locks say; does nothing when it does already.
set -eu
cd "$(dirname "$0")/.."

# Each installed lock is kept beside what it installed: a lock with other content means a new .venv.
missing=
for lock in "$@"; do
  [ -e ".venv/$lock" ] || missing="$missing $lock"
  [ ! -e ".venv/$lock" ] || cmp -s "$lock" ".venv/$lock" || missing="$*" stale=yes
done
[ -n "$missing" ] || exit 0

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Aftercare needs python3 at 3.11 or newer; here it is: $(python3 --version 2>&1 || true)" >&2
  exit 1
fi
if [ "${stale-}" ] || ! [ -e .venv/requirements.lock ]; then
  missing="$*"
  python3 -m venv --clear .venv || {
    echo "On Debian, first: sudo apt-get install python3-venv" >&2
    exit 1
  }
fi
echo "Building .venv from$(printf ' %s' $missing): about half a minute, once for each content of the lock." >&2
for lock in $missing; do
  # Most of what is installed is never imported, so compiling it all now would only be waiting.
  .venv/bin/python -m pip install -qq --no-input --no-compile --disable-pip-version-check \
    --require-hashes -r "$lock"
  cp "$lock" ".venv/$lock"
done
