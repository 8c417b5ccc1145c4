"""The hotline 12345: sheets of orders into a drop folder, verdicts and answers back in sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from ops.wires.links.link import COUNTERPARTS, Ground, Sent, shipped
from ops.wires.programs import program
from ops.wires.script import Member

ZONE = ZoneInfo("Asia/Shanghai")
REFUSED, CLOSED = "退回", "已办结"


@dataclass
class Hotline:
    """A hotline with orders of its own; It can take down an `order`, now unless it says when, and `export` a sheet."""

    name: str
    file: str
    doors: httpx.Client
    folder: Path
    secrets: Mapping[str, str] = field(default_factory=dict)

    def department(self) -> str:
        return shipped(
            self.file,
            {
                "/srv/threecross/hotline": str(self.folder),
                'kind = "orders"': 'kind = "orders"\npoll_seconds = 0.3',
                "settle_seconds = 2.0": "settle_seconds = 0.2",
            },
        )

    def connect(self, url: str) -> None:
        """Nothing of it is spoken to: sheets alone are dropped."""

    def do(self, what: str, form: Mapping[str, str]) -> None:
        if what not in ("order", "export"):
            raise KeyError(what)
        now = {"at": datetime.now(ZONE).strftime("%Y-%m-%d %H:%M")} if what == "order" else {}
        self.doors.post(f"/{what}", json={**now, **form}).raise_for_status()

    def disagreements(self, sent: Sent) -> Iterator[str]:
        return differences(self.doors.post("/book", json={}).raise_for_status().json(), sent)


def differences(book: Mapping[str, Any], sent: Sent) -> Iterator[str]:
    """A hotline's book against what was delivered, and a case that is closed. Pure."""
    if sorted(row["key"] for row in book["answers"]) != sent.keys():
        yield f"it has {len(book['answers'])} answers in its book, {len(sent.done)} were delivered"
    for order in book["orders"]:
        if order["outcome"] is None:
            yield f"it has no verdict on its order {order['number']}"
        elif order["outcome"] != REFUSED and order["status"] != CLOSED:
            yield f"it shows {order['status'] or 'nothing'} for a case that is closed"


@contextmanager
def hotline(member: Member, ground: Ground) -> Iterator[Hotline]:
    """The hotline, running."""
    drop = ground.folder / member.name
    options = ("--folder", str(drop), "--database", str(ground.folder / f"{member.name}.sqlite"))
    with (
        program(ground.folder, member.name, f"{COUNTERPARTS}.hotline", options) as ports,
        httpx.Client(base_url=f"http://127.0.0.1:{ports['port']}", timeout=10) as doors,
    ):
        yield Hotline(member.name, member.file, doors, drop)
