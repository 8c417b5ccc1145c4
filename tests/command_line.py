"""Running the command line in this process: exit code, output and errors of each command."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import structlog

from ops.cli import main


class Result(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output as a JSON document."""
        return json.loads(self.out)


Run = Callable[..., Result]


@contextmanager
def runner(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Yields `run(*words)`. Settings of this machine's environment do not count; logging is as before afterwards."""
    for name in [name for name in os.environ if name.startswith("THREECROSS_")]:
        monkeypatch.delenv(name)
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level

    def run(*words: object) -> Result:
        capsys.readouterr()
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    yield run
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)
