"""The script of a play over the wires, read strictly from TOML: who is there, what is said and done, what must come.

A step has words of the desk (`claim` …), or something that is done to a program (`does`), or just waits. `come` names
facts that must have come, by organisation, in order, whatever else came between them. Time is the real one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

import msgspec

from ops.scenario.script import Expected


class BadPlay(Exception):
    """A script that cannot be played; one sentence says what, where and what to do."""


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One department behind a wire. `link` is how it is reached, `program` which of its kind it is, `department` the
    shipped file that connects it; both have its name unless they are given."""

    name: str
    link: str
    program: str = ""
    department: str = ""

    @property
    def file(self) -> str:
        """Name of its department's file."""
        return self.department or self.name


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One moment: words of the desk about the case, or what is done to a member; then what must come."""

    tell: str = ""
    claim: str | None = None
    by: str = ""
    about: str = ""
    """Organisation whose first report this is about; empty: the first report of all."""
    fields: dict[str, Any] = {}
    text: str | None = None
    files: tuple[str, ...] = ()
    expect: tuple[Expected, ...] = ()
    to: str = ""
    does: str = ""
    """What `to` does or suffers: down, up, report, or the name of one of its faults."""
    form: dict[str, str] = {}
    come: dict[str, tuple[Expected, ...]] = {}
    silent: tuple[str, ...] = ()
    """Organisations that must have said nothing until now."""


class Play(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole play. `ends`: keys of the three-cross view of the case, as they must be in the end."""

    place: str
    chinese: str
    title: str
    division: str
    members: tuple[Member, ...]
    steps: tuple[Step, ...]
    ends: dict[str, Any]
    zone: str = "Asia/Shanghai"


def read(text: str, name: str) -> Play:
    """A script from its text. Raises BadPlay."""
    try:
        found = msgspec.convert(tomllib.loads(text), Play)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise BadPlay(f"{name}: {wrong}") from None
    if problem := next(_problems(found), None):
        raise BadPlay(f"{name}: {problem}")
    return found


def _problems(play: Play) -> Iterator[str]:
    members = {member.name for member in play.members}
    for number, step in enumerate(play.steps, 1):
        if step.claim and step.does:
            yield f"step {number} says something and lets a member do something: make two of it"
        if not (step.claim or step.does or step.come):
            yield f"step {number} says nothing, lets nobody do anything, and waits for nothing"
        if step.does and step.to not in members:
            yield f'step {number} is of "{step.to}", which is no member: name one of {", ".join(sorted(members))}'
        if step.claim and not step.by:
            yield f"step {number} does not say who speaks: add by"
    for member in play.members:
        if member.name not in {one for step in play.steps for one in (step.to, *step.come, *step.silent)}:
            yield f'nothing is asked of "{member.name}": let it do something, or expect something of it'


def plays() -> dict[str, Play]:
    """Every play that is shipped, by its place."""
    folder = resources.files("ops.demo.wires")
    texts = {entry.name: entry.read_text("utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")}
    found = [read(text, name) for name, text in sorted(texts.items())]
    return {play.place: play for play in found}
