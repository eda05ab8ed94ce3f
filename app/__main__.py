"""Runs the command line."""

import gc
import sys

# What imports leave behind stays for good; looking through it over and over is a quarter of a start.
gc.disable()

if sys.argv[1:] == ["analyse"]:
    # This needs no database, no server and no settings, so it does not wait for them to load.
    from app.insights.analyse import answer_standard_input

    gc.enable()
    raise SystemExit(answer_standard_input())

from app.cli import command_line  # noqa: E402

gc.freeze()
gc.enable()

command_line()
