"""The command line `threecross`: one module for each group of commands.

Exit code 0: done; 1: something wrong was found; 2: could not run. An error is one sentence on standard error. Imports
stand inside the commands, so that help is there at once.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code. `argv` without the program's name; by default that of the process."""
    from ops.cli.app import run

    return run(argv)
