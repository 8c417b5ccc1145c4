"""An app of grid workers: it passes on what they report to an intake over HTTP, and asks how that stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from ops.wires.links.link import COUNTERPARTS, KEY, Ground, Sent, shipped
from ops.wires.programs import program
from ops.wires.script import Member


@dataclass
class WorkerApp:
    """An app of grid workers."""

    name: str
    file: str
    site: httpx.Client
    secrets: Mapping[str, str] = field(default_factory=dict)

    def department(self) -> str:
        return shipped(self.file, {})

    def connect(self, url: str) -> None:
        """It was told at its start where the intake is."""

    def do(self, what: str, form: Mapping[str, str]) -> None:
        match what:
            case "report":
                self.site.post("/reports", json=dict(form)).raise_for_status()
            case "twice":
                self.site.post(f"/twice/{form.get('times', '1')}").raise_for_status()
            case _:
                raise KeyError(what)

    def disagreements(self, _sent: Sent) -> Iterator[str]:
        return differences(self.site.get("/reports").raise_for_status().json())


def differences(reports: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Reports of an app against a case that is closed. Pure."""
    for report in reports:
        if report["problem"] or report["other_numbers"]:
            yield report["problem"] or "it was given two numbers for one report"
        elif report["stage"] != "closed":
            yield f"it shows {report['stage'] or 'nothing'} for a case that is closed"


@contextmanager
def worker_app(member: Member, ground: Ground) -> Iterator[WorkerApp]:
    """The app, running; it knows where the intake will be."""
    options = ("--database", str(ground.folder / f"{member.name}.sqlite"), "--every", "0.3", "--api-key", KEY)
    intake = ("--intake", f"http://127.0.0.1:{ground.port}/in/{member.name}")
    with (
        program(ground.folder, member.name, f"{COUNTERPARTS}.worker_app", (*options, *intake)) as ports,
        httpx.Client(base_url=f"http://127.0.0.1:{ports['port']}", timeout=10) as site,
    ):
        yield WorkerApp(member.name, member.file, site)
