"""What inlets hand over: many callers' drafts are stored in one transaction and sent together, one thread for all."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import BadMessage, Draft, Refused, Said
from connectors.running.ledger import Ledger

TOGETHER = 500
"""Drafts in one transaction, at most."""
ANSWER_SECONDS = 90.0


class _Asked(NamedTuple):
    drafts: Sequence[Draft]
    answer: Future[list[Said]]
    bad: Sequence[BadMessage] = ()


class Taking:
    """The `Take` of an inlet. Callers wait in their own threads or loops; `stop` answers those who still wait."""

    def __init__(self, ledger: Ledger, log: Any) -> None:
        self._ledger = ledger
        self._log = log
        self._queue: SimpleQueue[_Asked | None] = SimpleQueue()
        self._closed = False

    def __call__(self, drafts: Sequence[Draft]) -> list[Said]:
        return _in_time(self.begin(drafts))

    def begin(self, drafts: Sequence[Draft]) -> Future[list[Said]]:
        """Hand over without waiting."""
        return self._ask(_Asked(drafts, Future()))

    def bury(self, message: BadMessage) -> None:
        """Keep a dead letter."""
        _in_time(self._ask(_Asked((), Future(), (message,))))

    def _ask(self, asked: _Asked) -> Future[list[Said]]:
        if self._closed:
            asked.answer.set_exception(Refused("this connector is ending: say it again when it is back"))
        else:
            self._queue.put(asked)
        return asked.answer

    def run(self) -> None:
        """Take until `stop`; in a thread of its own."""
        while group := self._group():
            self._answer(group)

    def stop(self) -> None:
        """Take no more; what was handed over before is still stored, sent and answered."""
        self._closed = True
        self._queue.put(None)

    def _group(self) -> list[_Asked]:
        first = self._queue.get()
        if first is None:
            return []
        group, size = [first], len(first.drafts)
        while size < TOGETHER:
            try:
                following = self._queue.get_nowait()
            except Empty:
                break
            if following is None:
                self._queue.put(None)
                break
            group.append(following)
            size += len(following.drafts)
        return group

    def _answer(self, group: list[_Asked]) -> None:
        """What is begun cannot be cancelled any more; what was cancelled before is not begun."""
        if begun := [asked for asked in group if asked.answer.set_running_or_notify_cancel()]:
            self._take(begun)

    def _take(self, group: list[_Asked]) -> None:
        try:
            bad = [message for asked in group for message in asked.bad]
            said = self._ledger.put([draft for asked in group for draft in asked.drafts], bad=bad)
        except Refused as wrong:
            self._answer_alone(group, wrong)
        except SQLAlchemyError as wrong:
            self._log.warning("what was said cannot be stored", reason=type(wrong).__name__)
            _refuse(group, Refused("what was said cannot be stored now: say it again"))
        except Exception as wrong:  # noqa: BLE001  one bad draft must not end the taking of all others
            self._answer_alone(group, wrong)
        else:
            behind = 0
            for asked in group:
                asked.answer.set_result(said[behind : behind + len(asked.drafts)])
                behind += len(asked.drafts)

    def _answer_alone(self, group: list[_Asked], wrong: Exception) -> None:
        """One of them cannot be taken: find out which, so that the others are not refused for it."""
        if len(group) > 1:
            for asked in group:
                self._take([asked])
            return
        self._log.warning("what was said is not taken", reason=type(wrong).__name__)
        refusal = wrong if isinstance(wrong, Refused) else Refused(f"it cannot be taken ({type(wrong).__name__})")
        _refuse(group, refusal)


def _in_time(answer: Future[list[Said]]) -> list[Said]:
    try:
        return answer.result(ANSWER_SECONDS)
    except TimeoutError:
        raise Refused("Kafka has not acknowledged in time: what was said is kept and sent later") from None


def _refuse(group: Sequence[_Asked], refusal: Refused) -> None:
    for asked in group:
        asked.answer.set_exception(refusal)


def thread(taking: Taking, name: str) -> threading.Thread:
    """The thread in which it takes."""
    return threading.Thread(target=taking.run, name=f"{name}-take", daemon=True)
