"""A worker: the log of every visit, report and check.

Promise: `evolve` folds any facts of a worker and never raises. Memory stays bounded: totals and the last entries; the
facts hold the whole log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from schemas.events import ClaimMeta, FactMeta, LogWork, Refused, WorkLogged
from streams.core.authority import Stage
from streams.core.decided import remember
from streams.core.kind import Context, Decisions, FactBody, Kind, Rule, Rules

LAST = 20
"""How many entries are kept in memory."""


class Entry(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One line of the log; `at` is when it happened, UTC µs."""

    at: int
    kind: str
    grid: str | None = None
    about: str | None = None


class Worker(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=2):
    """What is known of a worker: how often each kind of work was done, and the last entries as they were told."""

    seq: int = 0
    stage: Stage = Stage.NONE
    totals: tuple[tuple[str, int], ...] = ()
    last: tuple[Entry, ...] = ()
    claims: bytes = b""

    @property
    def ended(self) -> bool:
        """A worker's log never ends."""
        return False


NEW = Worker()


def _logged(worker: Worker, meta: FactMeta, fact: WorkLogged) -> Worker:
    totals = dict(worker.totals)
    totals[fact.kind] = totals.get(fact.kind, 0) + 1
    entry = Entry(meta.occurred_at, fact.kind, fact.grid, fact.about)
    return replace(worker, stage=Stage.OPEN, totals=tuple(totals.items()), last=(*worker.last, entry)[-LAST:])


def _unchanged(worker: Worker, _meta: FactMeta, _fact: FactBody) -> Worker:
    return worker


EVOLVE: dict[type, Callable[[Worker, FactMeta, Any], Worker]] = {WorkLogged: _logged, Refused: _unchanged}


def evolve(worker: Worker, meta: FactMeta, fact: FactBody) -> Worker:
    """The worker after one more fact."""
    worker = EVOLVE[type(fact)](worker, meta, fact)
    return replace(worker, seq=meta.seq, claims=remember(worker.claims, meta.claim_id, meta.claim_digest))


def _own_log(_worker: Worker, meta: ClaimMeta, claim: LogWork, _x: Context) -> str | None:
    """What was not taken from a fact is told by the worker in person."""
    if claim.of_fact is None and meta.actor.person is None:
        return "what was not taken from a fact is told by the worker in person"
    return None


RULES: Rules = {
    LogWork: (Rule("LogWork.person", _own_log),),
}


def _log(_worker: Worker, _meta: ClaimMeta, c: LogWork, _x: Context) -> tuple[FactBody, ...]:
    return (WorkLogged(c.kind, c.grid, c.about, c.of_fact, c.text),)


DECIDE: Decisions = {LogWork: _log}

KIND: Final = Kind(name="worker", new=NEW, evolve=evolve, rules=RULES, decide=DECIDE)
