"""A civic app: residents report through it, it passes that on by Open311 and polls what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from ops.wires.links.link import COUNTERPARTS, KEY, Ground, Sent, shipped
from ops.wires.programs import program
from ops.wires.script import Member

ENDED = ("fixed", "duplicate")
"""What it shows in the end: that the matter is put right, or stands in another report."""


@dataclass
class App:
    """An app of residents."""

    name: str
    file: str
    site: httpx.Client
    secrets: Mapping[str, str] = field(default_factory=dict)

    def department(self) -> str:
        return shipped(self.file, {})

    def connect(self, url: str) -> None:
        """It was told at its start where the endpoint is."""

    def do(self, what: str, form: Mapping[str, str]) -> None:
        if what != "report":
            raise KeyError(what)
        self.site.post("/reports", json=dict(form)).raise_for_status()

    def disagreements(self, _sent: Sent) -> Iterator[str]:
        return differences(self.site.get("/reports").raise_for_status().json())


def differences(reports: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Reports of an app against one that has ended. Pure."""
    for report in reports:
        if report["status"] not in ENDED:
            yield f"it shows {report['status'] or 'nothing'} for a report that has ended"


@contextmanager
def app(member: Member, ground: Ground) -> Iterator[App]:
    """A civic app, running; it knows where the endpoint will be."""
    database = str(ground.folder / f"{member.name}.sqlite")
    options = ("--database", database, "--every", "0.5", "--api-key", KEY, "--jurisdiction", "yicheng.example")
    endpoint = ("--endpoint", f"http://127.0.0.1:{ground.port}/in/{member.name}")
    with (
        program(ground.folder, member.name, f"{COUNTERPARTS}.civic_app", (*options, *endpoint)) as ports,
        httpx.Client(base_url=f"http://127.0.0.1:{ports['port']}", timeout=10) as site,
    ):
        yield App(member.name, member.file, site)
