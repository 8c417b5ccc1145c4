"""The departments of a play: each a program behind a wire, its file for the connectors, and its own book.

A link knows nothing of the play. `disagreements` compares the program's own book with what the hub has delivered and
taken: that is what both sides must agree on in the end.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import httpx
import psycopg
from psycopg import sql

from ops.wires.programs import program
from ops.wires.script import Member

COUNTERPARTS = "ops.demo.counterparts"
EXAMPLES = "connectors.departments.examples"

QUICK = """
[delivery]
first_seconds = 0.2
longest_seconds = 1.0
rest_seconds = 0.5
"""
"""A play is short: what fails is tried again soon."""


@dataclass(frozen=True)
class Sent:
    """What the hub's connectors say of one department: deliveries taken (key, step, detail), and those still open."""

    done: Sequence[Mapping[str, Any]]
    open: Sequence[Mapping[str, Any]]


class Link(Protocol):
    """One department of a play."""

    secrets: Mapping[str, str]
    """Environment that the connectors process needs for it."""

    def department(self) -> str:
        """Its file, in TOML."""
        ...

    def connect(self, url: str) -> None:
        """The hub's side can be reached at this address from now on."""
        ...

    def do(self, what: str, form: Mapping[str, str]) -> None:
        """Something happens to it, or it does something. Raises KeyError for what it cannot do."""
        ...

    def disagreements(self, sent: Sent) -> Iterator[str]:
        """Where its book and the hub differ; waits for nothing."""
        ...


@dataclass
class Company:
    """A utility: takes work orders by REST, answers by signed call-backs."""

    name: str
    url: str
    control: httpx.Client
    secret: str
    token: str
    secrets: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        prefix = f"THREECROSS_{self.name.upper().replace('-', '_')}"
        self.secrets = {f"{prefix}_SECRET": self.secret, f"{prefix}_TOKEN": self.token}

    def department(self) -> str:
        text = _example(self.name).replace(f"https://orders.{self.name}.example", self.url)
        return text.replace("[rest]\n", "[rest]\ntimeout_seconds = 2\n") + QUICK

    def connect(self, url: str) -> None:
        self.control.post("/call-backs", json={"url": f"{url}/events"}).raise_for_status()

    def do(self, what: str, form: Mapping[str, str]) -> None:
        if what in ("down", "up"):
            self.control.post(f"/{what}").raise_for_status()
        else:
            self.control.post("/faults", json={what: int(form.get("times", "1"))}).raise_for_status()

    def disagreements(self, sent: Sent) -> Iterator[str]:
        book = self.control.get("/book").raise_for_status().json()
        theirs = sorted(row["key"] for row in (*book["orders"], *book["instructions"]))
        ours = sorted(row["key"] for row in sent.done if "no order" not in row["detail"])
        if theirs != ours:
            yield f"it has taken {len(theirs)} orders and instructions, {len(ours)} were delivered"
        if any(row["next_try"] for row in book["events"]) or book["plans"]:
            yield "it has something to tell still"
        yield from (f"the hub answered {row['answered']} to what it told" for row in book["events"] if _bad(row))


def _bad(row: Mapping[str, Any]) -> bool:
    return row["answered"] not in (200, None)


@dataclass
class Squad:
    """Urban management behind exchange tables: a database that both sides write, each under a role of its own."""

    name: str
    control: httpx.Client
    secrets: Mapping[str, str]

    def department(self) -> str:
        return _example("yicheng-urban-management").replace("poll_seconds = 2.0", "poll_seconds = 0.3") + QUICK

    def connect(self, url: str) -> None:
        """It is never spoken to, and speaks to nobody: both sides meet in the tables."""

    def do(self, what: str, form: Mapping[str, str]) -> None:
        path = what if what in ("down", "up") else f"faults/{what}/{form.get('times', '1')}"
        self.control.post(f"/{path}").raise_for_status()

    def disagreements(self, sent: Sent) -> Iterator[str]:
        book = self.control.get("/book").raise_for_status().json()
        theirs = sorted(row["key"] for row in book["orders"])
        ours = sorted(row["key"] for row in sent.done)
        if theirs != ours:
            yield f"it has {len(theirs)} orders in its book, {len(ours)} were delivered"


