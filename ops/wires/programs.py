"""Programs of departments as processes of this play: started, asked, ended."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.embedded import process
from ops.embedded.problem import ServerProblem

START_SECONDS = 30.0
END_SECONDS = 10.0


@contextmanager
def program(
    folder: Path, name: str, module: str, options: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """`python -m module` in a process of its own, ended at the end; gives the JSON line that it prints first.

    Raises ServerProblem where it prints none.
    """
    said = folder / f"{name}.out"
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("THREECROSS_")}
    with said.open("wb") as out:
        command = [sys.executable, "-m", module, *options]
        running = process.spawn(command, output=out, env={**inherited, **(environment or {})})
    try:
        deadline = time.monotonic() + START_SECONDS
        while (line := _line(said)) is None:
            if running.poll() is not None or time.monotonic() > deadline:
                raise ServerProblem(f"{name} did not start", str(said), "see what it printed")
            time.sleep(0.05)
        yield line
    finally:
        process.stop(running, grace=END_SECONDS)


def _line(said: Path) -> dict[str, Any] | None:
    """Its first line of JSON, once it is whole."""
    for line in said.read_text("utf-8", "replace").splitlines(keepends=True):
        if line.startswith("{") and line.endswith("\n"):
            found: dict[str, Any] = json.loads(line)
            return found
    return None
