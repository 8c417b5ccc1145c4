"""Call-backs of a company: trusted by their signature, taken once, in the order in which things happened there.

Answers: 200 taken, or said before (nothing changes) · 401 not trusted · 404 of an order that nobody has given them ·
409 an event id with another content · 413 too large · 422 not understood · 425 an earlier one is missing: send it again
later · 503 the hub does not take it now. What is trusted and cannot be taken is a dead letter.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from connectors.contract import BadMessage, Draft, Refused, Surroundings, Take, Undelivered
from connectors.notebook import Notes
from connectors.rest import event as events
from connectors.rest.asking import Asking, OpenOrders
from connectors.rest.event import Event
from connectors.rest.settings import Rest
from connectors.rest.signing import SIGNATURE, TIMESTAMP, NotTrusted, verify
from connectors.rest.translate import drafts, ends

RETRY_SECONDS = 5
STRIPES = 64
SECOND = 1_000_000


History = Callable[[str], list[dict[str, Any]]]
"""Number of an order → its events as the company tells them. Raises Undelivered."""


class Answer(NamedTuple):
    """What the company is told: `outcome` is the word by which such call-backs are counted."""

    status: int
    outcome: str
    detail: str = ""


class _Before(NamedTuple):
    """Events that come before another one; not `whole`: the company could not be asked whether there are more."""

    events: list[Event]
    whole: bool = True


class _NotYet(Exception):
    """An earlier event of the order is missing."""


class CallBacks:
    """The inlet of one company."""

    def __init__(
        self, config: Rest, around: Surroundings, history: History, notes: Notes, open_orders: OpenOrders
    ) -> None:
        self._config = config
        self._around = around
        self._ask_history = history
        self._notes = notes
        self._open = open_orders
        self._asking: Asking | None = None
        self._stripes = [threading.Lock() for _ in range(STRIPES)]

    def start(self, take: Take) -> None:
        """The company speaks to the routes; where it can be asked, ask about orders of which nothing was heard."""
        seconds = self._config.call_backs.ask_seconds
        if seconds and self._config.call_backs.gap == "read":
            self._asking = Asking(self._open, seconds, lambda order: self.catch_up(take, order))
            self._asking.start()

    def stop(self) -> None:
        if self._asking is not None:
            self._asking.stop()
            self._asking = None

    def routes(self, take: Take) -> APIRouter:
        """POST /events."""
        router = APIRouter()
        largest = self._config.call_backs.largest_bytes

        @router.post("/events")
        async def told(request: Request) -> JSONResponse:
            body = b""
            async for part in request.stream():
                body += part
                if len(body) > largest:
                    return self._told(Answer(413, "too_large", f"a call-back has at most {largest} bytes"))
            stamp, signed = request.headers.get(TIMESTAMP), request.headers.get(SIGNATURE)
            return self._told(await run_in_threadpool(self.receive, take, stamp, signed, body))

        return router

    def receive(self, take: Take, timestamp: str | None, signed: str | None, body: bytes) -> Answer:
        """What a call-back leads to, and what the company is told. Blocks until Kafka has acknowledged."""
        try:
            self._trust(timestamp, signed, body)
            event = events.parse(body, self._config.event, self._around.department.zone)
        except NotTrusted as wrong:
            return Answer(401, wrong.why, str(wrong))
        except BadMessage as wrong:
            return _bad(take, wrong, body)
        except Refused as wrong:  # the secret is gone
            return Answer(503, "not_now", str(wrong))
        with self._stripe(event.order):
            return self._take(take, event, body)

    def catch_up(self, take: Take, order: str) -> None:
        """Take what has happened to an order and was never told. Raises Undelivered, Refused."""
        with self._stripe(order):
            subject = self._around.look_up(self._around.department.name, order)
            last: int = self._notes.get(f"order/{order}") or 0
            history = self._read(order) if subject is not None else {}
            missed = [history[n] for n in sorted(history) if n > last]
            if subject is None or not missed:
                return
            if said := self._drafts(take, missed, subject, None):
                take(said)
            self._remember(missed)
        self._around.metrics.told.labels(self._around.department.name, "asked").inc(len(missed))

    def _stripe(self, order: str) -> threading.Lock:
        return self._stripes[sha256(order.encode()).digest()[0] % STRIPES]

    def _told(self, answer: Answer) -> JSONResponse:
        self._around.metrics.told.labels(self._around.department.name, answer.outcome).inc()
        if answer.status >= 400:
            self._around.log.warning("call-back not taken", outcome=answer.outcome, detail=answer.detail)
        headers = {"Retry-After": str(RETRY_SECONDS)} if answer.status in (425, 503) else None
        return JSONResponse({"outcome": answer.outcome, "detail": answer.detail}, answer.status, headers)

    def _trust(self, timestamp: str | None, signed: str | None, body: bytes) -> None:
        trust = self._config.call_backs
        named = [trust.secret, *([trust.previous_secret] if trust.previous_secret else [])]
        secrets = [self._around.secret(name).encode() for name in named]
        verify(secrets, timestamp, signed, body, self._around.clock() / SECOND, trust.skew_seconds)

    def _take(self, take: Take, event: Event, body: bytes) -> Answer:
        subject = self._subject(event)
        if subject is None:
            take.bury(BadMessage(event.id, f"there is no order {event.order} of ours", body))
            return Answer(404, "unknown_order", f"order {event.order} is none that this hub has given")
        noted = self._notes.get(f"event/{event.id}")
        if noted is not None and noted != digest(event):
            take.bury(BadMessage(f"{event.id}:{digest(event)}", "the event id had another content before", body))
            return Answer(409, "reused", f"event {event.id} was told before, with another content")
        if noted is not None:
            return Answer(200, "repeated")
        try:
            before = self._missing(event)
            told = [*before.events, event]
            said = self._drafts(take, told, subject, event)
            if said:
                take(said)
        except BadMessage as wrong:
            return _bad(take, wrong, body)
        except _NotYet as wrong:
            return Answer(425, "early", str(wrong))
        except Refused as wrong:
            return Answer(503, "not_now", str(wrong))
        self._remember(told, whole=before.whole)
        return Answer(200, "taken")

    def _subject(self, event: Event) -> str | None:
        """The case of an order: by the company's number, or by our key while the number is not known yet."""
        found = self._around.look_up(self._around.department.name, event.order)
        return found or (self._around.look_up("key", event.key) if event.key else None)

    def _missing(self, event: Event) -> _Before:
        """Events of the order before this one that nobody has told. Raises _NotYet.

        An event that was waited for long enough is taken without those that are not to be had; should an earlier one
        come, its own time tells where it belongs.
        """
        last: int = self._notes.get(f"order/{event.order}") or 0
        if event.sequence is None or event.sequence <= last + 1:
            return _Before([])
        wanted = range(last + 1, event.sequence)
        history = self._history(event.order) if self._config.call_backs.gap == "read" else {}
        missing = [n for n in wanted if n not in (history or {})]
        if missing and self._around.clock() - event.at <= self._config.call_backs.patience_seconds * SECOND:
            raise _NotYet(f"event {missing[0]} of order {event.order} has not come yet")
        return _Before([history[n] for n in wanted if n in history] if history else [], history is not None)

    def _history(self, order: str) -> dict[int, Event] | None:
        """Events of an order by their sequence, as the company tells them when asked; None: it does not answer."""
        try:
            return self._read(order)
        except Undelivered:
            return None

    def _read(self, order: str) -> dict[int, Event]:
        """The same; raises Undelivered. What is not understood is left out."""
        found: dict[int, Event] = {}
        for entry in self._ask_history(order):
            with suppress(BadMessage):
                event = events.read(entry, self._config.event, self._around.department.zone)
                if event.sequence is not None and event.order == order:
                    found[event.sequence] = event
        return found

    def _drafts(self, take: Take, told: Sequence[Event], subject: str, speaks: Event | None) -> list[Draft]:
        """Claims of the events in their order. Raises BadMessage for the one that is told just now; another becomes a
        dead letter, so that it does not hold up those behind it."""
        found: list[Draft] = []
        for event in told:
            try:
                found += drafts(self._config, self._around.department.org, self._around.department.role, event, subject)
            except BadMessage as wrong:
                if event is speaks:
                    raise
                take.bury(BadMessage(wrong.place, wrong.reason, msgspec.json.encode(event)))
        return found

    def _remember(self, told: Sequence[Event], *, whole: bool = True) -> None:
        """Note what was taken. Where something before it may have been told that could not be asked for (not `whole`),
        the order stays where it was, and is asked for until the company answers."""
        notes: dict[str, object] = {f"event/{event.id}": digest(event) for event in told}
        order, sequence = told[-1].order, told[-1].sequence
        last: int = self._notes.get(f"order/{order}") or 0
        if sequence is not None and whole:
            notes[f"order/{order}"] = max(last, sequence)
        self._notes.put(notes)
        if whole:
            self._open.heard(order, ends=ends(self._config, told[-1]))
        else:
            self._open.told(order, ends=False)


def _bad(take: Take, wrong: BadMessage, body: bytes) -> Answer:
    take.bury(BadMessage(wrong.place, wrong.reason, body))
    return Answer(422, "unreadable", wrong.reason)


def digest(event: Event) -> str:
    """By what two tellings of an event are the same: not by its words, which a company may leave out of a history."""
    parts = [event.id, event.order, event.status, event.at, event.sequence, event.to, event.reason]
    return sha256(msgspec.json.encode(parts)).hexdigest()
