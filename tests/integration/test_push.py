"""Push with call-back, against the department's platform in a process of its own and a real table of nonces."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest
import uvicorn
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from connectors import department
from connectors.contract import BadData, Busy, Conflict, Delivery, Down, FileContent, Made, Sink, Surroundings
from connectors.nonces import Nonces
from connectors.push.connector import make
from connectors.push.settings import Push
from connectors.signing import Algorithm, Keys, sign
from ops.embedded import process
from schemas import ids
from tests.integration.databases import fresh
from tests.integration.exchange_database import CASE, NUMBER, Counterpart, counterpart, wait_for
from tests.link_samples import Kept, around

SECRET = "agreed"
STEPS = itertools.count(1)
LINE = Keys("songshan-squad", (SECRET,))


class Site(NamedTuple):
    """Both sides of one line."""

    squad: Counterpart
    made: Made
    kept: Kept
    given: Surroundings
    url: str

    @property
    def sink(self) -> Sink:
        assert self.made.sink is not None
        return self.made.sink

    def call(self, body: bytes, headers: dict[str, str]) -> int:
        """Call back, as anybody could; the code of the answer, whose HTTP status is 200 always."""
        answer = httpx.post(f"{self.url}/callback", content=body, headers=headers)
        assert answer.status_code == 200
        return int(answer.json()["code"])


@pytest.fixture
def engine(dsn: str) -> Iterator[Engine]:
    with fresh(dsn) as made:
        yield made


@contextmanager
def served(app: FastAPI, port: int) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_for(lambda: server.started)
    yield
    server.should_exit = True
    thread.join()


@contextmanager
def site(folder: Path, engine: Engine, algorithm: Algorithm = "hmac-sha256", *options: str) -> Iterator[Site]:
    port, kept, app = process.free_port(), Kept(), FastAPI()
    config: Push = department.example("tianyuan-urban-management").options
    known = {("hub", NUMBER): CASE.id}

    def look_up(system: str, number: str) -> str | None:
        return CASE.id if system == "key" else known.get((system, number))

    given = around(
        folder,
        org="songshan-squad",
        clock=lambda: time.time_ns() // 1_000,
        look_up=look_up,
        registry=CollectorRegistry(),
    )._replace(engine=engine)
    url = f"http://127.0.0.1:{port}"
    said = [
        "--mode",
        "push",
        "--squad",
        "songshan",
        "--call-backs",
        f"{url}/callback",
        "--algorithm",
        algorithm,
        *options,
    ]
    with counterpart(folder, *said, COUNTERPART_SECRET=SECRET) as squad:
        theirs = f"http://127.0.0.1:{squad.ports['port']}"
        set_up = msgspec.structs.replace(config, url=theirs, algorithm=algorithm, timeout_seconds=1.0)
        made = make(set_up, given)
        assert made.inlet is not None
        router = made.inlet.routes(kept)
        assert router is not None
        app.include_router(router)
        with served(app, port):
            yield Site(squad, made, kept, given, url)
        made.close()


@pytest.fixture
def line(tmp_path: Path, engine: Engine) -> Iterator[Site]:
    with site(tmp_path, engine) as made:
        yield made


def order(step: str, word: str = "dispatch", **body: Any) -> Delivery:
    told = {"word": word, "number": NUMBER, "subject": CASE.id, "text": "占道经营", **body}
    return Delivery(ids.delivery_key("tianyuan", CASE.id, step), "tianyuan", CASE, 3, step, next(STEPS), told)


def words(kept: Kept) -> list[str]:
    return [type(draft.body).__name__ for draft in kept.drafts]


def claims(made: Site, wanted: int) -> list[str]:
    wait_for(lambda: len(made.kept.drafts) >= wanted)
    return words(made.kept)


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "md5"])
def test_an_order_is_taken_worked_and_called_back(algorithm: Algorithm, tmp_path: Path, engine: Engine) -> None:
    with site(tmp_path, engine, algorithm) as made:
        assert made.made.check() == []
        one = order("order-1", evidence=[FileContent(b"png", "image/png")])
        assert made.sink.deliver(one).their_number == "SSCG000001"
        assert claims(made, 3) == ["Acknowledge", "Progress", "HandBack"]
        assert len(made.kept.drafts[2].personal.attached) == 1
        assert [told["word"] for told in wait_for(lambda: _all_told(made, 3))] == ["签收", "处置中", "处置反馈"]


def _all_told(made: Site, wanted: int) -> list[dict[str, Any]]:
    told = made.squad.book()["told"]
    return told if len(told) == wanted else []


def test_the_same_order_again_is_taken_once_and_reads_back(line: Site) -> None:
    one = order("urge-1", "urge")
    assert line.sink.read_back(one) is None
    assert line.sink.deliver(one).their_number == line.sink.deliver(one).their_number
    found = line.sink.read_back(one)
    assert found is not None
    assert found.their_number == "SSCG000001"
    assert claims(line, 1) == ["Progress"]
    assert [(told["key"], told["times"]) for told in line.squad.book()["orders"]] == [(one.key, 2)]


@pytest.mark.parametrize(
    ("fault", "kind", "taken"),
    [("500", Down, False), ("busy", Busy, False), ("conflict", Conflict, False), ("refuse", BadData, False),
     ("hang", Down, True), ("unreadable", Down, True)],
)  # fmt: skip
def test_each_failure_is_told_as_what_it_is_and_the_next_attempt_does_no_harm(
    line: Site, fault: str, kind: type[Exception], taken: bool
) -> None:
    line.squad.control(f"faults/{fault}/1")
    one = order("urge-1", "urge")
    with pytest.raises(kind):
        line.sink.deliver(one)
    assert (line.sink.read_back(one) is not None) == taken
    line.sink.deliver(one)
    assert len(line.squad.book()["orders"]) == 1
    assert claims(line, 1) == ["Progress"]


def test_a_platform_that_is_down_is_down_and_comes_back(line: Site) -> None:
    line.squad.control("down")
    with pytest.raises(Down, match="cannot be reached"):
        line.sink.deliver(order("urge-1", "urge"))
    assert line.made.check() != []
    line.squad.control("up")
    line.sink.deliver(order("urge-1", "urge"))


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("forged", [0, 40101]),
        ("skewed", [0, 40102]),
        ("replayed", [0, 0]),
        ("twice", [0, 0]),
        ("other-body", [0, 40105]),
    ],
)
def test_what_is_forged_late_or_replayed_has_no_effect(line: Site, fault: str, codes: list[int]) -> None:
    line.squad.control(f"faults/{fault}/1")
    line.sink.deliver(order("urge-1", "urge"))
    wait_for(lambda: len(line.squad.control("book", "GET")["codes"]) == 2)
    assert sorted(line.squad.control("book", "GET")["codes"]) == codes
    assert words(line.kept) == ["Progress"]


def test_while_kafka_is_gone_they_are_told_to_come_again_and_nothing_is_lost(line: Site) -> None:
    line.kept.refuses = True
    line.sink.deliver(order("urge-1", "urge"))
    wait_for(lambda: 50301 in line.squad.control("book", "GET")["codes"])
    assert line.squad.book()["told"] == []
    line.kept.refuses = False
    assert claims(line, 1) == ["Progress"]


def test_a_message_that_was_not_finished_is_taken_when_its_very_bytes_come_again(line: Site) -> None:
    body = _body("M77")
    now = line.given.clock()
    signed = _headers(body, now, "n-1")
    line.kept.refuses = True
    assert line.call(body, signed) == 50301
    line.kept.refuses = False
    assert (line.call(body, signed), line.call(body, signed)) == (0, 0)
    assert words(line.kept) == ["Acknowledge"]


def test_what_is_signed_and_not_understood_is_a_dead_letter(line: Site) -> None:
    now = line.given.clock()
    for number, body in enumerate((b"{", _body("M1", status="无此词"), _body("M2", time=now // 1_000 + 3_600_000))):
        assert line.call(body, _headers(body, now, f"n-{number}")) == 42201
    assert len({letter.place for letter in line.kept.letters}) == 3
    assert line.kept.drafts == []


@pytest.mark.parametrize("missing", ["X-App-Key", "X-Timestamp", "X-Nonce", "X-Signature"])
def test_a_call_back_without_one_of_its_headers_is_not_believed(line: Site, missing: str) -> None:
    body = _body("M1")
    headers = _headers(body, line.given.clock(), "n-1")
    del headers[missing]
    assert line.call(body, headers) in (40101, 40104)
    assert line.kept.drafts == []


def test_a_call_back_that_is_too_large_is_refused_before_it_is_read_whole(line: Site) -> None:
    body = b"x" * ((8 << 20) + 1)
    assert line.call(body, _headers(body, line.given.clock(), "n-1")) == 41301


def _body(message: str, **changed: Any) -> bytes:
    now = time.time_ns() // 1_000_000
    return msgspec.json.encode({"messageId": message, "taskId": NUMBER, "status": "签收", "time": now, **changed})


def _headers(body: bytes, now: int, nonce: str) -> dict[str, str]:
    made = sign(LINE, now, nonce, body)
    names = {"X-App-Key": made.app_key, "X-Timestamp": str(now // 1_000), "X-Nonce": nonce}
    return {**names, "X-Signature": made.signature}


# ------------------------------------------------------------ nonces


def test_a_nonce_belongs_to_its_first_body_until_nobody_would_believe_it(engine: Engine) -> None:
    nonces = Nonces(engine, "squad", keep_seconds=900)
    assert [nonces.meet("n", "a", 0), nonces.meet("n", "a", 1), nonces.meet("n", "b", 2)] == [
        "new",
        "unfinished",
        "other",
    ]
    nonces.taken("n")
    assert [nonces.meet("n", "a", 3), nonces.meet("n", "b", 3)] == ["taken", "other"]
    assert Nonces(engine, "parks", keep_seconds=900).meet("n", "b", 3) == "new"
    assert nonces.meet("n", "b", 901_000_000) == "new"


def test_of_many_who_come_with_one_nonce_one_is_new(engine: Engine) -> None:
    nonces = Nonces(engine, "squad", keep_seconds=900)
    met: list[str] = []
    meet: Callable[[], None] = lambda: met.append(nonces.meet("n", "a", 5))  # noqa: E731
    threads = [threading.Thread(target=meet) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(met) == ["new", *["unfinished"] * 15]
