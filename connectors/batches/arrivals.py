"""The incoming folder: batches are opened in their order, and acknowledged once their lines are in Kafka.

Nothing is marked as taken before `settle`, so that a fault in between makes the same lines come again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from connectors import whole_files
from connectors.batches import acknowledgement, batch, folders, sequence
from connectors.batches.acknowledgement import Acknowledgement, LineVerdict, Outcome
from connectors.batches.answers import Answers
from connectors.batches.batch import LANES, BadBatch, Batch, Lane, Line
from connectors.batches.journal import Journal
from connectors.batches.posting import Posting
from connectors.batches.sequence import Event, LineTaken, Missed, Quarantined, Replaced, Sorted, State, Taken

Verdicts = tuple[LineVerdict, ...]


class SetAside(NamedTuple):
    """A file that may not be trusted: its bytes, and why. `claims`: the lane and number that it says it has."""

    path: Path
    code: str
    why: str
    raw: bytes
    claims: tuple[Lane, int] | None


class Opened(NamedTuple):
    """A batch that is taken now, and the file in which it came."""

    path: Path
    batch: Batch
    sorted: Sorted


class Released(NamedTuple):
    """A line that had waited for its forerunner, and is taken now."""

    lane: Lane
    number: int
    place: int
    line: Line


Arrival = SetAside | Opened | Released


class Correspondent(NamedTuple):
    """Who writes to us: both names, their keys, µs of patience with a number that is missing."""

    us: str
    them: str
    keys: dict[str, Ed25519PublicKey]
    patience: int


class Arrivals:
    """Everything that comes. One thread reads and settles. `folder` is our own, `incoming` the one-way folder; `count`
    is told what somebody must see to: missing, set_aside."""

    def __init__(
        self,
        folder: Path,
        incoming: Path,
        who: Correspondent,
        posting: Posting,
        clock: Callable[[], int],
        log: Any,
        count: Callable[[str], None] = lambda _outcome: None,
    ) -> None:
        self._waiting = folder / "waiting"
        self._incoming = incoming
        self._who = who
        self._posting = posting
        self._clock = clock
        self._log = log
        self._count = count
        self._waiting.mkdir(parents=True, exist_ok=True)
        self._journal: Journal[State, Event] = Journal(
            folder / "incoming.journal", Event, sequence.evolve, sequence.empty()
        )
        self._answers = Answers(folder / "answers")
        self._kept: dict[tuple[Lane, int, int], Line] = {}
        self._asked: dict[tuple[Lane, int], tuple[tuple[int, ...], int]] = {}

    @property
    def state(self) -> State:
        return self._journal.state

    def close(self) -> None:
        self._journal.close()

    def acknowledgements(self) -> Iterator[tuple[str, str]]:
        """Hand what they acknowledge to the outgoing side; answers with what was refused: where, and why. Raises
        OSError."""
        for path in folders.arrived(self._incoming, folders.ACKNOWLEDGEMENT):
            try:
                said = acknowledgement.opened(path.read_bytes(), self._who.keys, self._who.them, self._who.us)
            except BadBatch as bad:
                self._log.warning("acknowledgement not trusted", reason=bad.code)
                yield f"file {path.name}", f"an acknowledgement was not trusted: {bad}"
            else:
                self._posting.acknowledged(said)
                yield from _refused(said)
            path.unlink()

    def arrived(self) -> Iterator[Arrival]:
        """What is to be taken or set aside now, in order. Each is settled later, in the same order; what is not, comes
        again at the next call. Raises OSError."""
        view = sequence.ahead_of(self.state)
        good, bad = self._files()
        for one in bad:
            sequence.evolve(view, self._quarantined(one))
            yield one
        yield from self._released(view)
        for lane in reversed(LANES):  # the urgent one first
            for path, found in good[lane]:
                yield from self._arrival(view, path, found)

    def settle(self, one: Arrival, verdicts: Sequence[LineVerdict]) -> None:
        """It is in Kafka: write it down, acknowledge it with these verdicts, take its file away. Raises OSError."""
        match one:
            case SetAside():
                self._settle_aside(one)
            case Opened():
                self._settle_batch(one, verdicts)
            case Released(lane=lane, number=number, place=index, line=line):
                self._answers.change(lane, number, verdicts)
                self._journal.append([LineTaken(lane, number, index, line.case, line.n)])
                self._answer(lane, number)
                self._forget(lane, number)

    def _settle_batch(self, one: Opened, verdicts: Sequence[LineVerdict]) -> None:
        found = one.batch
        lane, number = found.manifest.lane, found.manifest.number
        if one.sorted.waiting:
            whole_files.write(self._waiting / folders.file_name(lane, number), one.path.read_bytes())
        self._answers.keep(self._said(lane, number, found.digest, "taken", None, tuple(verdicts)))
        self._journal.append([_taken(found, one.sorted)])
        self._answer(lane, number)
        one.path.unlink(missing_ok=True)

    # ------------------------------------------------------------ files

    def _files(self) -> tuple[dict[Lane, list[tuple[Path, Batch]]], list[SetAside]]:
        """Batches of each lane by number, and files that are none to be trusted."""
        good: dict[Lane, list[tuple[Path, Batch]]] = {lane: [] for lane in LANES}
        bad: list[SetAside] = []
        for path in folders.arrived(self._incoming, folders.BATCH):
            raw = folders.content(path)
            try:
                if raw is None:
                    raise BadBatch("too-large", "it is larger than any batch")
                found = batch.opened(raw, self._who.keys, self._who.them, self._who.us)
            except BadBatch as wrong:
                bad.append(SetAside(path, wrong.code, str(wrong), raw or b"", wrong.claims))
            else:
                good[found.manifest.lane].append((path, found))
        for files in good.values():
            files.sort(key=lambda one: one[1].manifest.number)
        return good, bad

    def _arrival(self, view: State, path: Path, found: Batch) -> Iterator[Arrival]:
        manifest = found.manifest
        try:
            decision = sequence.decide(view[manifest.lane], found, self._clock(), self._who.patience)
        except Replaced as wrong:
            yield SetAside(path, wrong.code, str(wrong), path.read_bytes(), None)
            return
        match decision:
            case "take":
                sorted_ = sequence.sorted_out(view[manifest.lane], found.lines)
                sequence.evolve(view, _taken(found, sorted_))
                self._remember(found, sorted_)
                yield Opened(path, found, sorted_)
                yield from self._released(view)
            case "again" if manifest.number in self.state[manifest.lane].taken:
                self._answer(manifest.lane, manifest.number)
                path.unlink()
            case "wait":
                self._hold(found)

    def _settle_aside(self, one: SetAside) -> None:
        self._log.error("batch set aside", file=one.path.name, reason=one.code)
        self._count("set_aside")
        self._journal.append([self._quarantined(one)])
        if one.claims is not None and one.claims[1] not in self.state[one.claims[0]].taken:
            self._posting.answer(self._said(*one.claims, None, "quarantined", one.code))
        if one.raw:
            one.path.unlink(missing_ok=True)
        elif one.path.exists():  # too large for a dead letter
            one.path.rename(one.path.with_suffix(".set-aside"))

    def _quarantined(self, one: SetAside) -> Quarantined:
        lane, number = one.claims or (None, None)
        return Quarantined(one.path.name, one.code, self._clock(), lane, number)

    # ------------------------------------------------------------ lines that wait

    def _released(self, view: State) -> Iterator[Released]:
        for lane in LANES:
            while (place := sequence.released(view[lane], self._lines(view, lane))) is not None:
                number, index = place
                line = self._kept[lane, number, index]
                sequence.evolve(view, LineTaken(lane, number, index, line.case, line.n))
                yield Released(lane, number, index, line)

    def _remember(self, found: Batch, sorted_: Sorted) -> None:
        for index in sorted_.waiting:
            line = found.lines[index - 1]
            if isinstance(line, Line):
                self._kept[found.manifest.lane, found.manifest.number, index] = line

    def _lines(self, view: State, lane: Lane) -> dict[tuple[int, int], Line]:
        """The lines that wait; after a start they are read from the batches that were kept for them."""
        for number, index in view[lane].waiting:
            if (lane, number, index) not in self._kept:
                raw = (self._waiting / folders.file_name(lane, number)).read_bytes()
                found = batch.opened(raw, self._who.keys, self._who.them, self._who.us)
                self._remember(found, Sorted((), (index,), (), {}))
        return {place: self._kept[lane, *place] for place in view[lane].waiting}

    def _forget(self, lane: Lane, number: int) -> None:
        if not any(one == number for one, _ in self.state[lane].waiting):
            (self._waiting / folders.file_name(lane, number)).unlink(missing_ok=True)
            self._kept = {place: line for place, line in self._kept.items() if place[:2] != (lane, number)}

    # ------------------------------------------------------------ acknowledgements of ours

    def _hold(self, found: Batch) -> None:
        """A number before this one is missing: note since when, and ask for it, once for each interval of patience."""
        lane, number, now = found.manifest.lane, found.manifest.number, self._clock()
        known = self.state[lane].missed
        gaps = [one for one in sequence.missing(self.state[lane], number) if one not in known]
        self._journal.append([Missed(lane, one, now) for one in gaps])
        for one in gaps:
            self._log.error("batch missing", lane=lane, number=one)
            self._count("missing")
        again, at = self._asked.get((lane, number), ((), 0))
        if again != (wanted := sequence.asked_again(self.state[lane])) or now - at >= self._who.patience // 2:
            self._asked[lane, number] = (wanted, now)
            self._posting.answer(self._said(lane, number, found.digest, "waiting", None))

    def _answer(self, lane: Lane, number: int) -> None:
        """Acknowledge a batch that is taken, as its lines stand now."""
        kept = self._answers.kept(lane, number)
        again = sequence.asked_again(self.state[lane])
        self._posting.answer(msgspec.structs.replace(kept, made_at=self._clock(), again=again))

    def _said(
        self, lane: Lane, number: int, digest: str | None, outcome: Outcome, reason: str | None, lines: Verdicts = ()
    ) -> Acknowledgement:
        us, them, again = self._who.us, self._who.them, sequence.asked_again(self.state[lane])
        now = self._clock()
        return Acknowledgement(
            "threecross-acknowledgement-1", us, them, lane, number, digest, outcome, now, reason, again, lines
        )


def _refused(said: Acknowledgement) -> Iterator[tuple[str, str]]:
    name = f"{said.lane}-{said.number}"
    if said.outcome == "quarantined":
        yield f"acknowledgement {name}", f"our batch was set aside there ({said.reason}); it is sent again"
    for one in said.lines:
        if one.outcome == "refused":
            yield f"acknowledgement {name}-{one.line}", f"our line {one.key} was refused there ({one.reason})"


def _taken(found: Batch, sorted_: Sorted) -> Taken:
    manifest = found.manifest
    due = manifest.made_at + manifest.interval_seconds * 1_000_000 if manifest.interval_seconds else None
    return Taken(
        manifest.lane,
        manifest.number,
        found.digest,
        manifest.previous,
        manifest.made_at,
        due,
        sorted_.cases,
        sorted_.waiting,
    )
