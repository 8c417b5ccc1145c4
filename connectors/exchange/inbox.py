"""Their rows, taken by one of several readers: nobody takes what another has, nobody loses what a dead one had.

A row is taken (a mark with name and moment, committed) before it is told, and finished only when its claims are in
Kafka. So a row is told at least once, and the same content leads to the same claims. There is no "read up to": a row
whose transaction commits late has an early serial number, and is read all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from psycopg import Connection

from connectors.exchange import judging, statements
from connectors.exchange.link import Link
from connectors.exchange.settings import Exchange

TOGETHER = 500
"""Rows that are taken in one transaction."""


class Taken(NamedTuple):
    """A row of this reader. `fault`: why it cannot count; `note`: what they are told although it counts."""

    serial: int
    moment: datetime
    digest: str
    columns: Mapping[str, Any]
    fault: str | None = None
    note: str | None = None


class _Found(NamedTuple):
    """A row as a statement answers it: the digest that was kept, the digest now, the columns."""

    serial: int
    kept: str | None
    digest: str
    columns: dict[str, Any]


Cursor = Connection[tuple[Any, ...]]


class Inbox:
    """One reader of their table, for one thread. `clock` gives UTC µs; by it half-written rows run out of patience."""

    def __init__(self, config: Exchange, link: Link, clock: Callable[[], int]) -> None:
        self._config = config
        self._into = config.into
        self._link = link
        self._clock = clock
        self._names = statements.payload_columns(config.into)
        self._sql = statements.inbox(config.into)
        self._waiting: dict[int, int] = {}
        self._last: datetime | None = None

    def held(self) -> list[Taken]:
        """What this reader took and has not finished, in the order in which it was taken."""
        with self._link.transaction() as c:
            rows = c.execute(self._sql.held, [self._into.states.claimed, self._config.reader]).fetchall()
            return self._judged(c, [(self._found(row[:-1]), row[-1]) for row in rows])

    def take(self) -> list[Taken]:
        """Take what is there: whole rows, those that will never be whole, those of dead readers, those that were
        changed after they were read. Raises Undelivered."""
        with self._link.transaction() as c:
            rows = [*self._left_behind(c), *self._fresh(c)]
            if not rows:
                return []
            moment = self._moment(c)
            self._mark(c, moment, rows)
            return self._judged(c, [(one, moment) for one in rows])

    def finish(self, done: Mapping[int, tuple[str, str | None]]) -> None:
        """These rows are done: by serial number, the state and what they are told."""
        states, serials = self._into.states, list(done)
        words, told = [done[serial][0] for serial in serials], [done[serial][1] for serial in serials]
        with self._link.transaction() as c:
            c.execute(self._sql.finish, [states.read, serials, words, told, states.claimed, self._config.reader])

    @property
    def waiting(self) -> int:
        """How many half-written rows are waited for."""
        return len(self._waiting)

    def _found(self, row: Sequence[Any]) -> _Found:
        return _Found(row[0], row[1], row[2], dict(zip(self._names, row[3:], strict=True)))

    def _left_behind(self, c: Cursor) -> list[_Found]:
        """Rows of readers that must be dead, and rows that were changed after they were read."""
        config, states = self._config, self._into.states
        rows = c.execute(self._sql.abandoned, [states.claimed, config.reader, config.lease_seconds]).fetchall()
        rows += c.execute(self._sql.changed, [states.read, config.watch_days]).fetchall()
        return [self._found(row) for row in rows]

    def _fresh(self, c: Cursor) -> Iterator[_Found]:
        """New rows to take; the half-written are left until their time is over."""
        new, known = self._into.states.new, list(self._waiting)
        rows = c.execute(self._sql.waiting, [new, known]).fetchall() if known else []
        there = {row[0] for row in rows}
        self._waiting = {serial: since for serial, since in self._waiting.items() if serial in there}
        rows += c.execute(self._sql.fresh, [new, known, TOGETHER]).fetchall()
        for found in map(self._found, rows):
            if judging.half_written(self._into, found.columns) is None or self._out_of_patience(found.serial):
                self._waiting.pop(found.serial, None)
                yield found

    def _out_of_patience(self, serial: int) -> bool:
        now = self._clock()
        return now - self._waiting.setdefault(serial, now) >= self._config.patience_seconds * 1_000_000

    def _moment(self, c: Cursor) -> datetime:
        """Their clock, later than every earlier taking of this reader."""
        (now,) = c.execute("SELECT clock_timestamp()").fetchone() or (None,)
        assert isinstance(now, datetime)  # a SELECT without FROM answers one row
        if self._last is not None:
            now = max(now, self._last + timedelta(microseconds=1))
        self._last = now
        return now

    def _mark(self, c: Cursor, moment: datetime, rows: Sequence[_Found]) -> None:
        """Write whose the rows are. What was taken or read before keeps the digest of what was read."""
        serials, digests = [one.serial for one in rows], [one.kept or one.digest for one in rows]
        c.execute(self._sql.claim, [self._into.states.claimed, self._config.reader, moment, serials, digests])

    def _judged(self, c: Cursor, rows: Sequence[tuple[_Found, datetime]]) -> list[Taken]:
        """The rows with what is wrong with them, by themselves and beside others of the table."""
        if not rows:
            return []
        states, message = self._into.states, self._into.columns.get("message", "")
        said = [str(one.columns[message]) if one.columns.get(message) else None for one, _ in rows]
        before = [states.read, states.claimed]
        values = [*before, *before, [one.serial for one, _ in rows], [one.digest for one, _ in rows], said]
        seen = {serial: (same, other) for serial, same, other in c.execute(self._sql.seen, values)}
        return [self._taken(one, moment, *seen[one.serial]) for one, moment in rows]

    def _taken(self, one: _Found, moment: datetime, same: int | None, other: int | None) -> Taken:
        fault = self._fault(one)
        if fault is None and other is not None:
            fault = f"its number is that of row {other}, which says something else: a new message needs a new number"
        note = f"says the same as row {same}: counted once" if fault is None and same is not None else None
        return Taken(one.serial, moment, one.digest, one.columns, fault, note)

    def _fault(self, one: _Found) -> str | None:
        if one.kept is not None and one.kept != one.digest:
            return "changed after it was read, which does not count: write a new row"
        if missing := judging.half_written(self._into, one.columns):
            return f"half-written for longer than {self._config.patience_seconds:.0f} s: {missing}"
        return None
