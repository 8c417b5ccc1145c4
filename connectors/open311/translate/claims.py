"""Which claim a status of an update makes, by a table of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.open311.settings import Said
from schemas.events import CLAIMS

FILLED = frozenset({"party", "reason"})
"""Fields that a claim made of a status can have filled: the organisation that speaks, and the reason of the row."""

_BY_NAME: dict[str, type[msgspec.Struct]] = {full.rpartition(".")[2]: made for full, made in CLAIMS.items()}


def problems(rows: Sequence[Said]) -> list[str]:
    """What is wrong with a table, one sentence each."""
    return [problem for row in rows if (problem := _problem(row))]


def _problem(row: Said) -> str | None:
    made = _BY_NAME.get(row.claim)
    if made is None:
        return f'said: there is no claim "{row.claim}"'
    missing = {field.name for field in msgspec.structs.fields(made) if field.required} - FILLED
    if missing:
        return f"said: {row.claim} needs {', '.join(sorted(missing))}, which no status of Open311 tells"
    if "reason" in made.__struct_fields__ and not row.reason:
        return f'said: {row.claim} needs a reason beside the status "{row.status}"'
    return None


def row_of(rows: Sequence[Said], status: str) -> Said | None:
    """The first row of a status."""
    return next((row for row in rows if row.status == status), None)


def body(row: Said, org: str) -> Any:
    """The claim of a row, spoken by `org`; its text is added by who keeps it."""
    made = _BY_NAME[row.claim]
    given = {"party": org, "reason": row.reason}
    return made(**{name: value for name, value in given.items() if name in made.__struct_fields__})


def takes_text(row: Said) -> bool:
    """Whether the claim of a row carries a text."""
    return "text" in _BY_NAME[row.claim].__struct_fields__


def takes_files(row: Said) -> bool:
    """Whether the claim of a row carries files."""
    return "evidence" in _BY_NAME[row.claim].__struct_fields__
