"""Deciding batches of claims on an overlay: what each record leads to, positions, dead letters, numbers."""

from __future__ import annotations

from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from schemas import codec, ids
from schemas.events import (
    Acknowledge,
    Actor,
    AddAlias,
    Calendar,
    CalendarYear,
    ChangeRegime,
    Commit,
    Condition,
    File,
    Filed,
    Place,
    Refused,
    Reported,
    Standard,
    Versions,
    Window,
)
from schemas.wire.headers import POSITION, START, Position, position_bytes, position_of
from streams.casework import deciding
from streams.casework.deciding import EARLIEST, LATEST, MAX_FACT_BYTES, Decider, Rules
from streams.casework.state import Batch, PartitionState
from streams.core import case as cases
from streams.core.reference import EMPTY, NotReadYet
from tests.builders import (
    AUTHORITY,
    MINUTE,
    STREET,
    T0,
    Record,
    Said,
    claim,
    claim_record,
    fact,
    report,
    whole_loop,
)
from tests.reference_samples import DAY, load, org, reference

RULES = Rules(AUTHORITY, ZoneInfo("Asia/Shanghai"), "411702", 1)
DECIDER = Decider(RULES, 0)
NOW = T0 + 10**9


def decide(*records: Record, state: PartitionState | None = None, now: int = NOW) -> Batch:
    return DECIDER.decide_batch(state or PartitionState(), records, now)


def recorded(*said: Said, first: int = 0) -> list[Record]:
    return [claim_record(one, offset) for offset, one in enumerate(said, first)]


def bodies(batch: Batch) -> list[Any]:
    return [codec.decode(value)[1] for _, value, _, _ in batch.facts]


def metas(batch: Batch) -> list[Any]:
    return [codec.decode(value)[0] for _, value, _, _ in batch.facts]


def positions(batch: Batch) -> list[Position]:
    return [position_of(tuple(headers)) for _, _, headers, _ in batch.facts]


# ------------------------------------------------------------ facts


def test_a_batch_is_decided_in_order_each_claim_on_what_the_ones_before_left() -> None:
    batch = decide(*recorded(*whole_loop()))
    names = [type(body).__name__ for body in bodies(batch)]
    assert names[:4] == ["Reported", "Filed", "Dispatched", "Acknowledged"]
    assert [meta.seq for meta in metas(batch)] == list(range(1, 10))


def test_nothing_is_changed_before_the_commit() -> None:
    state = PartitionState()
    decide(*recorded(*whole_loop()), state=state)
    assert (state.subjects, state.position, state.recorded_at, state.facts_offset) == ({}, START, 0, 0)


def test_each_fact_carries_where_it_came_from() -> None:
    batch = decide(*recorded(*whole_loop()[:2], first=7))
    assert positions(batch) == [Position(1, 7, 0, 1), Position(1, 8, 0, 1)]
    assert batch.position == Position(1, 8, 0, 1)


def test_facts_of_one_claim_are_counted() -> None:
    loop = whole_loop()
    failed = claim(replace(loop[7].body, result="failed"), at=T0 + 10**9)
    batch = decide(*recorded(*loop[:7], failed))
    assert positions(batch)[-2:] == [Position(1, 7, 0, 2), Position(1, 7, 1, 2)]
    first, second = metas(batch)[-2:]
    assert [first.fact_id, second.fact_id] == [ids.fact_id(failed.meta.claim_id, i) for i in (0, 1)]
    assert second.recorded_at == first.recorded_at + 1


def test_a_fact_says_who_when_and_from_which_bytes() -> None:
    said = claim(report(), at=T0 + 5)
    (meta,) = metas(decide(claim_record(said, 0)))
    assert (meta.occurred_at, meta.recorded_at, meta.actor, meta.source) == (T0 + 5, NOW, STREET, said.meta.source)
    assert (meta.claim_id, meta.claim_digest, meta.case_id) == (said.meta.claim_id, said.digest, said.meta.subject.id)
    assert meta.irregular == ()


