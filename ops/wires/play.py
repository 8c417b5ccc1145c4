"""Plays a script over the wires: words through the desk, deeds through the programs, what comes of them as facts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from connectors.desk.desk import Desk
from connectors.desk.words import Word
from ops.scenario.facts import Fact, Facts, among, exactly
from ops.scenario.script import Expected
from ops.wires.links import Link, Sent
from ops.wires.script import Member, Play, Step

PATIENCE = 60.0
"""Real seconds in which what a step expects must come, and in which everybody must agree in the end; usually."""


class Played(NamedTuple):
    """A step, the facts that it waited for, and what is wrong (empty: nothing)."""

    step: Step
    facts: list[Fact]
    problem: str = ""


class Agreed(NamedTuple):
    """What a department's own book says against the hub (empty: the same)."""

    member: Member
    disagreements: list[str]


class Performance:
    """One play on a stage that stands. `sent` tells what the connectors have delivered to a department."""

    def __init__(
        self,
        desk: Desk,
        facts: Facts,
        links: Mapping[str, Link],
        sent: Callable[[str], Sent],
        patience: float = PATIENCE,
    ) -> None:
        self._desk = desk
        self._facts = facts
        self._links = links
        self._sent = sent
        self._patience = patience
        self.case: str | None = None
        """Id of the case, once it is reported."""

    def steps(self, play: Play) -> Iterator[Played]:
        """Each step as it has been played; goes on after a wrong one, so that one sees what follows."""
        for number, step in enumerate(play.steps, 1):
            facts, problem = self._said(number, step) if step.claim else ([], "")
            if step.does:
                self._links[step.to].do(step.does, step.form)
            come, missing = self._come(step)
            yield Played(step, [*facts, *come], problem or missing or self._silent(step))

    def _said(self, number: int, step: Step) -> tuple[list[Fact], str]:
        case = self._case(step.about)
        if case is None:
            return [], "nothing has been reported yet"
        now = datetime.now(UTC).isoformat()
        word = Word(
            claim=step.claim or "",
            about=case,
            by=step.by,
            at=now,
            fields=step.fields,
            text=step.text,
            files=step.files,
            source=f"desk:{case}",
            occurrence=f"step {number}",
        )
        facts = self._facts.from_claim(self._desk.say(word).claim_id)
        return facts, "" if exactly(facts, step.expect) else _instead(facts, step.expect)

    def _come(self, step: Step) -> tuple[list[Fact], str]:
        """Waits for what each organisation must say; the facts of all of them."""
        found: list[Fact] = []
        for org, expected in step.come.items():
            enough = self._facts.until(partial(self._has_said, org, step.about, expected), self._patience)
            said = self._by(org, step.about)
            found += said
            if not enough:
                return found, f"by {org}: {_instead(said, expected)}"
        return found, ""

    def _has_said(self, org: str, about: str, expected: tuple[Expected, ...]) -> bool:
        return among(self._by(org, about), expected)

    def _by(self, org: str, about: str = "") -> list[Fact]:
        """What an organisation has said of a case."""
        case = self._case(about)
        return [fact for fact in self._facts.of(case) if fact.meta.actor.org == org] if case else []

    def _case(self, reporter: str) -> str | None:
        """The case that an organisation reported first; of nobody in particular: the first report of all."""
        if not reporter and self.case is not None:
            return self.case
        reported = (fact.meta for fact in self._facts.seen if fact.name == "Reported")
        found = next((meta.subject.id for meta in reported if reporter in ("", meta.actor.org)), None)
        if not reporter:
            self.case = found
        return found

    def _silent(self, step: Step) -> str:
        spoke = [org for org in step.silent if self._by(org)]
        return f"{', '.join(spoke)} should have said nothing" if spoke else ""

    def agreements(self, play: Play) -> Iterator[Agreed]:
        """What every department's own book says in the end, waiting for what is still on its way."""
        deadline = time.monotonic() + self._patience
        for member in play.members:
            while (found := self._differences(member.name)) and time.monotonic() < deadline:
                time.sleep(0.2)
            yield Agreed(member, found)

    def _differences(self, name: str) -> list[str]:
        sent = self._sent(name)
        owed = [f"{row['step']} is {row['state']}: {row['detail']}" for row in sent.open]
        return [*owed, *self._links[name].disagreements(sent)]


def _instead(facts: list[Fact], expected: tuple[Expected, ...]) -> str:
    wanted = [one if isinstance(one, str) else " ".join(map(str, one.values())) for one in expected] or ["nothing"]
    found = [f"{f.name} by {f.body.rule}" if f.name == "Refused" else f.name for f in facts] or ["nothing"]
    return f"expected {', '.join(wanted)}; came {', '.join(found)}"
