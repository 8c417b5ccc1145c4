"""A utility: takes work orders by REST, answers by signed call-backs."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from ops.wires.links.link import COUNTERPARTS, Ground, Sent, shipped
from ops.wires.programs import program
from ops.wires.script import Member

ATTENDED = {"opens": True, "closes": False}
"""Whether somebody is in its office from then on, whatever the hour is."""


@dataclass
class Company:
    """A company with work orders of its own."""

    name: str
    file: str
    url: str
    control: httpx.Client
    secret: str
    token: str
    secrets: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        prefix = f"THREECROSS_{self.file.upper().replace('-', '_')}"
        self.secrets = {f"{prefix}_SECRET": self.secret, f"{prefix}_TOKEN": self.token}

    def department(self) -> str:
        address = f"https://orders.{self.file}.example"
        return shipped(self.file, {address: self.url, "[rest]\n": "[rest]\ntimeout_seconds = 2\n"})

    def connect(self, url: str) -> None:
        self.control.post("/call-backs", json={"url": f"{url}/events"}).raise_for_status()

    def do(self, what: str, form: Mapping[str, str]) -> None:
        if what in ("down", "up"):
            self.control.post(f"/{what}").raise_for_status()
        elif what in ATTENDED:
            self.control.post("/office", json={"attended": ATTENDED[what]}).raise_for_status()
        else:
            self.control.post("/faults", json={what: int(form.get("times", "1"))}).raise_for_status()

    def disagreements(self, sent: Sent) -> Iterator[str]:
        return differences(self.control.get("/book").raise_for_status().json(), sent)


def differences(book: Mapping[str, Any], sent: Sent) -> Iterator[str]:
    """A company's book against what was delivered. Pure."""
    theirs = sorted(row["key"] for row in (*book["orders"], *book["instructions"]))
    ours = sorted(row["key"] for row in sent.done if "no order" not in row["detail"])
    if theirs != ours:
        yield f"it has taken {len(theirs)} orders and instructions, {len(ours)} were delivered"
    if any(row["next_try"] for row in book["events"]) or book["plans"]:
        yield "it has something to tell still"
    bad = [row["answered"] for row in book["events"] if row["answered"] not in (200, None)]
    yield from (f"the hub answered {answered} to what it told" for answered in bad)


@contextmanager
def company(member: Member, ground: Ground) -> Iterator[Company]:
    """A utility, running. Its program and its file have its name, unless the member says otherwise."""
    secret, token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    database = ground.folder / f"{member.name}.sqlite"
    options = ("--company", member.program or member.name, "--database", str(database), "--hang-seconds", "3")
    told = {"COUNTERPART_SECRET": secret, "COUNTERPART_TOKEN": token}
    with (
        program(ground.folder, member.name, f"{COUNTERPARTS}.utility", options, told) as ports,
        httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=10) as control,
    ):
        yield Company(member.name, member.file, f"http://127.0.0.1:{ports['port']}", control, secret, token)
