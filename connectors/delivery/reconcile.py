"""Comparing what was delivered to a department with what it holds, where it can be asked by key.

Nothing personal is opened for it, and nothing is changed, here or there. What is under way just now is left out; so is
what needed nothing to be done, since there is nothing to be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection, text

from connectors.contract import BadData, Busy, Conflict, Delivery, Down, Receipt, Refused, Sink
from connectors.delivery.bodies import unopened
from connectors.delivery.obligation import NOTHING_TO_DO, State
from connectors.delivery.untranslated import is_untranslated, translated
from schemas.events import Subject

PAGE = 500
BUSY_SECONDS = 1.0
BUSY_TIMES = 5
_DONE = (State.ACKNOWLEDGED, State.CONFIRMED)


class Held(NamedTuple):
    """A delivery as the hub holds it."""

    id: int
    delivery: Delivery
    number: str | None
    state: State


class What(StrEnum):
    """In what the two sides differ."""

    MISSING = "missing there"
    THERE = "there, though not delivered"
    ANOTHER_STATE = "in another state there"
    ANOTHER_NUMBER = "another number there"


class Difference(NamedTuple):
    """One step on which they differ; `detail` is what the other side said, without personal content."""

    held: Held
    what: What
    detail: str = ""


class Scope(NamedTuple):
    """Which deliveries: all to the destination, or those of a case, or those owed from a moment on."""

    destination: str
    case: str | None = None
    since: datetime | None = None


_SCOPE = """
    FROM deliveries d LEFT JOIN connector_subjects s ON s.department = d.destination AND s.subject_id = d.subject_id
    WHERE d.destination = :destination AND d.attempts > 0 AND NOT d.in_flight AND d.why <> :nothing
      AND d.state IN ('acknowledged', 'confirmed', 'dead', 'parked', 'given-up')
      AND (CAST(:case AS uuid) IS NULL OR d.subject_id = CAST(:case AS uuid))
      AND (CAST(:since AS timestamptz) IS NULL OR d.made_at >= :since)"""
_COUNT = text(f"SELECT count(*) {_SCOPE}")
_ROWS = text(f"SELECT d.*, s.number, s.their_number {_SCOPE} AND d.id > :after ORDER BY d.id LIMIT {PAGE}")


def count(c: Connection, scope: Scope) -> int:
    """How many deliveries are to be compared."""
    return int(c.execute(_COUNT, _given(scope)).scalar_one())


def held(connect: Callable[[], AbstractContextManager[Connection]], scope: Scope) -> Iterator[Held]:
    """Deliveries to be compared, the oldest first; `connect` opens a connection, which is kept for a page only."""
    after = 0
    while True:
        with connect() as c:
            rows = c.execute(_ROWS, _given(scope) | {"after": after}).mappings().all()
        yield from (_held(scope.destination, row) for row in rows)
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]


def _given(scope: Scope) -> dict[str, Any]:
    return {**scope._asdict(), "nothing": NOTHING_TO_DO}


def _held(destination: str, row: Any) -> Held:
    subject = Subject(kind=row["subject_kind"], id=str(row["subject_id"]))
    delivery = Delivery(
        *(str(row["key"]), destination, subject, row["seq"], row["step"], row["attempts"], unopened(row["body"])),
        their_number=row["their_number"],
    )
    return Held(row["id"], delivery, row["number"], State(row["state"]))


def compare(sink: Sink, wanted: Iterable[Held], wait: Callable[[float], None]) -> Iterator[Difference | None]:
    """For each delivery the difference, or None. Raises Refused where the other side cannot be asked now."""
    for one in wanted:
        yield _compared(sink, one, wait)


def _compared(sink: Sink, one: Held, wait: Callable[[float], None]) -> Difference | None:
    try:
        receipts = [_asked(sink, part, wait) for part in _parts(sink, one.delivery)]
    except (BadData, Conflict) as wrong:
        return Difference(one, What.ANOTHER_STATE, str(wrong)) if one.state in _DONE else None
    except Down as wrong:
        raise Refused(f"{one.delivery.destination} cannot be asked now: {wrong}") from None
    found = [receipt for receipt in receipts if receipt is not None]
    return judged(one, found[-1] if found and len(found) == len(receipts) else None, nothing=not receipts)


def judged(one: Held, found: Receipt | None, *, nothing: bool = False) -> Difference | None:
    """What a reading back says of a delivery; `nothing`: it led to no step. Pure."""
    if found is None:
        return Difference(one, What.MISSING) if one.state in _DONE and not nothing else None
    if one.state not in _DONE:
        return Difference(one, What.THERE, found.detail)
    ours, theirs = one.delivery.their_number, found.their_number
    if ours is not None and theirs is not None and ours != theirs:
        return Difference(one, What.ANOTHER_NUMBER, f"{theirs}, not {ours}")
    return None


def _parts(sink: Sink, delivery: Delivery) -> list[Delivery]:
    """What stands for a delivery on the other side: itself, or the steps of an item that was translated late."""
    if is_untranslated(delivery.step):
        return [replace(part, body=unopened(part.body)) for part in translated(sink, delivery)]
    return [delivery]


def _asked(sink: Sink, delivery: Delivery, wait: Callable[[float], None]) -> Receipt | None:
    for _ in range(BUSY_TIMES):
        try:
            return sink.read_back(delivery)
        except Busy as busy:
            wait(busy.retry_after or BUSY_SECONDS)
    raise Refused(f"{delivery.destination} is too busy to be asked: try later")
