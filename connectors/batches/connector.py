"""The police by batches: what the runner calls."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any, ClassVar, NamedTuple

from connectors.batches import batch, capsule, codes, lines, outgoing, translate
from connectors.batches.acknowledgement import LineVerdict
from connectors.batches.arrivals import Arrival, Arrivals, Opened, Released, SetAside
from connectors.batches.batch import Lane, Line
from connectors.batches.capsule import CannotOpen
from connectors.batches.drafts import Theirs, drafts
from connectors.batches.lines import BadLine
from connectors.batches.posting import Posting
from connectors.contract import (
    BadData,
    BadMessage,
    Delivery,
    Down,
    Draft,
    Item,
    LookUp,
    Message,
    Receipt,
    Step,
    Surroundings,
    Take,
)


class Sealing(NamedTuple):
    """How what is personal leaves: their key, and for how many µs a capsule is good."""

    public_key: bytes
    good_for: int


class BatchSink:
    """Towards the police: a step becomes a line, its personal part a capsule. A line that is spooled is durable; what
    the police made of it comes later, with their acknowledgement; what they refuse is told by the source."""

    reads_back: ClassVar[bool] = False

    def __init__(self, posting: Posting, sealing: Sealing, system: str, around: Surroundings) -> None:
        self._posting = posting
        self._sealing = sealing
        self._system = system
        self._around = around

    def translate(self, item: Item) -> list[Step]:
        return translate.steps(item, self._around.department.org, self._system)

    def deliver(self, delivery: Delivery) -> Receipt:
        told = delivery.body
        try:
            body = self._in_their_codes(told["body"])
            lines.check_open(body)
        except BadLine as bad:
            raise BadData(f"it would carry {bad}: correct the fact's open fields") from None
        line = Line(delivery.key, told["case"], 1, told["kind"], body, self._capsule(delivery))
        try:
            return Receipt(detail=self._posting.say(told["lane"], line))
        except OSError as wrong:
            raise Down(f"a batch cannot be written ({wrong.strerror})") from None

    def read_back(self, delivery: Delivery) -> Receipt | None:
        """What their acknowledgement said of the line; None: nothing yet."""
        found = outgoing.verdict(self._posting.state, delivery.key)
        return Receipt(found.number, f"{found.outcome} by the police") if found is not None else None

    def _capsule(self, delivery: Delivery) -> batch.Capsule | None:
        content = {name: value for name, value in delivery.body["capsule"].items() if value}
        if not content:
            return None
        expires = self._around.clock() + self._sealing.good_for
        return capsule.sealed(self._sealing.public_key, delivery.key, delivery.body["case"], content, expires)

    def _in_their_codes(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same, with the police codes that the division of its card had when it happened."""
        card = body.get("card")
        if card is None or card.get("division") is None:
            return body
        found = codes.police_codes(self._around.police_codes(), card["division"], body["at"])
        return {**body, "card": {**card, "police_codes": found}}


Told = tuple[Message | BadMessage, dict[str, Any]]


class _UnderWay(NamedTuple):
    """What was handed to the runner and is not yet in Kafka; `last` is the position of its last message, if any."""

    arrival: Arrival
    last: dict[str, Any] | None


