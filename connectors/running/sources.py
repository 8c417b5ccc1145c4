"""Asking a source: read, translate, store, send, then tell it that it is done. Safe at every step against a kill."""

from __future__ import annotations

from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import BadMessage, Down, Draft, LookUp, Message, Refused, Source
from connectors.delivery.attempt import place_of
from connectors.metrics import ConnectorMetrics
from connectors.running.ledger import Ledger
from connectors.running.signals import Bell

TOGETHER = 200
"""Messages that are stored and sent together."""


class Batch(NamedTuple):
    """Messages that belong to one position: their drafts, those that cannot become any, the position behind them."""

    drafts: list[Draft]
    bad: list[BadMessage]
    position: dict[str, Any]


class Asking:
    """The loop of one source, in a thread of its own. `detail` says what it waits for; other threads may look."""

    def __init__(
        self, name: str, source: Source, ledger: Ledger, look_up: LookUp, metrics: ConnectorMetrics, log: Any
    ) -> None:
        self._name = name
        self._source = source
        self._ledger = ledger
        self._look_up = look_up
        self._metrics = metrics
        self._log = log
        self.detail = ""

    def run(self, bell: Bell, seconds: float) -> None:
        """Ask every so many seconds until it is stopped."""
        first = True
        while not bell.stopped:
            try:
                if first:
                    self.begin()
                    first = False
                self.once(bell)
                self.detail = ""
            except (Down, Refused) as wrong:
                self._tell(str(wrong))
            except SQLAlchemyError as wrong:
                self._tell(f"PostgreSQL does not answer ({type(wrong).__name__})")
            bell.wait(seconds)

    def begin(self) -> None:
        """Send what an earlier run stored, and tell the source again up to where it is done. Raises Down, Refused."""
        self._ledger.resend()
        position = self._ledger.position()
        if position:
            self._source.done(position)

    def once(self, bell: Bell | None = None) -> int:
        """Everything that is new now; returns how many messages. Raises Down, Refused."""
        count = 0
        found = self._source.read(self._ledger.position())
        while chunk := list(islice(found, TOGETHER)):
            batch = self._translated(chunk)
            self._ledger.put(batch.drafts, batch.position, batch.bad)
            self._source.done(batch.position)
            self._count(batch)
            count += len(chunk)
            if bell is not None and bell.stopped:
                break
        return count

    def _translated(self, chunk: list[tuple[Message | BadMessage, dict[str, Any]]]) -> Batch:
        batch = Batch([], [], chunk[-1][1])
        for message, _ in chunk:
            if isinstance(message, BadMessage):
                batch.bad.append(message)
            else:
                self._translate(message, batch)
        return batch

    def _translate(self, message: Message, batch: Batch) -> None:
        try:
            batch.drafts.extend(self._source.translate(message, self._look_up))
        except BadMessage as wrong:
            batch.bad.append(BadMessage(message.place, wrong.reason, wrong.raw or message.raw))
        except Exception as wrong:  # noqa: BLE001  an error in a translation costs its message, and no other
            self._log.error("translation broke", connector=self._name, where=place_of(wrong))
            reason = f"translation ended with {type(wrong).__name__}, which is an error in the connector"
            batch.bad.append(BadMessage(message.place, reason, message.raw))

    def _count(self, batch: Batch) -> None:
        self._metrics.acknowledged.labels(self._name).inc(len(batch.drafts))
        self._metrics.refused_rows.labels(self._name).inc(len(batch.bad))

    def _tell(self, detail: str) -> None:
        if detail != self.detail:
            self._log.warning("source waits", connector=self._name, reason=detail)
        self.detail = detail
