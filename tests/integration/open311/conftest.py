"""An endpoint on a real PostgreSQL, spoken to over HTTP; what it hands over is written down."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from hashlib import sha256
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine

from connectors.contract import BadMessage, Delivery, Department, Draft, Item, Refused, Said
from connectors.open311.making import Door, Showing
from connectors.open311.pictures import Pictures
from connectors.open311.posts import Posts
from connectors.open311.register import Register
from connectors.open311.server import Rows, Server
from connectors.open311.settings import Caller, Endpoint
from tests.integration.databases import fresh
from tests.open311_samples import NOON, endpoint

OTHER_KEY = "another key"
_numbers = itertools.count(1)


class Handed:
    """What the endpoint hands over, kept; `refuses` is what stands in Kafka's way."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.refuses: str | None = None

    def __call__(self, drafts: Sequence[Draft]) -> list[Said]:
        if self.refuses:
            raise Refused(self.refuses)
        known = {draft.meta.claim_id for draft in self.drafts}
        self.drafts += [draft for draft in drafts if draft.meta.claim_id not in known]
        return [Said(d.meta.claim_id, d.meta.subject.id, d.meta.claim_id in known) for d in drafts]

    def bury(self, message: BadMessage) -> None:
        raise NotImplementedError

    def begin(self, drafts: Sequence[Draft]) -> Future[list[Said]]:
        raise NotImplementedError


class Speaking:
    """The endpoint, its clock, and its callers' side."""

    def __init__(
        self, made: Endpoint, register: Register, rows: Engine, clock: Callable[[], int] | None = None
    ) -> None:
        self.endpoint = made
        self.register = register
        self.now = NOON
        self.handed = Handed()
        self._showing = Showing(made, register)
        department = Department("open311_endpoint", "yicheng-open311", "reporter", ZoneInfo("Asia/Shanghai"))
        self.fetching = httpx.Client()
        kept = Rows(register, Posts(rows, made.system))
        server = Server(made, department, kept, Pictures(made.media, self.fetching), clock or (lambda: self.now))
        self.app = FastAPI(title="Open311")
        self.app.include_router(Door(server, made).routes(self.handed))
        self.http = httpx.Client()

    def show(self, *items: Item) -> None:
        """What the subscription brings, delivered step by step as the runner does."""
        for item in items:
            for step in self._showing.translate(item):
                key = f"{item.subject.id}-{step.name}"
                body = msgspec.json.decode(msgspec.json.encode(step.body))
                self._showing.deliver(Delivery(key, "open311", item.subject, item.seq, step.name, 1, body))

    def get(self, path: str, **query: str) -> httpx.Response:
        return self.http.get(path, params=query)

    def post(self, path: str, fields: dict[str, str], **more: object) -> httpx.Response:
        return self.http.post(path, data=fields, **more)  # type: ignore[arg-type]  # httpx's own keywords


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application behind a real HTTP server; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def rows(dsn: str) -> Iterator[Engine]:
    """A migrated schema; each test has an endpoint of its own in it."""
    with fresh(dsn) as engine:
        yield engine


@pytest.fixture
def offered() -> Endpoint:
    """The example's endpoint under a name of its own, with a second caller."""
    made, second = endpoint(), Caller("second-app", sha256(OTHER_KEY.encode()).hexdigest())
    return msgspec.structs.replace(made, system=f"open311-{next(_numbers)}", callers=(*made.callers, second))


@pytest.fixture
def register(rows: Engine, offered: Endpoint) -> Register:
    """Its rows."""
    return Register(rows, offered.system)


@pytest.fixture
def speaking(register: Register, offered: Endpoint, rows: Engine) -> Iterator[Speaking]:
    """The endpoint behind HTTP."""
    speaking = Speaking(offered, register, rows)
    with served(speaking.app) as url, httpx.Client(base_url=url, timeout=30) as http:
        speaking.http = http
        yield speaking
    speaking.fetching.close()
