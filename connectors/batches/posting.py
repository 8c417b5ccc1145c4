"""The outgoing folder: lines are spooled, batches closed and sent, sent again, and acknowledged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectors import whole_files
from connectors.batches import acknowledgement, batch, folders, outgoing
from connectors.batches.acknowledgement import Acknowledgement
from connectors.batches.batch import LANES, Lane, Line, Manifest
from connectors.batches.journal import Journal
from connectors.batches.outgoing import Acknowledged, Closed, Event, Placed, State


class Terms(NamedTuple):
    """How we speak: both names, our key, µs between regular batches, µs of patience."""

    us: str
    them: str
    key: Ed25519PrivateKey
    interval: int
    patience: int


class Posting:
    """Everything that leaves. Threads may share it. `folder` is our own, `out` the one-way folder."""

    def __init__(self, folder: Path, out: Path, terms: Terms, clock: Callable[[], int], log: Any) -> None:
        self._sent = folder / "sent"
        self._out = out
        self._terms = terms
        self._clock = clock
        self._log = log
        self._lock = threading.RLock()
        self._sent.mkdir(parents=True, exist_ok=True)
        self._journal: Journal[State, Event] = Journal(
            folder / "outgoing.journal", Event, outgoing.evolve, outgoing.empty()
        )
        self._unplaced = {(lane, found.last) for lane, found in self.state.items() if found.last in found.unsettled}

    @property
    def state(self) -> State:
        return self._journal.state

    def close(self) -> None:
        self._journal.close()

    def say(self, lane: Lane, line: Line) -> str:
        """Spool a line, once for its key; an urgent one leaves at once. Returns where it is. Raises OSError."""
        with self._lock:
            self._journal.append(outgoing.spooled(self.state, lane, line))
            if lane == "urgent":
                for waiting in list(self.state[lane].spool.values()):
                    self._close(lane, (waiting,))
                self._place_all()
            if line.key in self.state[lane].spool:
                return f"waits for batch {self.state[lane].last + 1}"
            return f"left in a batch of the {lane} lane"

    def tick(self) -> None:
        """Close the regular batch when it is due, and send again what needs it. Raises OSError."""
        with self._lock:
            now, regular = self._clock(), self.state["regular"]
            if outgoing.is_due(regular, now, self._terms.interval):
                self._close("regular", tuple(regular.spool.values()))
            for lane in LANES:
                again = outgoing.to_send_again(self.state[lane], now, self._terms.patience)
                self._unplaced |= {(lane, number) for number in again}
            self._place_all()

    def acknowledged(self, said: Acknowledgement) -> None:
        """Take note of an acknowledgement; what it asks for is sent again at once. Raises OSError."""
        with self._lock:
            lane = self.state[said.lane]
            if outgoing.fits(lane, said):
                told = Acknowledged(said.lane, said.number, said.outcome, said.made_at, said.reason, said.lines)
                self._journal.append([told])
                for one in said.lines:
                    if one.outcome == "refused":
                        self._log.warning("line refused", lane=said.lane, batch=said.number, reason=one.reason)
                self._forget_settled(said.lane, said.number)
            self._unplaced |= {(said.lane, number) for number in said.again if number in lane.unsettled}
            self._place_all()

    def answer(self, said: Acknowledgement) -> None:
        """Put an acknowledgement of ours into the folder. Raises OSError."""
        content = acknowledgement.packed(said, self._terms.key)
        whole_files.write(self._out / folders.file_name(said.lane, said.number, folders.ACKNOWLEDGEMENT), content)

    def _close(self, lane: Lane, lines: tuple[Line, ...]) -> None:
        found = self.state[lane]
        number, now = found.last + 1, self._clock()
        previous = found.sent[found.last].digest if found.last else None
        seconds = self._terms.interval // 1_000_000 if lane == "regular" else 0
        manifest = Manifest(
            "threecross-batch-1", self._terms.us, self._terms.them, lane, number, previous, now, seconds, 0, ""
        )
        content, digest = batch.packed(manifest, lines, self._terms.key)
        whole_files.write(self._sent / folders.file_name(lane, number), content)
        self._journal.append([Closed(lane, number, digest, now, tuple(line.key for line in lines))])
        self._unplaced.add((lane, number))

    def _place_all(self) -> None:
        """Copy batches into the one-way folder, the oldest first; one that cannot be stays to be tried again."""
        for lane, number in sorted(self._unplaced):
            name = folders.file_name(lane, number)
            whole_files.write(self._out / name, (self._sent / name).read_bytes())
            self._journal.append([Placed(lane, number, self._clock())])
            self._unplaced.discard((lane, number))

    def _forget_settled(self, lane: Lane, number: int) -> None:
        """What is settled is not kept: its capsules have done their duty."""
        if number not in self.state[lane].unsettled:
            (self._sent / folders.file_name(lane, number)).unlink(missing_ok=True)
            self._unplaced.discard((lane, number))