@dataclass
class App:
    """A civic app: residents report through it, it passes that on by Open311 and polls what becomes of it."""

    name: str
    site: httpx.Client
    key: str
    secrets: Mapping[str, str] = field(default_factory=dict)

    def department(self) -> str:
        return _example("open311_endpoint")

    def connect(self, url: str) -> None:
        """It was told at its start where the endpoint is."""

    def do(self, what: str, form: Mapping[str, str]) -> None:
        if what != "report":
            raise KeyError(what)
        self.site.post("/reports", json=dict(form)).raise_for_status()

    def number(self) -> str | None:
        """The number under which its first report stands, once it knows."""
        reports = self.site.get("/reports").raise_for_status().json()
        return reports[0]["service_request_id"] if reports else None

    def disagreements(self, _sent: Sent) -> Iterator[str]:
        for report in self.site.get("/reports").raise_for_status().json():
            if report["status"] != "fixed":
                yield f"it shows {report['status'] or 'nothing'} for a case that is closed"


def _example(name: str) -> str:
    return (resources.files(EXAMPLES) / f"{name}.toml").read_text("utf-8")


@contextmanager
def company(member: Member, folder: Path, _port: int, _dsn: str) -> Iterator[Company]:
    """A utility, running."""
    secret, token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    options = ("--company", member.program or member.name, "--database", str(folder / f"{member.name}.sqlite"))
    told = {"COUNTERPART_SECRET": secret, "COUNTERPART_TOKEN": token}
    with (
        program(folder, member.name, f"{COUNTERPARTS}.utility", (*options, "--hang-seconds", "3"), told) as ports,
        httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=10) as control,
    ):
        yield Company(member.name, f"http://127.0.0.1:{ports['port']}", control, secret, token)


@contextmanager
def squad(member: Member, folder: Path, _port: int, dsn: str) -> Iterator[Squad]:
    """Urban management with exchange tables, running. The database is made and dropped."""
    with _exchange(dsn) as (hub, department):
        options = ("--mode", "tables", "--database", str(folder / f"{member.name}.sqlite"))
        told = {"COUNTERPART_DSN": department}
        with (
            program(folder, member.name, f"{COUNTERPARTS}.urban_management", options, told) as ports,
            httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=10) as control,
        ):
            yield Squad(member.name, control, {"YICHENG_URBAN_MANAGEMENT_DSN": hub})


@contextmanager
def app(member: Member, folder: Path, port: int, _dsn: str) -> Iterator[App]:
    """A civic app, running; it knows where the endpoint will be."""
    key = "a key for trying"
    options = ("--database", str(folder / f"{member.name}.sqlite"), "--every", "0.5", "--api-key", key)
    endpoint = ("--endpoint", f"http://127.0.0.1:{port}/in/{member.name}", "--jurisdiction", "yicheng.example")
    with (
        program(folder, member.name, f"{COUNTERPARTS}.civic_app", (*options, *endpoint)) as ports,
        httpx.Client(base_url=f"http://127.0.0.1:{ports['port']}", timeout=10) as site,
    ):
        yield App(member.name, site, key)


@contextmanager
def _exchange(dsn: str) -> Iterator[tuple[str, str]]:
    """An exchange database as provision.sql makes it: its addresses for the hub and for the department."""
    name = f"exchange_{secrets.token_hex(5)}"
    passwords = {role: secrets.token_urlsafe(18) for role in ("exchange_hub", "exchange_department")}
    made = sql.Identifier(name)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(made))
    admin = re.sub(r"/\w+(\?|$)", rf"/{name}\1", dsn, count=1)
    try:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute((resources.files("connectors.exchange") / "provision.sql").read_bytes())
            for role, password in passwords.items():
                alter = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
                connection.execute(alter)
        yield _as(admin, "exchange_hub", passwords), _as(admin, "exchange_department", passwords)
    finally:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(made))


def _as(admin: str, role: str, passwords: Mapping[str, str]) -> str:
    address, _, _ = re.sub(r"//[^@]+@", f"//{role}:{passwords[role]}@", admin).partition("?")
    return f"{address}?client_encoding=UTF8"


Opening = Callable[[Member, Path, int, str], Any]
KINDS: Mapping[str, Opening] = {"rest": company, "exchange": squad, "open311": app}
"""How a member is opened, by its `link`."""


@contextmanager
def all_of(members: Sequence[Member], folder: Path, port: int, dsn: str) -> Iterator[dict[str, Any]]:
    """Every member, running, by name. `port` is where the connectors will listen."""
    with ExitStack() as stack:
        yield {one.name: stack.enter_context(KINDS[one.link](one, folder, port, dsn)) for one in members}
