"""Samples of reference data: loads of documents as a topic holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas import codec
from schemas.events import Grid, GridPost, Load, Organisation
from streams.core.reference import EMPTY, Loaded, Reference
from tests.builders import T0, Record

DAY = 24 * 60 * 60 * 1_000_000


def load(
    version: int, kind: str, items: Sequence[Any], *, name: str = "yicheng", valid_from: int = T0, **changes: Any
) -> Loaded:
    """One load; its digest is that of nothing."""
    values: dict[str, Any] = {"digest": bytes(32), "org": "centre", "role": "steward", "recorded_at": T0} | changes
    return Loaded(Load(version, kind, name, valid_from, items=len(items), **values), tuple(items))


def reference(*documents: tuple[str, Sequence[Any]]) -> Reference:
    """A reference of these documents, in force from T0 on."""
    return EMPTY.after(load(n, kind, items) for n, (kind, items) in enumerate(documents, 1))


def records(*loads: Loaded) -> list[Record]:
    """The loads as a consumer of the topic sees them."""
    bodies = [body for one in loads for body in (one.header, *one.items)]
    return [Record("t.reference", 0, offset, b"", codec.encode_hub(body)) for offset, body in enumerate(bodies)]


def org(code: str, superior: str | None = None, kind: Any = "bureau", **changes: Any) -> Organisation:
    return Organisation(code=code, name=code, kind=kind, commanded_by=superior, **changes)


def grid(code: str, parent: str | None = None, **changes: Any) -> Grid:
    values: dict[str, Any] = {"scheme": "gb", "kind": "residential", "level": "grid"}
    return Grid(code=code, parent=parent, **values | changes)


def post(grid_code: str, person: str | None, kind: Any = "full_time", **changes: Any) -> GridPost:
    return GridPost(grid=grid_code, scheme="gb", post=kind, person=person, **changes)