class BatchSource:
    """From the police. A position names the last line that was handed over; what has become of batches stands in our
    own journal, since a file that comes again must be known years later. Of a batch that a position names, only later
    lines are told again; other batches that are not settled come again as a whole, which changes nothing."""

    def __init__(self, arrivals: Arrivals, opening_key: bytes, theirs: Theirs, around: Surroundings) -> None:
        self._arrivals = arrivals
        self._opening_key = opening_key
        self._theirs = theirs
        self._around = around
        self._under_way: list[_UnderWay] = []
        self._verdicts: dict[str, LineVerdict] = {}

    def read(self, position: dict[str, Any]) -> Iterator[Told]:
        self._under_way.clear()
        self._verdicts.clear()
        try:
            for place, why in self._arrivals.acknowledgements():
                yield BadMessage(place, why), {"acknowledgement": place}
            for one in self._arrivals.arrived():
                told = self._behind(position, list(self._messages(one)))
                self._under_way.append(_UnderWay(one, told[-1][1] if told else None))
                yield from told
                self._settle_silent()
        except OSError as wrong:
            raise Down(f"the incoming folder cannot be read ({wrong.strerror})") from None

    def translate(self, message: Message, look_up: LookUp) -> list[Draft]:
        line: Line = message.content
        try:
            words = self._words(line)
            found = drafts(line, words, self._theirs, look_up)
        except (BadLine, CannotOpen) as bad:
            self._verdicts[message.place] = _verdict(message.place, line, "refused", bad.code)
            raise BadMessage(message.place, f"the line is {bad}", message.raw) from None
        number = found[0].meta.subject.id
        self._verdicts[message.place] = _verdict(message.place, line, "accepted", None, number)
        return found

    def done(self, position: dict[str, Any]) -> None:
        lasts = [one.last for one in self._under_way]
        if position not in lasts:
            return
        try:
            for one in self._under_way[: lasts.index(position) + 1]:
                self._settle(one)
            self._under_way = self._under_way[lasts.index(position) + 1 :]
            self._settle_silent()
        except OSError as wrong:
            raise Down(f"an acknowledgement cannot be written ({wrong.strerror})") from None

    def _behind(self, position: dict[str, Any], told: list[Told]) -> list[Told]:
        """What of an arrival lies behind a position in it; what does not is judged anew for the acknowledgement."""
        at = next((place for place, (_, one) in enumerate(told, 1) if one == position), 0)
        for message, _ in told[:at]:
            if isinstance(message, Message):
                with suppress(BadMessage):
                    self.translate(message, lambda number: self._around.look_up("hub", number))
        return told[at:]

    def _messages(self, one: Arrival) -> Iterator[Told]:
        match one:
            case SetAside(raw=raw):
                place = f"file {one.path.name}"
                position = {"file": one.path.name, "digest": sha256(raw).hexdigest()}
                yield BadMessage(place, f"the batch was set aside: {one.why}", raw), position
            case Opened(batch=found):
                lane, number = found.manifest.lane, found.manifest.number
                ready = dict(one.sorted.ready)
                for index, line in enumerate(found.lines, 1):
                    if isinstance(line, str):
                        told: Message | BadMessage = BadMessage(
                            _place(lane, number, index), "the line cannot be read", found.raw[index - 1]
                        )
                    elif index in ready:
                        told = Message(_place(lane, number, index), line, found.raw[index - 1])
                    else:
                        continue
                    yield told, _position(lane, number, index, found.digest)
            case Released(lane=lane, number=number, place=index, line=line):
                yield Message(_place(lane, number, index), line), _position(lane, number, index)

    def _settle_silent(self) -> None:
        """What is first in line and has nothing for Kafka."""
        while self._under_way and self._under_way[0].last is None:
            self._settle(self._under_way.pop(0))

    def _settle(self, one: _UnderWay) -> None:
        self._arrivals.settle(one.arrival, list(self._judged(one.arrival)))

    def _judged(self, one: Arrival) -> Iterator[LineVerdict]:
        match one:
            case Opened(batch=found):
                for index, line in enumerate(found.lines, 1):
                    place = _place(found.manifest.lane, found.manifest.number, index)
                    if isinstance(line, str):
                        yield LineVerdict(index, "", "refused", line)
                    elif index in one.sorted.waiting:
                        yield LineVerdict(index, line.key, "waiting", "forerunner-missing")
                    else:
                        yield self._verdicts.get(place, LineVerdict(index, line.key, "accepted", "known-before"))
            case Released(lane=lane, number=number, place=index):
                yield self._verdicts[_place(lane, number, index)]

    def _words(self, line: Line) -> dict[str, str]:
        if line.capsule is None:
            return {}
        if line.capsule.id != capsule.capsule_id(line.key):
            raise CannotOpen("capsule-not-ours", "one whose capsule belongs to another line")
        found = capsule.opened(self._opening_key, line.capsule, line.case, self._around.clock())
        return {name: str(value) for name, value in found.items() if name in ("text", "contact") and value}


def _place(lane: Lane, number: int, index: int) -> str:
    return f"{lane}-{number}-{index}"


def _position(lane: Lane, number: int, index: int, digest: str = "") -> dict[str, Any]:
    return {"lane": lane, "number": number, "line": index, "digest": digest}


def _verdict(place: str, line: Line, outcome: Any, reason: str | None, number: str | None = None) -> LineVerdict:
    return LineVerdict(int(place.rpartition("-")[2]), line.key, outcome, reason, number)


class Ticking:
    """The clock of the outgoing folder, in a thread of its own."""

    def __init__(self, posting: Posting, log: Any, seconds: float) -> None:
        self._posting = posting
        self._log = log
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def routes(self, _take: Take) -> None:
        return None

    def start(self, _take: Take) -> None:
        self._thread = threading.Thread(target=self._run, name="batches", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._posting.tick()
            except OSError as wrong:
                self._log.error("batch not written", reason=wrong.strerror)
            self._ended.wait(self._seconds)
