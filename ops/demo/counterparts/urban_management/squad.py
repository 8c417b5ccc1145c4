"""How this department works: which answers follow which order, after how long, in which words. Pure."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """`word` is told so long after an order of the kind `to`. `ends`: nothing that was planned before is told then."""

    to: str
    after_seconds: float
    word: str
    text: str = ""
    reason: str = ""
    until_days: int = 0
    photo: bool = False
    ends: bool = False


class Squad(NamedTuple):
    """One department. Orders of the kinds in `ends` stop all work on their case; those in `refuses` are not taken."""

    name: str
    prefix: str
    answers: tuple[Answer, ...] = ()
    ends: tuple[str, ...] = ()
    refuses: tuple[str, ...] = ()


def load(path: Path) -> Squad:
    """The department of a file, whose keys are the fields above."""
    content: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    for key in ("ends", "refuses"):
        content[key] = tuple(content.get(key, ()))
    answers = tuple([Answer(**answer) for answer in content.pop("answers", ())])
    return Squad(answers=answers, **content)


def due(squad: Squad, word: str, now: float) -> list[tuple[float, Answer]]:
    """When (Unix seconds) which answers to an order are told."""
    return [(now + answer.after_seconds, answer) for answer in squad.answers if answer.to == word]
