"""Bytes of dead letters on a terminal: text as text, anything else as a dump that cannot steer the terminal."""

from __future__ import annotations

import pytest

from ops.cli.deadletters import readable


def test_text_is_shown_as_text() -> None:
    assert readable("路灯坏了, 3\n".encode()) == "路灯坏了, 3\n"
    assert readable(b"no newline") == "no newline\n"


@pytest.mark.parametrize("content", [b"\x00\x00\x00\x00\x07ab", b"\xff\xfe", b"\x1b[2Jgone"])
def test_bytes_that_are_no_text_are_dumped(content: bytes) -> None:
    shown = readable(content)
    assert shown.startswith("00000000  " + content[:2].hex(" "))
    assert "\x1b" not in shown
