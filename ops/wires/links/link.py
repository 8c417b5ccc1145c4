"""What a play knows of a department behind a wire, and where its program may work.

A link knows nothing of the play. `disagreements` compares the program's own book with what the hub has delivered and
taken: that is what both sides must agree on in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ops.wires.script import Member

COUNTERPARTS = "ops.demo.counterparts"
EXAMPLES = "connectors.departments.examples"
KEY = "a key for trying"
"""What apps show: the shipped files of inlets hold its digest."""

QUICK = """
[delivery]
first_seconds = 0.2
longest_seconds = 1.0
rest_seconds = 0.5
"""
"""A play is short: what fails is tried again soon."""


@dataclass(frozen=True)
class Sent:
    """What the hub's connectors say of one department: deliveries taken (key, step, detail), and those still open."""

    done: Sequence[Mapping[str, Any]]
    open: Sequence[Mapping[str, Any]]

    def keys(self) -> list[str]:
        """Keys of what was taken, in order."""
        return sorted(row["key"] for row in self.done)


class Link(Protocol):
    """One department of a play."""

    @property
    def secrets(self) -> Mapping[str, str]:
        """Environment that the connectors process needs for it."""
        ...

    def department(self) -> str:
        """Its file, in TOML."""
        ...

    def connect(self, url: str) -> None:
        """The hub's side can be reached at this address from now on."""
        ...

    def do(self, what: str, form: Mapping[str, str]) -> None:
        """Something happens to it, or it does something. Raises KeyError for what it cannot do."""
        ...

    def disagreements(self, sent: Sent) -> Iterator[str]:
        """Where its book and the hub differ; waits for nothing."""
        ...


class Ground(NamedTuple):
    """Where programs work: a folder, the port where the connectors will listen, a PostgreSQL server."""

    folder: Path
    port: int
    dsn: str


Opening = Callable[[Member, Ground], AbstractContextManager[Link]]
"""Starts a member's program; it ends with the context."""


def shipped(name: str, changes: Mapping[str, str]) -> str:
    """A department's file as it ships, with what every place must change, and quick. Raises KeyError where it has not
    what is to be changed."""
    text = (resources.files(EXAMPLES) / f"{name}.toml").read_text("utf-8")
    for old, new in changes.items():
        if old not in text:
            raise KeyError(f"{name}.toml has no {old}")
        text = text.replace(old, new)
    return text + QUICK
