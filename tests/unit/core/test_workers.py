"""The log of a worker."""

from __future__ import annotations

from schemas.events import Actor, LogWork, WorkLogged
from streams.core.workers import LAST, Entry
from tests.builders import T0
from tests.subjects import LINKS, STREET, WORKER, given

FACT = "00000000-0000-5000-8000-0000000000f1"


def test_what_a_fact_says_stands_in_the_log() -> None:
    worker = given("worker").when(LogWork("check", "g1", None, FACT), LINKS, at=T0)
    assert worker.then(WorkLogged("check", "g1", None, FACT)).state.last == (Entry(T0, "check", "g1"),)


def test_a_worker_tells_of_a_patrol_in_person() -> None:
    given("worker").when(LogWork("patrol", "g1"), WORKER).then(WorkLogged("patrol", "g1"))
    given("worker").when(LogWork("patrol", "g1"), STREET).then_refused("LogWork.person")
    given("worker").when(LogWork("patrol", "g1"), Actor("x", "reporter")).then_refused("LogWork.role")


def test_memory_stays_bounded_and_totals_stay_whole() -> None:
    worker = given("worker", *(WorkLogged("visit", f"g{n}") for n in range(3 * LAST)), WorkLogged("check"))
    assert dict(worker.state.totals) == {"visit": 3 * LAST, "check": 1}
    assert len(worker.state.last) == LAST
    assert worker.state.last[-1].kind == "check"
