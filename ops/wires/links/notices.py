"""Persons on duty: groups of messengers with robots, and mailboxes, for an organisation that never answers."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from ops.wires.links.link import COUNTERPARTS, Ground, Sent, shipped
from ops.wires.programs import program
from ops.wires.script import Member

MINUTES = "answer_minutes = [10, 20]"
SECONDS = (2, 4)
"""A play is short: after so many seconds the next one is told, then the head."""


@dataclass
class Duty:
    """Who is on duty at an organisation, day and night."""

    org: str
    file: str
    mail_port: int
    control: httpx.Client
    secrets: Mapping[str, str]

    def department(self) -> str:
        server = f'host = "127.0.0.1"\nport = {self.mail_port}\nsecurity = "none"'
        quick = f"answer_minutes = {[seconds / 60 for seconds in SECONDS]}"
        files = {f"file:power-{one}": f"env:DUTY_{one.upper().replace('-', '_')}" for one in _WHERE}
        ours = {'org = "power"': f'org = "{self.org}"', 'subscription = "power"': f'subscription = "{self.org}"'}
        always = {'begins = "20:00"\nends = "08:00"': 'begins = "00:00"\nends = "00:00"'}
        mail = {'host = "smtp.power.example"': server, 'user = "duty"\n': ""}
        return shipped(self.file, {**ours, **always, **mail, **files, MINUTES: quick})

    def connect(self, url: str) -> None:
        """Nobody answers through it: an answer is what the organisation says about the case."""

    def do(self, what: str, form: Mapping[str, str]) -> None:
        self.control.post("/faults", json={what: int(form.get("times", "1"))}).raise_for_status()

    def disagreements(self, sent: Sent) -> Iterator[str]:
        """Whoever was told has it in the group or in the mailbox, once; nobody else has; the head was told, too."""
        book = self.control.get("/book").raise_for_status().json()
        ways = [row["detail"].partition(" by ")[2] for row in sent.done]
        if len(book["messages"]) != sum(way not in ("", "mail") for way in ways):
            yield f"{len(book['messages'])} messages stand in its groups, the hub told {len(ways)} persons"
        if sum(row["times"] for row in book["letters"]) != ways.count("mail"):
            yield f"{len(book['letters'])} letters lie in its mailboxes, the hub wrote {ways.count('mail')}"
        if not any(row["detail"].startswith("p9 ") for row in sent.done):
            yield "nobody has answered, and the head has not been told"


_WHERE = {"p1-phone": "13800000001", "p2-mail": "p2@duty.example", "p9-mail": "p9@duty.example"}


@contextmanager
def duty(member: Member, ground: Ground) -> Iterator[Duty]:
    """Groups and mailboxes, running; the member is named after its organisation: NAME-duty."""
    token, secret = secrets.token_hex(16), secrets.token_urlsafe(24)
    options = ("--database", str(ground.folder / f"{member.name}.sqlite"))
    told = {"COUNTERPART_TOKEN": token, "COUNTERPART_SECRET": secret}
    with (
        program(ground.folder, member.name, f"{COUNTERPARTS}.messengers", options, told) as ports,
        httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=10) as control,
    ):
        known = _environment(f"http://127.0.0.1:{ports['port']}", token, secret)
        yield Duty(member.name.removesuffix("-duty"), member.file, ports["mail"], control, known)


def _environment(site: str, token: str, secret: str) -> dict[str, str]:
    known = {
        "WECOM": f"{site}/cgi-bin/webhook/send?key={token}",
        "DINGTALK": f"{site}/robot/send?access_token={token}",
        "DINGTALK_SECRET": secret,
        "FEISHU": f"{site}/open-apis/bot/v2/hook/{token}",
        "FEISHU_SECRET": secret,
        "MAIL_PASSWORD": secret,
    }
    people = {f"DUTY_{where.upper().replace('-', '_')}": found for where, found in _WHERE.items()}
    return {f"THREECROSS_POWER_{name}": value for name, value in known.items()} | people
