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


class Inbox:
    """One reader of their table, for one thread. `clock` gives UTC µs and measures how long a half-written row waits."""

    def __init__(self, config: Exchange, link: Link, clock: Callable[[], int]) -> None:
        self._config = config
        self._link = link
        self._clock = clock
        self._names = statements.payload_columns(config.into)
        self._sql = statements.inbox(config.into)
        self._waiting: dict[int, int] = {}
        self._last: datetime | None = None

    def held(self) -> list[Taken]:
        """What this reader took and has not finished, in the order in which it was taken."""
        into = self._config.into
        with self._link.transaction() as c:
            rows = c.execute(self._sql.held, [into.states.claimed, self._config.reader]).fetchall()
            found = [(self._found(row[:-1]), row[-1]) for row in rows]
            return self._judged(c, [(one, moment, self._fault(one)) for one, moment in found])

    def take(self) -> list[Taken]:
        """Take what is there: whole rows, those that will never be whole, those of dead readers, those that were
        changed after they were read. Raises Undelivered."""
        with self._link.transaction() as c:
            rows = [(one, self._fault(one)) for one in self._left_behind(c)]
            rows += list(self._fresh(c))
            if not rows:
                return []
            moment = self._moment(c)
            self._mark(c, moment, rows)
            return self._judged(c, [(one, moment, fault) for one, fault in rows])

    def finish(self, done: Mapping[int, tuple[str, str | None]]) -> None:
        """These rows are done: by serial number, the state and what they are told."""
        into, serials = self._config.into, list(done)
        states, told = [done[serial][0] for serial in serials], [done[serial][1] for serial in serials]
        with self._link.transaction() as c:
            c.execute(
                self._sql.finish,
                [into.states.read, serials, states, told, into.states.claimed, self._config.reader],
            )

    @property
    def waiting(self) -> int:
        """How many half-written rows are waited for."""
        return len(self._waiting)

    def _found(self, row: Sequence[Any]) -> _Found:
        return _Found(row[0], row[1], row[2], dict(zip(self._names, row[3:], strict=True)))

    def _left_behind(self, c: Connection[tuple[Any, ...]]) -> list[_Found]:
        """Rows of readers that must be dead, and rows that were changed after they were read."""
        config, states = self._config, self._config.into.states
        rows = c.execute(self._sql.abandoned, [states.claimed, config.reader, config.lease_seconds]).fetchall()
        rows += c.execute(self._sql.changed, [states.read, config.watch_days]).fetchall()
        return [self._found(row) for row in rows]

    def _fresh(self, c: Connection[tuple[Any, ...]]) -> Iterator[tuple[_Found, str | None]]:
        """New rows to take, with what is wrong with them; the half-written are left until their time is over."""
        new, known = self._config.into.states.new, list(self._waiting)
        rows = c.execute(self._sql.waiting, [new, known]).fetchall() if known else []
        self._waiting = {serial: since for serial, since in self._waiting.items() if self._is_there(c, serial, rows)}
        rows += c.execute(self._sql.fresh, [new, known, TOGETHER]).fetchall()
        for found in map(self._found, rows):
            missing = judging.half_written(self._config.into, found.columns)
            if missing is None or self._out_of_patience(found.serial):
                self._waiting.pop(found.serial, None)
                yield found, missing and f"half-written for {self._config.patience_seconds:.0f} s: {missing}"

    def _is_there(self, _c: Connection[tuple[Any, ...]], serial: int, rows: Sequence[Sequence[Any]]) -> bool:
        return any(row[0] == serial for row in rows)

    def _out_of_patience(self, serial: int) -> bool:
        now = self._clock()
        return now - self._waiting.setdefault(serial, now) >= self._config.patience_seconds * 1_000_000

    def _moment(self, c: Connection[tuple[Any, ...]]) -> datetime:
        """Their clock, later than every earlier taking of this reader."""
        row = c.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None  # a SELECT without FROM answers one row
        now: datetime = row[0]
        if self._last is not None:
            now = max(now, self._last + timedelta(microseconds=1))
        self._last = now
        return now

    def _mark(self, c: Connection[tuple[Any, ...]], moment: datetime, rows: Sequence[tuple[_Found, Any]]) -> None:
        """Write whose the rows are. What was taken or read before keeps the digest of what was read."""
        states = self._config.into.states
        digests = [one.kept or one.digest for one, _ in rows]
        serials = [one.serial for one, _ in rows]
        c.execute(self._sql.claim, [states.claimed, self._config.reader, moment, serials, digests])

    def _fault(self, one: _Found) -> str | None:
        if one.kept is not None and one.kept != one.digest:
            return "changed after it was read, which does not count: write a new row"
        return None

    def _judged(
        self, c: Connection[tuple[Any, ...]], rows: Sequence[tuple[_Found, datetime, str | None]]
    ) -> list[Taken]:
        """The rows with what their neighbours in the table say of them."""
        into = self._config.into
        message = into.columns.get("message", "")
        asked = [one.serial for one, _, _ in rows]
        said = [str(one.columns[message]) if one.columns.get(message) else None for one, _, _ in rows]
        values = [into.states.read, into.states.read, asked, [one.digest for one, _, _ in rows], said]
        seen = {row[0]: (row[1], row[2]) for row in c.execute(self._sql.seen, values)} if rows else {}
        return [_taken(one, moment, fault or self._fault(one), seen[one.serial]) for one, moment, fault in rows]


def _taken(
    one: _Found, moment: datetime, fault: str | None, seen: tuple[int | None, int | None]
) -> Taken:
    same, other = seen
    if fault is None and other is not None:
        fault = f"its number is that of row {other}, which says something else: a new message needs a new number"
    note = f"says the same as row {same}: counted once" if fault is None and same is not None else None
    return Taken(one.serial, moment, one.digest, one.columns, fault, note)
