"""Their answers as a source: taken rows become messages, and are finished there when their claims are in Kafka."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from connectors.contract import Attached, BadMessage, Draft, LookUp, Message, Surroundings, Undelivered
from connectors.contract import Down as Unreachable
from connectors.exchange import statements, translate
from connectors.exchange.inbox import Inbox, Taken
from connectors.exchange.link import Link
from connectors.exchange.settings import Exchange
from connectors.tasks.answers import Speaker, drafts

Position = dict[str, Any]


class _Row(NamedTuple):
    """A taken row with its files: the content of a message."""

    taken: Taken
    files: tuple[Attached, ...] = ()


class Answers:
    """The source. A position is the moment of taking and the serial number of the last row, and the orders whose
    refusal was told; what lies behind it is said by the marks in the table."""

    def __init__(self, config: Exchange, around: Surroundings, link: Link) -> None:
        self._config = config
        self._around = around
        self._link = link
        self._inbox = Inbox(config, link, around.clock)
        self._open: dict[int, Taken] | None = None
        self._refused: dict[int, str | None] = {}
        department = around.department
        self._who = Speaker(department.org, department.role, config.system)

    def read(self, position: Position) -> Iterator[tuple[Message | BadMessage, Position]]:
        """First what was taken before and not finished, then what is new, then orders that they refused."""
        try:
            self._open = {}
            rows = self._inbox.held() or self._inbox.take()
            while rows:
                self._open.update((one.serial, one) for one in rows)
                for row in self._with_files(rows):
                    position = {"at": row.taken.moment.isoformat(), "serial": row.taken.serial}
                    yield self._message(row), position
                rows = self._inbox.take()
            yield from self._refusals(position)
        except Undelivered as wrong:
            raise Unreachable(str(wrong)) from None

    def translate(self, message: Message, look_up: LookUp) -> list[Draft]:
        """The claims of a row. Raises BadMessage."""
        row: _Row = message.content
        self._refused[row.taken.serial] = None
        try:
            return self._drafts(row.taken, row.files, look_up)
        except BadMessage as wrong:
            self._refused[row.taken.serial] = wrong.reason
            raise

    def done(self, position: Position) -> None:
        """Finish the rows up to `position`: read, or refused with the reason."""
        try:
            if self._open is None:
                self._open = {one.serial: one for one in self._inbox.held()}
            if "serial" in position:
                upto = datetime.fromisoformat(position["at"]), int(position["serial"])
                behind = [one for one in self._open.values() if (one.moment, one.serial) <= upto]
                self._inbox.finish({one.serial: self._verdict(one) for one in behind})
                for one in behind:
                    del self._open[one.serial]
                    self._refused.pop(one.serial, None)
            self._note(position.get("refused", []))
        except Undelivered as wrong:
            raise Unreachable(str(wrong)) from None

    def waiting(self) -> int:
        """How many half-written rows are waited for."""
        return self._inbox.waiting

    def _drafts(self, taken: Taken, files: tuple[Attached, ...], look_up: LookUp) -> list[Draft]:
        zone = self._around.department.zone
        said = translate.answer(self._config.into, taken.serial, taken.digest, taken.columns, zone)
        ahead = (said.at - self._around.clock()) / 1_000_000
        if ahead > self._config.skew_seconds:
            raise BadMessage(said.place, f"it happens {ahead:.0f} s ahead of our clock: compare the two clocks")
        return drafts(self._config.answers, self._who, said._replace(files=files), look_up)

    def _verdict(self, taken: Taken) -> tuple[str, str | None]:
        """What becomes of a row there. One that was translated before we were started is translated again for that."""
        states = self._config.into.states
        reason = taken.fault
        if reason is None and taken.serial not in self._refused:
            try:
                self._drafts(taken, (), self._look_up)
            except BadMessage as wrong:
                reason = wrong.reason
        reason = reason or self._refused.get(taken.serial)
        return (states.refused, reason) if reason else (states.read, taken.note)

    def _look_up(self, number: str) -> str | None:
        names = ("hub", self._around.department.name, "key")
        return next((found for name in names if (found := self._around.look_up(name, number))), None)

    def _message(self, row: _Row) -> Message | BadMessage:
        taken = row.taken
        place = f"row {taken.serial}, {taken.digest[:12]}"
        raw = msgspec.json.encode({name: _shown(value) for name, value in taken.columns.items()})
        if taken.fault is not None:
            return BadMessage(place, taken.fault, raw)
        return Message(place, row, raw)

    def _with_files(self, rows: Iterable[Taken]) -> Iterator[_Row]:
        made, column = self._config.files, self._config.into.columns.get("message", "")
        rows = list(rows)
        found: Mapping[str, list[Attached]] = defaultdict(list)
        if made is not None:
            names = [str(row.columns[column]) for row in rows if row.columns[column]]
            with self._link.transaction() as c:
                for name, media_type, content in c.execute(statements.files(made), [names]):
                    found[name].append(Attached(bytes(content), media_type))
        for row in rows:
            yield _Row(row, tuple(found.get(str(row.columns.get(column)), ())))

    def _refusals(self, position: Position) -> Iterator[tuple[BadMessage, Position]]:
        out, told = self._config.out, list[int]()
        with self._link.transaction() as c:
            refused = c.execute(statements.refused_orders(out), [out.states.refused]).fetchall()
        for serial, key in refused:
            told.append(serial)
            reason = f"they have refused the order in row {serial} of {out.table}: its reason stands there"
            yield BadMessage(f"order {key}", reason, str(key).encode()), {**position, "refused": list(told)}

    def _note(self, serials: list[int]) -> None:
        states = self._config.out.states
        if serials:
            with self._link.transaction() as c:
                c.execute(statements.note_refusals(self._config.out), [states.noted, serials, states.refused])


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)
