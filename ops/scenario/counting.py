"""The figures with which a scenario must end, as `threecross indicators` would tell them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from ops.indicators import figures
from ops.indicators.conditions import Period
from ops.indicators.definitions import load
from ops.scenario.facts import PATIENCE, Facts
from ops.scenario.script import Count, Script
from streams.views.tables import cases


class Counted(NamedTuple):
    """A figure that was expected, and what was found."""

    wanted: Count
    part: int
    whole: int

    @property
    def right(self) -> bool:
        return (self.part, self.whole) == (self.wanted.part, self.wanted.whole)

    def document(self) -> dict[str, Any]:
        """For programs."""
        count = self.wanted
        found = {
            "indicator": count.indicator,
            "from": count.start,
            "to": count.end,
            "part": self.part,
            "whole": self.whole,
        }
        return {**found, "expected": None if self.right else {"part": count.part, "whole": count.whole}}


def counted(engine: Engine, facts: Facts, script: Script, now: int) -> Iterator[Counted]:
    """The script's figures as of `now` (UTC µs), once the views have every fact that was read."""
    if script.figures:
        _wait(engine, facts)
    zone, at = ZoneInfo(script.zone), datetime.fromtimestamp(now / 1e6, UTC)
    with engine.connect() as connection:
        for one in script.figures:
            start, end = (datetime.fromisoformat(day).replace(tzinfo=zone) for day in (one.start, one.end))
            (wanted,) = (found for found in load(on=start.date()) if found.name == one.indicator)
            (figure,) = figures.figures(connection, [wanted], Period(start, end, at))
            yield Counted(one, figure.part, figure.whole)


def _wait(engine: Engine, facts: Facts) -> None:
    """Until each case of the views stands at its last fact, or for PATIENCE."""
    told = Counter(fact.meta.subject.id for fact in facts.seen if fact.meta.subject.kind == "case")
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with engine.connect() as connection:
            stand = {row.case_id: row.seq for row in connection.execute(select(cases.c.case_id, cases.c.seq))}
        if all(stand.get(case, 0) >= seq for case, seq in told.items()):
            return
        time.sleep(0.02)
