"""The connector of exchange tables as a test uses it, and the department that works by them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

import httpx
import msgspec
import psycopg

from connectors import department
from connectors.contract import BadMessage, Delivery, Draft, Made, Message, Surroundings
from connectors.exchange.connector import make
from connectors.exchange.reading import Answers
from connectors.exchange.settings import Exchange
from ops.embedded import process
from ops.wires.links.exchange_database import Exchanged
from schemas import ids
from schemas.events import Subject, SubjectKind

EXAMPLE = "yicheng-urban-management"
CASE = Subject(SubjectKind.CASE, ids.case_id("chat", "cx-0311"))
NUMBER = "411702-260302-000-00001-1"
INTO = '"交换"."反馈单"'
OUT = '"交换"."派遣单"'


def rows(exchanged: Exchanged, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the administrator of the database sees."""
    with psycopg.connect(exchanged.admin, autocommit=True) as c:
        found = c.execute(query.encode(), values)
        return found.fetchall() if found.description else []


def config(**changed: Any) -> Exchange:
    """The shipped department's settings, some of them changed."""
    given: Exchange = department.example(EXAMPLE).options
    return msgspec.structs.replace(given, **changed)


def connector(exchanged: Exchanged, around: Surroundings, **changed: Any) -> Made:
    """The connector of the shipped department, at this database."""
    return make(config(**changed), around._replace(secret=lambda _name: exchanged.hub))


def delivery(step: str, body: Mapping[str, Any] | None = None, subject: Subject = CASE) -> Delivery:
    """A step as the runner hands it to the sink."""
    told = {"word": "派遣", "number": NUMBER, "subject": subject.id, "seq": 3, "text": "占道经营", "sent_at": 0}
    key = ids.delivery_key(EXAMPLE, subject.id, step)
    return Delivery(key, EXAMPLE, subject, 3, step, 1, {**told, **(body or {})})


class Read(NamedTuple):
    """What one asking brought: claims, and what could not become any."""

    drafts: list[Draft]
    bad: list[BadMessage]

    @property
    def claims(self) -> list[str]:
        return [type(draft.body).__name__ for draft in self.drafts]


def ask(made: Made, look_up: Callable[[str], str | None] = {NUMBER: CASE.id}.get, *, finish: bool = True) -> Read:
    """Ask the source once, as the runner does; without `finish` as if it was killed before the source heard of it."""
    source = cast(Answers, made.source)
    read = Read([], [])
    for message, position in source.read({}):
        if isinstance(message, Message):
            try:
                read.drafts.extend(source.translate(message, look_up))
            except BadMessage as wrong:
                read.bad.append(wrong)
        else:
            read.bad.append(message)
        if finish:
            source.done(position)
    return read


class Counterpart(NamedTuple):
    """The department's process and its switchboard."""

    running: subprocess.Popen[bytes]
    ports: dict[str, int]

    def control(self, path: str, method: str = "POST") -> Any:
        return httpx.request(method, f"http://127.0.0.1:{self.ports['control']}/{path}").raise_for_status().json()

    def tell(self, path: str, content: Any) -> None:
        httpx.post(f"http://127.0.0.1:{self.ports['control']}/{path}", json=content).raise_for_status()

    def book(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = self.control("book", "GET")
        return found


@contextmanager
def counterpart(folder: Path, *options: str, **environment: str) -> Iterator[Counterpart]:
    """The department in a process of its own, ready; ended afterwards."""
    command = [sys.executable, "-m", "ops.demo.counterparts.urban_management", *options]
    said = folder / "counterpart.out"
    with said.open("wb") as out:
        running = process.spawn(command, output=out, env={**os.environ, **environment})
    try:
        wait_for(lambda: b"control" in said.read_bytes() or running.poll() is not None)
        yield Counterpart(running, json.loads(said.read_text().strip().splitlines()[-1]))
    finally:
        process.stop(running, grace=5)


def wait_for(found: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What `found` gives, once it is true."""
    end = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)
    return result
