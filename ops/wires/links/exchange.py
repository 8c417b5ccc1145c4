"""Urban management behind exchange tables: a database that both sides write, each under a role of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from ops.wires.links.exchange_database import exchange
from ops.wires.links.link import COUNTERPARTS, Ground, Sent, shipped
from ops.wires.programs import program
from ops.wires.script import Member


@dataclass
class Squad:
    """Urban management, by tables or by push: a book, and a switchboard for what goes wrong."""

    name: str
    control: httpx.Client
    secrets: Mapping[str, str]
    file: str
    changes: Mapping[str, str]

    def department(self) -> str:
        return shipped(self.file, self.changes)

    def connect(self, url: str) -> None:
        """Both sides meet in the tables; a platform was told at its start where to call back."""

    def do(self, what: str, form: Mapping[str, str]) -> None:
        path = what if what in ("down", "up") else f"faults/{what}/{form.get('times', '1')}"
        self.control.post(f"/{path}").raise_for_status()

    def disagreements(self, sent: Sent) -> Iterator[str]:
        return differences(self.control.get("/book").raise_for_status().json(), sent)


NOT_BELIEVED = 401
"""Codes that begin so answer call-backs that were forged, late or replayed: as they should be."""


def differences(book: Mapping[str, Any], sent: Sent) -> Iterator[str]:
    """A squad's book against what was delivered; `codes`: how its call-backs were answered. Pure."""
    if sorted(row["key"] for row in book["orders"]) != sent.keys():
        yield f"it has {len(book['orders'])} orders in its book, {len(sent.done)} were delivered"
    if any(row["done"] == 0 for row in book["plan"]):
        yield "it has something to tell still"
    bad = sorted({code for code in book["codes"] if code and code // 100 != NOT_BELIEVED})
    yield from (f"the hub answered {code} to what it called back" for code in bad)


@contextmanager
def squad(member: Member, ground: Ground) -> Iterator[Squad]:
    """Urban management with exchange tables, running. The database is made and dropped."""
    with exchange(ground.dsn) as exchanged:
        options = ("--mode", "tables", "--database", str(ground.folder / f"{member.name}.sqlite"))
        told = {"COUNTERPART_DSN": exchanged.department}
        with (
            program(ground.folder, member.name, f"{COUNTERPARTS}.urban_management", options, told) as ports,
            httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=10) as control,
        ):
            secrets = {"YICHENG_URBAN_MANAGEMENT_DSN": exchanged.hub}
            often = {"poll_seconds = 2.0": "poll_seconds = 0.3"}
            yield Squad(member.name, control, secrets, member.file, often)
