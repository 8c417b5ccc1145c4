"""The witness of the fault tests would notice what they claim does not happen."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from schemas.events import Assignment, Closed, Committed
from tests.builders import T0, Said, claim_record, dispatched, fact, fact_record, filed, reported, whole_loop
from tests.faults import oracle

LATE = [
    fact(reported(), 1),
    fact(filed(), 2, irregular=("time.before-report",)),
    fact(dispatched(Assignment("NYPD", "lead")), 3),
    fact(Committed(T0, "basis"), 4),
    fact(Closed("recorded"), 5),
]
CLAIMS = whole_loop()[:5]


def answered(facts: list[Any], claims: list[Said]) -> list[Any]:
    """The facts, each naming the claim of its place."""
    return [
        (replace(meta, claim_id=said.meta.claim_id), body) for (meta, body), said in zip(facts, claims, strict=False)
    ]


def judged(monkeypatch: pytest.MonkeyPatch, facts: list[Any], **places: int) -> oracle.Verdict:
    """The verdict on these facts in their order; `places` moves records: `at3=1` puts number 3 into partition 1."""
    records = [fact_record(one, n, partition=places.get(f"at{n}", 0)) for n, one in enumerate(facts)]
    topics = {"t.claims": [claim_record(one, n) for n, one in enumerate(CLAIMS)], "t.facts": records}
    monkeypatch.setattr(oracle, "read", lambda _bootstrap, topic: [oracle._seen(record) for record in topics[topic]])
    return oracle.judge("nowhere", "t")


def test_a_quiet_day_has_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = judged(monkeypatch, answered(LATE, CLAIMS))
    assert (verdict.facts, len(verdict.claims), verdict.lost, verdict.doubled) == (5, 5, set(), set())
    figures = verdict.figures()
    assert (figures["cases"], figures["late"], figures["late_by_agency"], figures["irregular"]) == (
        1,
        1,
        {"NYPD": 1},
        1,
    )


def test_a_claim_without_a_fact_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(monkeypatch, answered(LATE[:4], CLAIMS)).lost == {CLAIMS[4].meta.claim_id}


def test_a_fact_that_stands_there_twice_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = answered(LATE, CLAIMS)
    again = (replace(facts[4][0], seq=6, recorded_at=facts[4][0].recorded_at + 1), facts[4][1])
    assert judged(monkeypatch, [*facts, again]).doubled == {facts[4][0].fact_id}
    with pytest.raises(AssertionError, match=r"fact 5 of .* follows 5"):
        judged(monkeypatch, [*facts, facts[4]])


def test_a_gap_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = answered(LATE, CLAIMS)
    with pytest.raises(AssertionError, match=r"fact 4 of .* follows 2"):
        judged(monkeypatch, [*facts[:2], *facts[3:]])


def test_facts_out_of_order_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = answered(LATE, CLAIMS)
    late = (replace(facts[4][0], recorded_at=T0), facts[4][1])
    with pytest.raises(AssertionError):
        judged(monkeypatch, [*facts[:4], late])


def test_a_case_in_two_partitions_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="two partitions"):
        judged(monkeypatch, answered(LATE, CLAIMS), at4=1)
