"""Processes that have loaded their program and wait to be told who they are, so that one that died is replaced at once.

Loading a worker's modules is most of its start: about 2 s of a core. A spare has that behind it; it costs its memory,
about 90 MB, and nothing else. It waits for one line on standard input, a JSON list of arguments, and ends with us.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

from ops.embedded import process

SPARE = "--spare"
SECONDS_BETWEEN = 10.0
"""A spare that cannot live is not started again sooner."""


class Spares:
    """One spare for each (program, environment). `keep` starts it, `take` uses it, `stop` ends what waits."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._waiting: dict[tuple[object, ...], subprocess.Popen[bytes]] = {}
        self._started: dict[tuple[object, ...], float] = {}

    def keep(self, program: Sequence[str], env: Mapping[str, str]) -> None:
        """Sees that one waits. Raises OSError."""
        key = _key(program, env)
        waiting, now = self._waiting.get(key), time.monotonic()
        if (waiting is not None and waiting.poll() is None) or now - self._started.get(key, -1e9) < SECONDS_BETWEEN:
            return
        self._started[key] = now
        self._waiting[key] = process.spawn(
            [*program, SPARE], output=self._output, env={**os.environ, **env}, stdin=subprocess.PIPE
        )

    def take(
        self, program: Sequence[str], env: Mapping[str, str], arguments: Sequence[str]
    ) -> subprocess.Popen[bytes] | None:
        """The spare, which goes on as this program with these arguments; None where none waits."""
        spare = self._waiting.pop(_key(program, env), None)
        if spare is None or spare.stdin is None:
            return None
        with suppress(BrokenPipeError), spare.stdin as line:
            line.write(json.dumps(list(arguments)).encode() + b"\n")
        return None if spare.poll() is not None else spare

    def stop(self) -> None:
        """End those that wait; they hold nothing."""
        for spare in self._waiting.values():
            process.send(spare, signal.SIGKILL)
            spare.wait()
            if spare.stdin is not None:
                spare.stdin.close()
        self._waiting.clear()


def _key(program: Sequence[str], env: Mapping[str, str]) -> tuple[object, ...]:
    return (*program, *sorted(env.items()))
