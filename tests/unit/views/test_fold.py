"""Folding batches of facts into rows: repeated, missing, unreadable and unmanageable facts each have their place."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import ids
from schemas.events import AliasAdded, Refused
from streams.views import row as rows
from streams.views.fold import Folded, Kept, decode_batch, fold_batch
from tests.builders import CLOSED, DISPATCHED, REPORTED, Record, claim, fact, fact_record, history, report, reported

ONE, TWO = (ids.case_id("hotline", number) for number in "12")


def records(*facts: Any, first: int = 0) -> list[Record]:
    return [fact_record(one, offset) for offset, one in enumerate(facts, first)]


def fold(batch: list[Record], known: dict[str, Kept] | None = None, next_offset: int = 0) -> Folded:
    return fold_batch(decode_batch(batch, next_offset), known or {}, {})


def test_a_batch_leads_to_the_last_row_of_each_subject() -> None:
    folded = fold(records(*history(CLOSED), *history(REPORTED, "2"), first=5))
    assert {subject: kept.row.stage for subject, kept in folded.rows.items()} == {ONE: "closed", TWO: "reported"}
    assert (folded.rows[ONE].first_offset, folded.rows[ONE].last_offset) == (5, 13)
    assert (folded.next_offset, folded.facts, folded.stopped, folded.broken) == (15, 10, "", {})


def test_the_watermark_is_the_recording_of_the_last_fact() -> None:
    facts = history(DISPATCHED)
    assert fold(records(*facts)).watermark == facts[-1][0].recorded_at


def test_batches_continue_from_known_rows() -> None:
    first = fold(records(*history(CLOSED)[:4]))
    second = fold(records(*history(CLOSED)[4:], first=4), first.rows, 4)
    assert second.rows == fold(records(*history(CLOSED))).rows


def test_repeated_facts_change_nothing() -> None:
    facts = history(CLOSED)
    once = fold(records(*facts))
    again = fold(records(*facts, first=9), once.rows, 9)
    assert (again.rows, again.broken, again.next_offset) == ({}, {}, 18)


def test_records_before_the_next_offset_were_folded_already() -> None:
    folded = fold(records(*history(CLOSED)), next_offset=9)
    assert (folded.facts, folded.rows, folded.next_offset) == (0, {}, 9)


def test_a_missing_fact_breaks_its_subject_only() -> None:
    facts = history(CLOSED)
    folded = fold(records(*facts[:2], *history(REPORTED, "2"), *facts[3:]))
    assert folded.broken == {ONE: "fact 4 came, but fact 3 is missing"}
    assert (folded.rows[ONE].row.seq, folded.rows[TWO].row.stage) == (2, "reported")
    assert (folded.next_offset, folded.stopped) == (9, "")


def test_a_broken_subject_is_parked_and_others_go_on() -> None:
    decoded = decode_batch(records(*history(CLOSED), *history(REPORTED, "2")), 0)
    folded = fold_batch(decoded, {}, {ONE: "since yesterday"})
    assert set(folded.rows) == {TWO}
    assert folded.broken == {}


def test_a_fact_whose_handling_raises_breaks_its_subject_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rows.EVOLVE, AliasAdded, lambda *_: 1 / 0)
    odd = fact(AliasAdded("crm", "7"), 2)
    folded = fold(records(*history(REPORTED), odd, *history(REPORTED, "2")))
    assert folded.broken == {ONE: "fact 2 (AliasAdded): ZeroDivisionError"}
    assert (set(folded.rows), folded.aliases[-1]) == ({ONE, TWO}, ("hotline", "2", TWO))


GOOD = fact(reported(), 1, number="2")
UNREADABLE = {
    "unknown-schema": fact_record(GOOD, 2, value=b"\0\0\0\xff\xffabc"),
    "truncated": fact_record(GOOD, 2, value=fact_record(GOOD, 2).value[:-1]),  # type: ignore[index]
    "not-a-frame": fact_record(GOOD, 2, value=b"abc"),
    "not-a-frame, nothing": fact_record(GOOD, 2, value=None),
    "is a claim": Record("t.facts", 0, 2, None, claim(report()).value),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_fact_ends_the_batch_before_it(name: str) -> None:
    before = records(*history(DISPATCHED)[:2])
    folded = fold([*before, UNREADABLE[name], fact_record(GOOD, 3)])
    assert set(folded.rows) == {ONE}
    assert (folded.rows[ONE].row.seq, folded.next_offset) == (2, 2)
    assert "at offset 2" in folded.stopped
    assert name.split(",", maxsplit=1)[0] in folded.stopped


def test_aliases_and_refusals_are_listed() -> None:
    refused = fact(Refused("threecross.claim.report.File", "File.stage", "the case is filed"), 3)
    folded = fold(records(*history(REPORTED), fact(AliasAdded("crm", "7"), 2), refused))
    assert folded.aliases == [("hotline", "1", ONE), ("crm", "7", ONE)]
    meta = refused[0]
    expected = (meta.fact_id, ONE, 3, "threecross.claim.report.File", "File.stage", "the case is filed")
    assert folded.refusals == [(*expected, meta.recorded_at)]
