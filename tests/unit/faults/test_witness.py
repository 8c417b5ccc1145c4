"""The judge of the fault campaigns finds what it is there to find: each kind of wrong has its bad twin here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest

from schemas import codec
from schemas.events import Closed
from schemas.wire.headers import POSITION, dead_letter_headers, position_bytes
from streams.core.stamp import fact_meta
from tests import builders as b
from tests.builders import Record, Said
from tests.faults.journal import HEAD, Acknowledged, Sighting
from tests.faults.retelling import Tables
from tests.faults.witness import KINDS, Witness

POISON = b"\0\0\0\0"


def fact_of(said: Said, body: Any, seq: int, claim_offset: int, offset: int, index: int = 0, count: int = 1) -> Record:
    meta = fact_meta(said.meta, said.digest, index, seq, b.T0 + offset, ())
    header = (POSITION, position_bytes(1, claim_offset, index, count))
    return Record("facts", 0, offset, said.key, codec.encode(meta, body), (header,))


def dead_letter(offset: int) -> Record:
    return Record("dead", 0, 0, None, b"", tuple(dead_letter_headers("claims", 0, offset, "casework", "x", "")))


@dataclass
class Evidence:
    """One case on the closure loop, a self-handled one (one claim, two facts) and one record of poison behind them."""

    claims: list[Record] = field(default_factory=list)
    facts: list[Record] = field(default_factory=list)
    dead: list[Record] = field(default_factory=list)
    told: list[Acknowledged] = field(default_factory=list)
    seen: list[Sighting] | None = None
    broken: list[str] = field(default_factory=list)

    @classmethod
    def of_a_good_day(cls) -> Evidence:
        made = cls()
        loop = b.whole_loop()
        short = [b.claim(b.report(), number="2"), b.claim(b.CLAIMS[4], number="2")]
        made.claims = [b.claim_record(said, i) for i, said in enumerate([*loop, *short])]
        made.facts = [
            fact_of(said, body, i + 1, i, 2 * i) for i, (said, body) in enumerate(zip(loop, b.CLOSED, strict=True))
        ]
        handled, closed = b.FACTS[5], Closed("self_handled")
        made.facts += [fact_of(short[0], b.reported(), 1, 9, 18), fact_of(short[1], handled, 2, 10, 20, 0, 2)]
        made.facts += [fact_of(short[1], closed, 3, 10, 21, 1, 2)]
        made.claims.append(Record("claims", 0, 11, loop[0].key, POISON))
        made.dead = [dead_letter(11)]
        kinds = ["claim"] * 11 + ["poison"]
        made.told = [
            Acknowledged(kind, 0, r.offset, sha256(r.value or b"").digest())
            for kind, r in zip(kinds, made.claims, strict=True)
        ]
        return made

    def sightings(self) -> list[Sighting]:
        return [Sighting(0, r.offset, 0.0, sha256(r.value or b"").digest()[:HEAD]) for r in self.facts]

    def verdict(self, tables: Tables | None = None) -> dict[str, Any]:
        witness = Witness()
        for see, records in (
            (witness.see_claim, self.claims),
            (witness.see_dead_letter, self.dead),
            (witness.see_fact, self.facts),
        ):
            for record in records:
                see(record)
        count = witness.judge_acknowledged(self.told)
        witness.judge_claims()
        witness.judge_numbers()
        witness.judge_sightings(self.sightings() if self.seen is None else self.seen)
        witness.judge_views(witness.tables if tables is None else tables, self.broken)
        return witness.verdict(count)

    def wrong(self, tables: Tables | None = None) -> set[str]:
        verdict = self.verdict(tables)
        return {kind for kind in KINDS if verdict[kind]}


@pytest.fixture
def day() -> Evidence:
    return Evidence.of_a_good_day()


def test_a_good_day_has_nothing_wrong(day: Evidence) -> None:
    verdict = day.verdict()
    assert {kind: verdict[kind] for kind in KINDS} == dict.fromkeys(KINDS, 0)
    assert verdict["examples"] == {}
    assert (verdict["claims"], verdict["poison"], verdict["facts"], verdict["cases"]) == (11, 1, 12, 2)


def test_a_missing_fact_is_lost(day: Evidence) -> None:
    del day.facts[4]
    assert "lost" in day.wrong()


def test_a_missing_last_fact_is_lost(day: Evidence) -> None:
    del day.facts[8]
    assert day.wrong() == {"lost"}


def test_half_a_decision_is_lost(day: Evidence) -> None:
    day.facts.pop()
    assert day.wrong() == {"lost"}


def test_poison_without_dead_letter_is_lost(day: Evidence) -> None:
    day.dead.clear()
    assert day.wrong() == {"lost"}


def test_an_acknowledged_claim_that_kafka_has_not_is_lost(day: Evidence) -> None:
    day.told.append(Acknowledged("claim", 0, 99, bytes(32)))
    assert day.wrong() == {"lost"}


def test_a_fact_that_a_reader_never_saw_is_lost(day: Evidence) -> None:
    day.seen = day.sightings()[:-1]
    assert day.wrong() == {"lost"}


def test_a_doubled_fact_is_duplicated(day: Evidence) -> None:
    day.facts.insert(5, day.facts[4]._replace(offset=9))
    assert "duplicated" in day.wrong()


def test_a_claim_decided_once_more_is_duplicated(day: Evidence) -> None:
    said = b.whole_loop()[8]
    day.claims.append(b.claim_record(said, 12))
    assert day.wrong() == set(), "the same bytes again are no harm by themselves"
    day.facts.append(fact_of(said, Closed("checked"), 10, 12, 30))
    assert "duplicated" in day.wrong()


def test_two_dead_letters_of_one_record_are_duplicated(day: Evidence) -> None:
    day.dead *= 2
    assert day.wrong() == {"duplicated"}


def test_a_fact_seen_twice_is_duplicated(day: Evidence) -> None:
    day.seen = [*day.sightings(), day.sightings()[0]]
    assert day.wrong() == {"duplicated"}


def test_swapped_facts_are_reordered(day: Evidence) -> None:
    first, second = day.facts[3:5]
    day.facts[3:5] = [second._replace(offset=first.offset), first._replace(offset=second.offset)]
    assert day.wrong() == {"reordered"}


def test_swapped_facts_of_different_subjects_are_reordered(day: Evidence) -> None:
    first, second = day.facts[8:10]
    day.facts[8:10] = [second._replace(offset=first.offset), first._replace(offset=second.offset)]
    assert day.wrong() == {"reordered"}


def test_a_fact_in_the_wrong_place_is_reordered(day: Evidence) -> None:
    day.facts[0] = day.facts[0]._replace(key=b"somebody else")
    assert day.wrong() == {"reordered"}


def test_a_fact_that_a_reader_saw_and_that_is_gone_is_stale(day: Evidence) -> None:
    day.seen = [*day.sightings(), Sighting(0, 17, 0.0, b"aborted!")]
    assert day.wrong() == {"stale"}


def test_a_fact_that_has_changed_since_is_stale(day: Evidence) -> None:
    day.seen = [one._replace(head=bytes(HEAD)) if i == 3 else one for i, one in enumerate(day.sightings())]
    assert day.wrong() == {"stale"}


def test_a_row_that_is_not_the_fold_of_the_facts_is_stale(day: Evidence) -> None:
    other = Evidence.of_a_good_day()
    behind = Witness()
    for record in other.facts[:-1]:
        behind.see_fact(record)
    assert day.wrong(behind.tables) == {"stale"}


def test_a_subject_that_the_views_have_given_up_is_stale(day: Evidence) -> None:
    day.broken = ["somebody"]
    assert day.wrong() == {"stale"}


def test_a_good_claim_that_became_a_dead_letter_is_misjudged(day: Evidence) -> None:
    day.dead.append(dead_letter(8))
    assert day.wrong() == {"misjudged"}


def test_a_fact_that_names_a_claim_that_is_not_there_is_misjudged(day: Evidence) -> None:
    day.claims[8] = b.claim_record(b.claim(b.report(), number="3"), 8)
    assert "misjudged" in day.wrong()


def test_what_was_told_is_counted_by_kind(day: Evidence) -> None:
    witness = Witness()
    for record in day.claims:
        witness.see_claim(record)
    assert witness.judge_acknowledged(day.told) == Counter(claim=11, poison=1)
