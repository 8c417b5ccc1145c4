"""A developer connects a department by doing what the page says and nothing else: real servers, a fresh folder."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from ops.embedded import process
from schemas.wire.settings import KafkaSettings
from tests.blocks import Follower, NotSo, blocks
from tests.integration.up import ROOT

PAGE = (ROOT / "ops/docs/connect-a-department.md").read_text("utf-8")
PORT = "8799"
"""The page says that any free port may stand for it: it is the one thing that is not typed as it stands."""


def given(**more: str) -> dict[str, str]:
    """The environment of somebody who has said `source .venv/bin/activate`."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("THREECROSS_", "PYTEST_"))}
    return ours | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"} | more


@pytest.mark.timeout(600)  # seconds; some forty commands, each a process of its own
def test_the_page_is_followed_literally(tmp_path: Path, kafka_settings: KafkaSettings, dsn: str) -> None:
    servers = {"THREECROSS_BOOTSTRAP": kafka_settings.bootstrap, "THREECROSS_DSN": dsn, "THREECROSS_PARTITIONS": "2"}
    folder = tmp_path / "hour"
    folder.mkdir()
    developer = Follower(folder, given(**servers, THREECROSS_NAMESPACE=f"t{uuid4().hex[:8]}"))
    try:
        typed = developer.follow(PAGE.replace(PORT, str(process.free_port())))
    finally:
        codes = developer.end()
    assert typed > 35
    assert codes["hub"] == 0


WRONG = [
    ('word = "come"', 'wrod = "come"', "unknown field `wrod`"),
    ('claim = "ReportIn"', 'claim = "ReportOn"', "there is no claim ReportOn"),
    ("greening.toml: good (kind rest", "greening.toml: good (kind tram", "kind rest"),
    ("threecross connectors validate", "threecross connectors valuate", "No such command"),
    ("secrets.token_urlsafe(32)", "secrets.token_url(32)", "AttributeError"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), WRONG, ids=[wrong for _, wrong, _ in WRONG])
def test_a_page_that_says_something_wrong_is_not_followed(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    until = PAGE.index("### Your subscription")
    page = re.sub(r"```console terminal=.*?```\n", "", PAGE[:until], flags=re.DOTALL)  # what follows needs no server
    assert right in page
    folder = tmp_path / "hour"
    folder.mkdir()
    with pytest.raises(NotSo, match=re.escape(told)):
        Follower(folder, given()).follow(page.replace(right, wrong))


def test_every_file_and_command_of_the_page_is_in_a_block_that_is_followed() -> None:
    known = [block for block in blocks(PAGE) if block.language == "console" or block.words]
    assert len(known) == len(blocks(PAGE))
    assert PAGE.count("```") == 2 * len(known)
