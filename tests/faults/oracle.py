"""An independent witness: knows what Kafka holds and what producers were told, and none of the hub's own code but ids.

Reads with kafka-python, decodes with fastavro by the schemas as released, folds with its own few lines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from tests.faults.reading import decode, records


@dataclass(frozen=True)
class Seen:
    """One record: where it stands, its event's name, its fields."""

    partition: int
    offset: int
    key: str
    name: str
    event: dict[str, Any]

    @property
    def meta(self) -> dict[str, Any]:
        return dict(self.event["meta"])

    @property
    def claim_id(self) -> str:
        return str(self.meta["claim_id"])


BY_TIME = ("Warned", "RanOut", "RunOutWithdrawn")


def read(bootstrap: str, topic: str) -> list[Seen]:
    """Every committed record of a topic, by partition and offset."""
    return sorted(map(_seen, records(bootstrap, topic)), key=lambda seen: (seen.partition, seen.offset))


def _seen(record: Any) -> Seen:
    return Seen(record.partition, record.offset, record.key.decode(), *decode(record.value))


@dataclass
class Case:
    """What the witness makes of the facts of one case."""

    seq: int = 0
    lead: str = ""
    due: datetime | None = None
    closed: datetime | None = None
    irregular: bool = False
    refused: int = 0

    def fold(self, seen: Seen) -> None:
        meta, event = seen.meta, seen.event
        assert meta["seq"] == self.seq + 1, f"fact {meta['seq']} of {seen.key} follows {self.seq}"
        self.seq += 1
        self.irregular |= bool(meta["irregular"])
        match seen.name:
            case "Dispatched":
                (self.lead,) = [party["org"] for party in event["parties"] if party["role"] == "lead"]
            case "Committed":
                self.due = event["due_at"]
            case "Closed":
                self.closed = meta["occurred_at"]
            case "Refused":
                self.refused += 1


@dataclass
class Verdict:
    """Everything that the witness has found: figures, cases, and ids of claims by what became of them."""

    cases: dict[str, Case] = field(default_factory=dict)
    facts: int = 0
    by_time: Counter[str] = field(default_factory=Counter)
    """Facts that time alone has made, by name; they are among `facts`."""
    claims: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)

    def figures(self) -> dict[str, Any]:
        """Figures of an import of New York's requests."""
        cases = self.cases.values()
        promised = [case for case in cases if case.due and case.closed]
        late = [case for case in promised if case.due and case.closed and case.closed > case.due]
        return {
            "cases": len(self.cases),
            "closing_dates": sum(case.closed is not None for case in cases),
            "unclosed": sum(case.closed is None for case in cases),
            "irregular": sum(case.irregular for case in cases),
            "promised_and_closed": len(promised),
            "late": len(late),
            "late_by_agency": dict(Counter(case.lead for case in late)),
            "refused": sum(case.refused for case in cases),
        }


def judge(bootstrap: str, namespace: str) -> Verdict:
    """Reads claims and facts. Fails where a case's facts are not numbered 1, 2, 3 … in one partition, in order of time.

    A claim is lost when no fact names it, doubled when its facts stand there twice.
    """
    verdict, facts = Verdict(), read(bootstrap, f"{namespace}.facts")
    verdict.claims = {seen.claim_id for seen in read(bootstrap, f"{namespace}.claims")}
    verdict.facts = len(facts)
    homes: dict[str, set[int]] = defaultdict(set)
    ids: Counter[str] = Counter()
    recorded: dict[int, datetime] = {}
    for seen in facts:
        assert seen.key == str(seen.meta["subject"]["id"])
        homes[seen.key].add(seen.partition)
        ids[str(seen.meta["fact_id"])] += 1
        verdict.cases.setdefault(seen.key, Case()).fold(seen)
        if seen.name in BY_TIME:
            verdict.by_time[seen.name] += 1
        assert seen.meta["recorded_at"] > recorded.get(seen.partition, seen.meta["recorded_at"].replace(year=1970))
        recorded[seen.partition] = seen.meta["recorded_at"]
    assert {len(found) for found in homes.values()} <= {1}, "a case lives in two partitions"
    verdict.doubled = {fact for fact, count in ids.items() if count > 1}
    verdict.lost = verdict.claims - {seen.claim_id for seen in facts}
    return verdict


def assert_views_agree(dsn: str, schema: str, verdict: Verdict) -> None:
    """The tables, asked in plain SQL, say what the facts say."""
    with psycopg.connect(dsn, options=f"-c search_path={schema}") as c:
        found = c.execute(
            "SELECT case_id::text, seq, coalesce(lead, ''), committed_due_at, closed_at, cardinality(irregular) > 0,"
            " refused FROM cases"
        ).fetchall()
        broken = c.execute("SELECT partition, broken FROM partitions WHERE broken <> '{}'").fetchall()
    assert broken == []
    expected = {
        (subject, case.seq, case.lead, case.due, case.closed, case.irregular, case.refused)
        for subject, case in verdict.cases.items()
    }
    assert set(found) == expected
