"""The demo's figures, each from the facts on Kafka and from the views in PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from connectors.tables import claim_store, positions
from ops.deadletters import DeadLetter
from ops.demo.reading import CaseTold, Claims
from streams.views.tables import cases

Figures = dict[str, Any]

CLOSED_THERE = "Closed"
"""The status by which New York says that a request is closed."""


def from_facts(told: Sequence[CaseTold]) -> Figures:
    """Figures of the cases of one system, from their facts."""
    promised = [case for case in told if case.due is not None and case.closed is not None]
    late = [case for case in promised if case.closed > case.due]  # type: ignore[operator]  # both are there
    return {
        "cases": len(told),
        "closing_dates": sum(case.closed is not None for case in told),
        "unclosed": sum(case.closed is None for case in told),
        "irregular": sum(case.irregular for case in told),
        "status_disagrees": sum(_disagrees(case) for case in told),
        "promised_and_closed": len(promised),
        "late": len(late),
        "late_by_agency": _ranked(Counter(case.lead for case in late)),
        "self_handled": sum(case.self_handled for case in told),
        "looped": sum(case.dispatched for case in told),
        "reworks": sum(case.reworks for case in told),
        "refused": sum(case.refused for case in told),
        "facts": sum(case.facts for case in told),
    }


def _disagrees(case: CaseTold) -> bool:
    """A source that gives no status cannot disagree."""
    return case.closed is not None and case.status not in (None, CLOSED_THERE)


def from_views(connection: Connection, system: str) -> Figures:
    """The same figures, from the tables."""
    c = cases.c
    closed, promised = c.closed_at.is_not(None), c.committed_due_at.is_not(None)
    late = c.closed_at > c.committed_due_at
    count = func.count()
    query = select(
        count.label("cases"),
        count.filter(closed).label("closing_dates"),
        count.filter(~closed).label("unclosed"),
        count.filter(func.cardinality(c.irregular) > 0).label("irregular"),
        count.filter(closed, c.upstream_status != CLOSED_THERE).label("status_disagrees"),
        count.filter(closed, promised).label("promised_and_closed"),
        count.filter(late).label("late"),
        count.filter(c.closing_kind == "self_handled").label("self_handled"),
        count.filter(c.dispatched_at.is_not(None)).label("looped"),
        func.coalesce(func.sum(c.reworks), 0).label("reworks"),
        func.coalesce(func.sum(c.refused), 0).label("refused"),
        func.coalesce(func.sum(c.seq), 0).label("facts"),
    ).where(c.system == system)
    row = connection.execute(query).mappings().one()
    agencies = select(c.lead, count.label("number")).where(c.system == system, late).group_by(c.lead)
    found: Figures = {name: int(value) for name, value in row.items()}
    found["late_by_agency"] = _ranked({row.lead: row.number for row in connection.execute(agencies)})
    return found


def _ranked(leads: Mapping[str | None, int]) -> dict[str, int]:
    return {str(lead): number for lead, number in sorted(leads.items(), key=lambda pair: (-pair[1], str(pair[0])))}


def acknowledged(connection: Connection, connector: str) -> set[str]:
    """Ids of the claims that Kafka has acknowledged to this connector."""
    query = (
        select(claim_store.c.claim_id)
        .join(positions, positions.c.connector == claim_store.c.connector)
        .where(claim_store.c.connector == connector, claim_store.c.number <= positions.c.acknowledged)
    )
    return set(connection.scalars(query))


def lost(acknowledged_ids: Iterable[str], claims: Claims, answered: set[str], dead: Sequence[DeadLetter]) -> int:
    """Claims that Kafka has, or has acknowledged, with neither fact nor refusal nor dead letter.

    `answered`: ids of the claims that facts (refusals are facts) name.
    """
    dead_places = {letter.position for letter in dead}
    unanswered = (set(acknowledged_ids) | claims.places.keys()) - answered
    return sum(not claims.places.get(claim, set()) & dead_places for claim in unanswered)
