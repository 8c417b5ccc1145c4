"""Candidates named in a cell: 处置单位 or 主管部门. An owner (各产权单位) is not a department."""

from __future__ import annotations

import re

from ops.reference.standards.document import BodyWords
from streams.core.standards import Body, BodyKind

BETWEEN = re.compile(r"[、，,;；/\n]")
SPACE = re.compile(r"\s+")
AND = "及"
"""Joins the last body to those before; within a name one would have to guess which words belong together."""


def read(cell: str, words: BodyWords) -> tuple[Body, ...]:
    """The candidates in the order of the cell, each once. What cannot be divided surely stays one description."""
    parts = [SPACE.sub("", part).removeprefix(AND) for part in BETWEEN.split(cell)]
    names = dict.fromkeys(part for part in parts if part)
    if not any(AND in name for name in names):
        return tuple(Body(name, _kind(name, words)) for name in names)
    owners = [name for name in names if name in words.owners]
    whole = "、".join(name for name in names if name not in words.owners)
    return Body(whole, BodyKind.DESCRIBED), *(Body(name, BodyKind.OWNER) for name in owners)


def _kind(name: str, words: BodyWords) -> BodyKind:
    if name in words.owners:
        return BodyKind.OWNER
    return BodyKind.DESCRIBED if name.startswith(words.described) else BodyKind.NAMED
