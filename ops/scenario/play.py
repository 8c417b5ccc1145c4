"""Plays a script: each step's words go through the desk, what comes of them is held against what was expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from connectors.desk.desk import Desk
from connectors.desk.words import moment, subject
from ops.scenario.clock import SimulatedClock
from ops.scenario.facts import Fact, Facts, among, exactly, told
from ops.scenario.script import Ending, Expected, Script, Step

View = Callable[[str], Mapping[str, Any]]
"""How a subject stands, by its name in the script: the three-cross view of a case, the state of any other subject."""


class Played(NamedTuple):
    """A step, when it was, what came of it, and what is wrong with that (empty: nothing)."""

    step: Step
    at: datetime
    facts: list[Fact]
    problem: str = ""


class Ended(NamedTuple):
    """How a subject ended: what was expected, what was found instead (empty: all is as expected), the whole view."""

    ending: Ending
    differences: dict[str, Any]
    view: Mapping[str, Any]


class Play:
    """One performance on a stage that stands."""

    def __init__(self, desk: Desk, facts: Facts, clock: SimulatedClock, load: Callable[[str], None]) -> None:
        self._desk = desk
        self._facts = facts
        self._clock = clock
        self._load = load

    def steps(self, script: Script) -> Iterator[Played]:
        """Each step as it has been played; goes on after a wrong one, so that one sees what follows."""
        for number, (step, at) in enumerate(script.timed(), 1):
            self._clock.move_to(moment(at, at.tzinfo))  # type: ignore[arg-type]  # a script's moments have a zone
            if step.load:
                self._load(step.load)
            yield self._said(number, step, at) if step.claim else self._passed(step, at)

    def _said(self, number: int, step: Step, at: datetime) -> Played:
        said = self._desk.say(step.word(number, at))
        facts = self._facts.from_claim(said.claim_id)
        expected: tuple[Expected, ...] = step.expect
        if step.refused:
            expected = ({"fact": "Refused", "rule": step.refused},)
        problem = "" if exactly(facts, expected) else _instead(facts, expected)
        return Played(step, at, facts, problem or self._followed(step))

    def _passed(self, step: Step, at: datetime) -> Played:
        """Time has passed: what fell due must come by itself."""
        about = subject(step.about).id
        before = {fact.meta.seq for fact in self._facts.of(about) if fact.meta.occurred_at <= self._clock()}
        came = self._facts.until(lambda: among(self._facts.of(about), step.expect))
        facts = [fact for fact in self._facts.of(about) if fact.meta.seq not in before]
        return Played(step, at, facts, ("" if came else _instead(facts, step.expect)) or self._followed(step))

    def _followed(self, step: Step) -> str:
        """What other subjects must have heard of it."""
        for name, expected in step.later.items():
            about = subject(name).id
            if not self._facts.until(lambda about=about, wanted=expected: among(self._facts.of(about), wanted)):  # type: ignore[misc]
                return f"on {name}: {_instead(self._facts.of(about), expected)}"
        return ""


def _instead(facts: list[Fact], expected: tuple[Expected, ...]) -> str:
    found = [_short(fact) for fact in told(facts, expected)] or ["nothing"]
    wanted = [one if isinstance(one, str) else " ".join(map(str, one.values())) for one in expected] or ["nothing"]
    return f"expected {', '.join(wanted)}; came {', '.join(found)}"


def _short(fact: Fact) -> str:
    rule = getattr(fact.body, "rule", "")
    return f"{fact.name} by {rule}" if fact.name == "Refused" else fact.name


def ended(script: Script, view: View) -> Iterator[Ended]:
    """How each subject that the script names has ended."""
    for ending in script.endings:
        found = view(ending.about)
        shown = {key: _at(found, key.split(".")) for key in ending.view}
        wrong = {key: value for key, value in shown.items() if value != ending.view[key]}
        yield Ended(ending, wrong, found)


def _at(value: Any, path: list[str]) -> Any:
    """What stands at a path; of a list, what stands there in each of its items."""
    if isinstance(value, (list, tuple)):
        return [_at(one, path) for one in value]
    if not path:
        return value
    return _at(value.get(path[0]), path[1:]) if isinstance(value, Mapping) else None
