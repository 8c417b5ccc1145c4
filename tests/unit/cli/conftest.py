"""Commands are run in this process; what they do to logging is undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.command_line import Run, runner


@pytest.fixture
def threecross(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command."""
    with runner(capsys, monkeypatch) as run:
        yield run
