"""Candidates named in a cell: 处置单位 or 主管部门. An owner (各产权单位) is not a department."""

from __future__ import annotations

import re

from ops.reference.standards.document import BodyWords
from schemas.events import Candidate, CandidateKind, CandidateKindSymbol

BETWEEN = re.compile(r"[、，,;；/\n]")
SPACE = re.compile(r"\s+")
AND = "及"
"""Joins the last body to those before; within a name one would have to guess which words belong together."""


def read(cell: str, words: BodyWords) -> tuple[Candidate, ...]:
    """The candidates in the order of the cell, each once. What cannot be divided surely stays one description."""
    parts = [SPACE.sub("", part).removeprefix(AND) for part in BETWEEN.split(cell)]
    names = dict.fromkeys(part for part in parts if part)
    if not any(AND in name for name in names):
        return tuple(Candidate(name, _kind(name, words)) for name in names)
    owners = [name for name in names if name in words.owners]
    whole = "、".join(name for name in names if name not in words.owners)
    return Candidate(whole, CandidateKind.DESCRIBED), *(Candidate(name, CandidateKind.OWNER) for name in owners)


def _kind(name: str, words: BodyWords) -> CandidateKindSymbol:
    if name in words.owners:
        return CandidateKind.OWNER
    return CandidateKind.DESCRIBED if name.startswith(words.described) else CandidateKind.NAMED
