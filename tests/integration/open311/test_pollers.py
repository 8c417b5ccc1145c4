"""Whoever polls misses nothing: not from a feed that is late, not within a second, not with a clock that goes wrong."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import Connection, Engine

from connectors.open311.register import Register, Window
from connectors.open311.settings import Endpoint
from schemas import ids
from schemas.events import Closed, Subject
from tests.integration.open311.conftest import Speaking, served
from tests.open311_samples import SECOND, card, item

CASES = 150
SKEW = 4


class Forgetful(Register):
    """A twin that forgets what it has told: it shows a fact under the second of the fact, whenever that comes."""

    def _locked(self, c: Connection) -> int:
        super()._locked(c)
        return 0


def now() -> int:
    return time.time_ns() // 1_000


def written(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Poller:
    """Asks from where its last question ended (`after` seconds behind that), by a clock that is `skew` seconds off."""

    def __init__(self, url: str, skew: int = 0, after: int = 0) -> None:
        self._http = httpx.Client(base_url=url, timeout=30)
        self._skew, self._after = skew, after
        self._from = now() // SECOND - 120
        self.heard: set[str] = set()

    def ask(self) -> None:
        end = now() // SECOND + self._skew
        if end < self._from:
            return
        window = {"start_date": written(self._from), "end_date": written(end)}
        answer = self._http.get("/servicerequestupdates.json", params=window).raise_for_status()
        self.heard |= {update["service_request_id"] for update in answer.json()}
        self._from = end + self._after

    def close(self) -> None:
        self._http.close()

    def run(self, stop: threading.Event, chance: random.Random) -> None:
        while not stop.is_set():
            self.ask()
            stop.wait(chance.uniform(0, 0.3))


KINDS: list[tuple[int, int]] = [(0, 0), (0, 1), (SKEW, 0), (SKEW, 1), (-SKEW, 0), (-SKEW, 1)]


def told(register: Register, offered: Endpoint, rows: Engine) -> list[set[str]]:
    """What each poller has heard of cases whose facts were recorded up to 2 s before the feed brings them."""
    speaking = Speaking(offered, register, rows, now)
    chance, stop = random.Random(7), threading.Event()
    with served(speaking.app) as url:
        pollers = [Poller(url, *kind) for kind in KINDS]
        threads = [threading.Thread(target=each.run, args=(stop, random.Random(n))) for n, each in enumerate(pollers)]
        for thread in threads:
            thread.start()
        for number in range(CASES):
            late = int(chance.expovariate(2) * SECOND) % (2 * SECOND)
            subject = Subject("case", ids.case_id("poll", str(number)))
            speaking.show(item(1, Closed("checked"), card("closed"), at=now() - late, subject=subject))
            time.sleep(chance.uniform(0, 0.03))
        stop.set()
        for thread in threads:
            thread.join()
        end = time.monotonic() + 2 * SKEW + 25
        while time.monotonic() < end and not all(len(each.heard) == CASES for each in pollers):
            time.sleep(0.3)
            for each in pollers:
                each.ask()
        for each in pollers:
            each.close()
    return [each.heard for each in pollers]


@pytest.mark.timeout(150)
def test_pollers_of_every_kind_hear_of_everything(register: Register, offered: Endpoint, rows: Engine) -> None:
    heard = told(register, offered, rows)
    assert [len(each) for each in heard] == [CASES] * len(KINDS)


@pytest.mark.timeout(150)
def test_a_twin_that_shows_facts_under_their_own_second_loses_some(rows: Engine, offered: Endpoint) -> None:
    heard = told_at_once(Forgetful(rows, offered.system), offered, rows)
    assert heard != {"early", "late"}
    assert told_at_once(Register(rows, f"{offered.system}-true"), offered, rows) == {"early", "late"}


def told_at_once(register: Register, offered: Endpoint, rows: Engine) -> set[str]:
    """A poller asks between two facts of one second, of which the second comes late; then from where it ended."""
    speaking = Speaking(offered, register, rows)
    names = {ids.case_id("poll", name): name for name in ("early", "late")}

    def asked(start: int, end: int) -> set[str]:
        found = register.updates("yicheng.example", Window(start, end, 1, 100), speaking.now // SECOND + 60)
        return {names[row.service_request_id] for row in found}

    second = speaking.now // SECOND
    for name, subject in {name: Subject("case", case) for case, name in names.items()}.items():
        speaking.show(item(1, Closed("checked"), card("closed"), at=speaking.now, subject=subject))
        if name == "early":
            heard = asked(second - 5, second + 1)
    return heard | asked(second + 1, second + 10)
