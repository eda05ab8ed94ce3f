#!/bin/sh
# Aftercare with demo people, on this machine. Arguments go to the demo: --host, --port, --data DIR.
set -eu
# Without compiled modules on disk every start would compile all of them again.
unset PYTHONDONTWRITEBYTECODE
here=$(cd "$(dirname "$0")" && pwd)
"$here/.ci/venv.sh" requirements.lock
cd "$here"
exec .venv/bin/python -m app demo "$@"
