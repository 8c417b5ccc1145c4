"""Silence is noticed on real Kafka: at its moment, once, after a pause too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.events import Commit, File, Suspend
from tests.builders import APPROVER, Said, claim, dispatch, report
from tests.integration.engine import Hub, Told, now, wait_until

SECOND = 1_000_000
BY_TIME = ("Warned", "RanOut", "Resumed")


def promised(numbers: Iterable[int], seconds: int) -> list[Said]:
    """Cases each of which is promised to be done within so many seconds from now."""
    at = now()
    bodies: tuple[Any, ...] = (report(), File(), dispatch(), Commit(at + seconds * SECOND, "shed"))
    return [claim(body, number=str(n), at=at) for body in bodies for n in numbers]


def noticed(hub: Hub) -> list[Told]:
    return [told for told in hub.facts() if type(told.body).__name__ in BY_TIME]


def test_what_falls_due_in_silence_is_a_fact_within_moments(hub: Hub) -> None:
    hub.casework()
    clocks = hub.clocks()
    hub.send(promised(range(5), 5))
    wait_until(lambda: len(noticed(hub)) == 10, "a warning and a run-out of each case")
    for told in noticed(hub):
        assert told.meta.recorded_at >= told.meta.occurred_at
        assert told.meta.actor.role == "clocks"
    assert clocks.metric("threecross_time_claims_total") == 10
    assert clocks.metric("threecross_clock_facts_total", fact="RanOut", clock="closure") == 5


def test_a_suspension_ends_by_itself(hub: Hub) -> None:
    hub.casework()
    hub.clocks()
    at = now()
    opened = [claim(body, at=at) for body in (report(), File(), dispatch())]
    hub.send([*opened, claim(Suspend("season", at + 3 * SECOND), by=APPROVER, at=at)])
    wait_until(lambda: len(noticed(hub)) == 1, "the end of the suspension")
    (resumed,) = noticed(hub)
    assert (resumed.meta.occurred_at, resumed.body.by_itself) == (at + 3 * SECOND, True)


def test_what_fell_due_while_nobody_looked_is_noticed_with_its_true_moment(hub: Hub) -> None:
    hub.casework()
    first = hub.clocks()
    hub.send(promised(range(3), 4))
    wait_until(lambda: len(hub.facts()) >= 12, "the promises")
    hub.stop(first)
    wait_until(lambda: now() > hub.facts()[0].meta.occurred_at + 5 * SECOND, "the promises to be over")
    hub.clocks()
    wait_until(lambda: len(noticed(hub)) == 6, "what was missed")
    ends = {told.body.due_at for told in hub.facts() if type(told.body).__name__ == "Committed"}
    assert {told.meta.occurred_at for told in noticed(hub) if type(told.body).__name__ == "RanOut"} == ends
