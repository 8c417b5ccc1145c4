"""Two sides that write batches to each other, and a carrier between them who is told what to do with each file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectors.batches.acknowledgement import LineVerdict
from connectors.batches.arrivals import Arrivals, Correspondent, Opened, Released, SetAside
from connectors.batches.batch import Lane, Line, key_name
from connectors.batches.posting import Posting, Terms

SECOND = 1_000_000
INTERVAL, PATIENCE = 60 * SECOND, 120 * SECOND
HUB_KEY = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
POLICE_KEY = Ed25519PrivateKey.from_private_bytes(b"p" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"x" * 32)
KEYS = {"hub": HUB_KEY, "police": POLICE_KEY}


@dataclass
class Clock:
    """A clock that tests move, in UTC µs."""

    now: int = 1_764_000_000 * SECOND

    def __call__(self) -> int:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


@dataclass
class Side:
    """One side: what it has read, in order; a line whose key stands in `refuses` is refused with that reason."""

    name: str
    other: str
    folder: Path
    clock: Clock
    read: list[tuple[Lane, Line]] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for folder in (self.out, self.incoming):
            folder.mkdir(parents=True, exist_ok=True)
        self.open()

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def incoming(self) -> Path:
        return self.folder / "in"

    def open(self) -> None:
        """Start, or start again: what is known then stands on the disk."""
        log, own = structlog.get_logger(), self.folder / "own"
        terms = Terms(self.name, self.other, KEYS[self.name], INTERVAL, PATIENCE)
        theirs = KEYS[self.other].public_key()
        who = Correspondent(self.name, self.other, {key_name(theirs): theirs}, PATIENCE)
        self.posting = Posting(own, self.out, terms, self.clock, log)
        self.arrivals = Arrivals(own, self.incoming, who, self.posting, self.clock, log)

    def close(self) -> None:
        self.posting.close()
        self.arrivals.close()

    def say(self, key: str, case: str = "c", lane: Lane = "regular") -> None:
        self.posting.say(lane, Line(key, case, 1, "news"))

    def take(self) -> None:
        """Read whatever is there, and settle it."""
        list(self.arrivals.acknowledgements())
        for one in self.arrivals.arrived():
            match one:
                case SetAside():
                    self.aside.append(one)
                    self.arrivals.settle(one, ())
                case Opened(batch=found):
                    self.read += [(found.manifest.lane, line) for _, line in one.sorted.ready]
                    self.arrivals.settle(one, self._verdicts(one))
                case Released():
                    self.read.append((one.lane, one.line))
                    self.arrivals.settle(one, [LineVerdict(one.place, one.line.key, "accepted")])

    def _verdicts(self, one: Opened) -> list[LineVerdict]:
        waiting = one.sorted.waiting
        lines = [(index, line) for index, line in enumerate(one.batch.lines, 1) if isinstance(line, Line)]
        return [
            LineVerdict(index, line.key, "waiting")
            if index in waiting
            else LineVerdict(index, line.key, "refused", self.refuses[line.key])
            if line.key in self.refuses
            else LineVerdict(index, line.key, "accepted")
            for index, line in lines
        ]

    def keys(self, lane: Lane | None = None) -> list[str]:
        """Keys of the lines that were read, in order."""
        return [line.key for found, line in self.read if lane in (None, found)]


Fate = Callable[[str, bytes], list[tuple[str, bytes]]]
"""What a carrier makes of a file: (name, content) → the files that arrive."""


def as_it_is(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [(name, content)]


def carry(sender: Side, receiver: Side, fate: Fate = as_it_is) -> list[str]:
    """Move what stands in the outgoing folder of one side into the incoming folder of the other."""
    names = []
    for path in sorted(sender.out.iterdir()):
        for name, content in fate(path.name, path.read_bytes()):
            (receiver.incoming / name).write_bytes(content)
        names.append(path.name)
        path.unlink()
    return names


def exchange(hub: Side, police: Side, rounds: int = 12) -> None:
    """A carrier who does all that is right, as long as it takes."""
    for _ in range(rounds):
        hub.clock.pass_by(INTERVAL / SECOND)
        for one, other in ((hub, police), (police, hub)):
            one.posting.tick()
            carry(one, other)
            other.take()