def test_recorded_at_rises_strictly_even_when_the_clock_stands_or_falls() -> None:
    state = PartitionState()
    first = decide(*recorded(*whole_loop("1"), *whole_loop("2")), state=state)
    state.merge(first, 18)
    second = decide(*recorded(*whole_loop("3"), first=18), state=state, now=NOW - 10**9)
    times = [meta.recorded_at for meta in metas(first) + metas(second)]
    assert times == sorted(set(times))
    assert [at for *_, at in first.facts] == [time // 1000 for time in times[:18]]


def test_the_key_of_a_fact_is_its_subject() -> None:
    batch = decide(*recorded(*whole_loop()))
    assert {key for key, *_ in batch.facts} == {ids.case_id("hotline", "1").encode()}


# ------------------------------------------------------------ numbers


def test_cases_of_a_batch_are_numbered_one_after_the_other() -> None:
    loops = [whole_loop(str(i))[:2] for i in range(3)]
    filed = [body for body in bodies(decide(*recorded(*chain(*loops)))) if isinstance(body, Filed)]
    assert [ids.parse_number(body.number).counter for body in filed] == [1, 2, 3]
    assert {ids.parse_number(body.number).division for body in filed} == {"411702"}


@pytest.mark.parametrize(
    ("division", "spoken"), [("410102003", "410102"), (None, "411702"), ("41", "411702"), ("４１０１０２", "411702")]
)
def test_a_number_speaks_the_division_of_the_place_or_else_the_hubs(division: str | None, spoken: str) -> None:
    batch = decide(*recorded(claim(report(place=Place(division))), claim(File())))
    assert bodies(batch)[1].number.startswith(f"{spoken}-251123-000-00001-")


def test_a_refused_filing_uses_no_number() -> None:
    loops = [*whole_loop("1")[:2], claim(File(), occurrence="again"), *whole_loop("2")[:2]]
    batch = decide(*recorded(*loops))
    assert batch.numbers.counter == 2


def test_facts_say_by_which_version_of_the_reference_they_were_judged() -> None:
    rules = replace(RULES, reference=reference(("organisations", [org("street")]), ("organisations", [org("power")])))
    batch = Decider(rules, 0).decide_batch(PartitionState(), recorded(claim(report())), NOW)
    assert [meta.versions for meta in metas(batch)] == [Versions(reference=2)]


# ------------------------------------------------------------ claims that give nothing


def test_a_repeated_claim_gives_nothing_and_still_moves_the_position() -> None:
    said = claim(report())
    batch = decide(*recorded(said, said))
    assert len(batch.facts) == 1
    assert batch.position == Position(1, 1, -1, 0)
    assert batch.counts["repeated", ""] == 1


def test_claims_at_or_before_the_position_are_passed_over() -> None:
    state = PartitionState()
    records = recorded(*whole_loop())
    state.merge(decide(*records, state=state), 9)
    again = decide(*records, state=state)
    assert (again.facts, again.dead, again.position, again.counts) == ([], [], state.position, {})


def test_a_claims_topic_created_anew_starts_again_at_offset_0() -> None:
    state = PartitionState()
    state.merge(decide(*recorded(*whole_loop("1"))), 9)
    reborn = Decider(Rules(AUTHORITY, RULES.zone, "411702", 2), 0)
    batch = reborn.decide_batch(state, recorded(*whole_loop("2")), NOW)
    assert positions(batch)[0] == Position(2, 0, 0, 1)


def test_a_claim_id_with_other_content_is_refused_with_a_fact_id_of_its_own() -> None:
    said = claim(report())
    other, third = (said._replace(body=report(inlet=inlet)) for inlet in ("chat", "phone"))
    batch = decide(*recorded(said, other, other, said, third))
    assert [type(body) for body in bodies(batch)] == [Reported, Refused, Refused]
    assert [body.rule for body in bodies(batch)[1:]] == ["claim.id-reused"] * 2
    assert len({meta.fact_id for meta in metas(batch)}) == 3
    assert batch.counts["refused", "claim.id-reused"] == 2


# ------------------------------------------------------------ dead letters

GOOD = claim(report())
CONTENT = b"Mrs Wang, 13800138000"


def dead(record: Record) -> tuple[str, str]:
    """Reason and detail of a dead letter that stands between two good claims; these are decided as ever."""
    before, after = claim_record(claim(report(), number="2"), 0), claim_record(claim(report(), number="3"), 2)
    batch = decide(before, record._replace(offset=1), after)
    assert [type(body).__name__ for body in bodies(batch)] == ["Reported", "Reported"]
    assert batch.position == Position(1, 2, 0, 1)
    (letter,) = batch.dead
    assert letter.record.offset == 1
    assert batch.counts["dead", letter.reason] == 1
    return letter.reason, letter.detail


BAD = {
    "not-a-frame": claim_record(GOOD, 1, value=b"\xff" + CONTENT),
    "not-a-frame, empty": claim_record(GOOD, 1, value=b""),
    "unknown-schema": claim_record(GOOD, 1, value=b"\0\0\0\xff\xff" + CONTENT),
    "truncated": claim_record(GOOD, 1, value=GOOD.value[:-3]),
    "truncated, frame only": claim_record(GOOD, 1, value=GOOD.value[:5]),
    "trailing-bytes": claim_record(GOOD, 1, value=GOOD.value + CONTENT),
    "bad-value": claim_record(GOOD, 1, value=GOOD.value.replace(GOOD.key, GOOD.key.upper())),
    "key-mismatch": claim_record(GOOD, 1, key=ids.case_id("hotline", "9").encode()),
    "key-mismatch, none": claim_record(GOOD, 1, key=None),
    "key-mismatch, case": claim_record(GOOD, 1, key=GOOD.key.upper()),
    "no-value": claim_record(GOOD, 1, value=None),
    "not-a-claim": claim_record(GOOD, 1, value=codec.encode(*fact(Reported(report().category, Place(), "x")))),
    "bad-time, before": claim_record(claim(report(), at=EARLIEST - 1), 1),
    "bad-time, after": claim_record(claim(report(), at=LATEST), 1),
    "bad-time, due": claim_record(claim(Commit(LATEST, "basis")), 1),
    "too-large": claim_record(claim(report(inlet="x" * MAX_FACT_BYTES)), 1),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_becomes_a_dead_letter_and_the_batch_goes_on(name: str) -> None:
    reason, detail = dead(BAD[name])
    assert reason == name.split(",", maxsplit=1)[0]
    assert detail
    assert CONTENT.decode() not in detail


def test_the_refused_side_effects_of_a_huge_claim_stay_out_of_the_overlay() -> None:
    huge = claim(AddAlias("crm", "7" * MAX_FACT_BYTES))
    batch = decide(*recorded(claim(report()), huge, claim(File())))
    assert [type(body).__name__ for body in bodies(batch)] == ["Reported", "Filed"]
    assert [meta.seq for meta in metas(batch)] == [1, 2]


def test_a_refusal_that_would_be_too_large_is_a_dead_letter_too() -> None:
    stranger = claim(Acknowledge("power"), by=Actor("x" * 600_000, "handler"), at=T0 + 10**9)
    assert len(stranger.value) < MAX_FACT_BYTES
    batch = decide(*recorded(*whole_loop()[:3], stranger, *whole_loop()[3:]))
    assert [letter.reason for letter in batch.dead] == ["too-large"]
    assert len(batch.facts) == 9


def test_a_decision_that_raises_is_a_dead_letter_of_its_claim_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cases.DECIDE, AddAlias, lambda *_: 1 / 0)
    assert dead(claim_record(claim(AddAlias("crm", "7"), number="2"), 1)) == ("decision-failed", "ZeroDivisionError")


def test_a_claim_that_names_a_version_not_read_yet_waits_until_the_reference_is_read_whole() -> None:
    records = recorded(claim(report()), claim(ChangeRegime("typhoon", 3)))
    with pytest.raises(NotReadYet, match="version 3"):
        Decider(RULES, 0, caught_up=False).decide_batch(PartitionState(), records, NOW)
    assert [type(body).__name__ for body in bodies(decide(*records))] == ["Reported", "Refused"]


def test_a_batch_that_ends_without_a_fact_stands_at_its_last_claim() -> None:
    batch = decide(*recorded(GOOD), claim_record(GOOD, 1, value=b"rubbish"))
    assert batch.position == Position(1, 1, -1, 0)
    assert len(batch.facts) == 1


def test_positions_travel_in_16_bytes_and_compare_in_the_order_of_deciding() -> None:
    at = Position(2, 2**40, 3, 5)
    headers = (("other", b""), (POSITION, position_bytes(*at[:4])))
    assert position_of(headers) == at
    assert START < Position(1, 0, -1, 0) < Position(1, 0, 0, 1) < Position(1, 1, -1, 0) < Position(2, 0, -1, 0)


def test_the_limit_of_a_fact_leaves_room_for_the_batch_around_it() -> None:
    assert deciding.MAX_FACT_BYTES + 10_000 < 1_048_576


# ------------------------------------------------------------ versions


def test_what_fell_due_says_by_which_standard_and_calendar() -> None:
    office = Calendar("office", "3", "Asia/Shanghai", (Window(480, 1080),), (6, 7), (CalendarYear(2025, (), ()),))
    pole = Standard("gb", "2026", "0105", "pole", "7", "leans", 1, "working_hour")
    known = EMPTY.after([load(1, "calendars", [office]), load(2, "standards", [pole])])
    decider = Decider(replace(RULES, reference=known), 0)
    filed = claim(File(condition=Condition("gb", "2026", "7")), at=T0 + MINUTE)
    late = claim(AddAlias("crm", "9"), at=T0 + 30 * DAY)
    batch = decider.decide_batch(PartitionState(), recorded(claim(report(), at=T0), filed, late), T0 + 31 * DAY)
    told = {type(body).__name__: meta.versions for body, meta in zip(bodies(batch), metas(batch), strict=True)}
    by_both = Versions(2, "gb 2026", "office 3")
    assert (told["Warned"], told["RanOut"]) == (by_both, by_both)
    assert (told["Filed"], told["AliasAdded"]) == (Versions(2), Versions(2))
