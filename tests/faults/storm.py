"""A storm over the wires: companies fail in every way they can, the connectors are killed, work goes on meanwhile.

What comes next is drawn from a seed; when exactly it meets what, nobody knows. At the end everything is well again, and
then nothing may be missing, nothing done twice, nothing out of order.
"""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from collections.abc import Callable

from schemas import ids
from schemas.events import Assignment, File
from tests.builders import SYSTEM, claim, dispatch, report
from tests.integration.companies import City
from tests.integration.counterpart import Company

KINDS = ("_500", "_409", "_429", "_503", "hang", "twice", "reordered", "forged", "skewed", "lost")
STORY = {
    "power": ["Acknowledged", "Committed", "Progressed", "HandedBack"],
    "water": ["Acknowledged", "HandedBack"],
    "heat": ["Acknowledged", "ExtensionAsked", "HandedBack"],
}
"""What each company's case comes to, whatever happens on the way."""
CALM_SECONDS = 120.0


class Storm:
    """One campaign over a city; `cases` are those that were sent, by company."""

    def __init__(self, city: City, seed: int) -> None:
        self.city, self.cases = city, defaultdict[str, list[str]](list)
        self.happened: list[str] = []
        self._chance = random.Random(seed)
        self._number = 0

    def blow(self, seconds: float) -> None:
        """Send cases and let things go wrong for so long, then let the sun out and wait until all is done."""
        end = time.monotonic() + seconds
        happenings: tuple[tuple[Callable[[], None], int], ...] = ((self._fault, 6), (self._kill, 2), (self._down, 2))
        while time.monotonic() < end:
            self.send(2)
            (happen,) = self._chance.choices(*zip(*happenings, strict=True))
            happen()
            time.sleep(0.5)
        for company in self.city.companies.values():
            company.fault(**dict.fromkeys(KINDS, 0))
        deadline = time.monotonic() + CALM_SECONDS
        while waiting := [name for name in self.city.companies if not self._done(name)]:
            assert time.monotonic() < deadline, f"no calm in {CALM_SECONDS:.0f} s: {[*map(self._why, waiting)]}"
            time.sleep(0.5)

    def send(self, count: int) -> None:
        """So many cases for each company, dispatched to it alone."""
        for name in self.city.companies:
            for _ in range(count):
                self._number += 1
                number = str(self._number)
                bodies = (report(), File(), dispatch(Assignment(name, "lead")))
                self.city.hub.send([claim(body, number=number) for body in bodies])
                self.cases[name].append(ids.case_id(SYSTEM, number))

    def _fault(self) -> None:
        name, company = self._one()
        kind, times = self._chance.choice(KINDS), self._chance.randint(1, 3)
        self.happened.append(f"{name} {kind.strip('_')}")
        company.fault(**{kind: 1 if kind == "_409" else times})

    def _kill(self) -> None:
        self.happened.append("connectors killed")
        self.city.kill()
        self.city.start()

    def _down(self) -> None:
        name, company = self._one()
        self.happened.append(f"{name} down")
        company.down()
        time.sleep(self._chance.uniform(0.5, 2))
        company.up()

    def _one(self) -> tuple[str, Company]:
        return self._chance.choice(sorted(self.city.companies.items()))

    def _done(self, name: str) -> bool:
        return self.city.settled(name) and not self._lacking(name)

    def _lacking(self, name: str) -> list[str]:
        """Cases of a company that it has not handed back."""
        done = {told.meta.subject.id for told in self.city.facts() if type(told.body).__name__ == "HandedBack"}
        return [case for case in self.cases[name] if case not in done]

    def _why(self, name: str) -> dict[str, object]:
        """What a company is still waited for, and what is known of it."""
        company, lacking = self.city.companies[name], self._lacking(name)
        book = company.book()
        ours = {row["number"] for row in book["orders"] if json.loads(row["content"])["reference"] in lacking}
        return {
            "company": name,
            "owed": self.city.owed(name),
            "facts": [
                (t.meta.subject.id, t.meta.seq, t.body) for t in self.city.facts() if t.meta.subject.id in lacking
            ],
            "events": [row for row in book["events"] if row["number"] in ours or row["next_try"] is not None],
            "letters": self.city.linked.rows("SELECT connector, detail, position FROM connector_dead_letters"),
        }

    def assert_unharmed(self) -> None:
        """Nothing lost, nothing twice, everything in order, on both sides."""
        stories: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for told in self.city.facts():
            stories[told.meta.actor.org, told.meta.subject.id].append(type(told.body).__name__)
        for name, company in self.city.companies.items():
            self.city.assert_agreed(name)
            for case in self.cases[name]:
                assert stories[name, case] == STORY[name], f"{name} {case}"
            book = company.book()
            ordered = {row["number"]: json.loads(row["content"])["reference"] for row in book["orders"]}
            assert sorted(ordered.values()) == sorted(self.cases[name])
