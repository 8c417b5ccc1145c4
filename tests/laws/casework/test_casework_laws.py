"""Laws of casework: whatever is claimed by whomever in whatever batches, facts stay what they must be."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas import events, ids
from schemas.events import Closed, Dispatched, Filed, HandedBack, PartyRole, Refused, ReworkOrdered, Subject
from schemas.generate.model import load, newest
from streams.casework import deciding, state
from streams.core import decisions, numbering
from streams.core.numbering import Numbers
from streams.core.subjects import evolve, kind_of
from streams.runtime.processor import PartitionStopped
from streams.views import row as rows
from tests.builders import Record, Said, claim_record
from tests.laws.casework.desk import Desk, claims, likely_claims, rows_of, sizes, worked
from tests.laws.schemas.strategies import pairs


def by_subject(desk: Desk) -> dict[str, list[tuple[Any, ...]]]:
    found = defaultdict(list)
    for subject, *rest in desk.told():
        found[subject].append(tuple(rest))
    return found


@given(claims)
def test_every_claim_ends_as_facts_as_a_refusal_or_as_a_repetition(said: list[Said]) -> None:
    desk = worked(said)
    assert desk.dead == []
    decided = {meta.claim_id for meta, _ in desk.facts()}
    assert decided == {one.meta.claim_id for one in said}
    contents = {(one.meta.claim_id, one.value) for one in said}
    assert desk.counts.get(("repeated", ""), 0) == len(said) - len(contents)


@given(claims, st.data())
def test_rubbish_in_between_becomes_dead_letters_and_nothing_else_changes(
    said: list[Said], data: st.DataObject
) -> None:
    records = [claim_record(one, offset) for offset, one in enumerate(said)]
    rubbish = data.draw(st.lists(st.tuples(st.integers(0, len(records)), st.binary(max_size=60)), max_size=5))
    for at, value in rubbish:
        records.insert(at, Record("t.claims", 0, 0, b"key", value))
    desk = Desk()
    desk.work([record._replace(offset=offset) for offset, record in enumerate(records)])
    assert desk.told() == worked(said).told()
    assert sorted(letter.record.value for letter in desk.dead) == sorted(value for _, value in rubbish)


CLAIM_SCHEMAS = [schema for schema in newest(load()) if schema.full_name in events.CLAIMS]
wild_claims = st.lists(
    st.tuples(st.sampled_from(CLAIM_SCHEMAS).flatmap(pairs), st.sampled_from([ids.case_id("x", n) for n in "12"])).map(
        lambda drawn: Said(replace(drawn[0][0], subject=Subject("case", drawn[1])), drawn[0][1])
    ),
    max_size=6,
)
"""Claims whose every field is whatever the contract allows: empty texts, ancient times, odd codes."""


@given(wild_claims, sizes)
def test_whatever_the_contract_allows_is_decided_and_can_be_folded(said: list[Said], split: list[int]) -> None:
    desk = worked(said, split)
    assert {letter.reason for letter in desk.dead} <= {"bad-time"}
    assert len(desk.facts()) + len(desk.dead) + desk.counts.get(("repeated", ""), 0) >= len(said)
    assert desk.replayed(desk.state.position).subjects == desk.state.subjects
    assert set(rows_of(desk.log, split)) == set(desk.state.subjects)


@given(claims, sizes)
def test_any_split_into_batches_gives_the_same_facts(said: list[Said], split: list[int]) -> None:
    desk, whole = worked(said, split), worked(said)
    assert desk.told() == whole.told()
    assert [record.headers for record in desk.log] == [record.headers for record in whole.log]


@given(claims, sizes, st.data())
def test_redelivery_of_any_claims_changes_nothing(said: list[Said], split: list[int], data: st.DataObject) -> None:
    desk = worked(said, split)
    before, written = desk.snapshot(), list(desk.log)
    again = data.draw(st.lists(st.integers(0, len(said) - 1), unique=True).map(sorted)) if said else []
    desk.work([claim_record(said[offset], offset) for offset in again])
    assert desk.snapshot() == before
    assert desk.log == written


@given(claims, st.randoms(use_true_random=False))
def test_the_same_claims_sent_again_later_give_nothing(said: list[Said], rng: random.Random) -> None:
    desk = worked(said)
    cases, written = dict(desk.state.subjects), list(desk.log)
    again = rng.sample(said, len(said))
    desk.work([claim_record(one, len(said) + i) for i, one in enumerate(again)])
    assert desk.log == written
    assert desk.state.subjects == cases


@given(claims, sizes)
def test_the_fold_of_the_facts_equals_the_state_kept_all_the_while(said: list[Said], split: list[int]) -> None:
    desk = worked(said, split)
    taken = desk.replayed(desk.state.position)
    assert (taken.subjects, taken.numbers, taken.recorded_at, taken.position) == desk.snapshot()
    assert taken.facts_offset == len(desk.log)


@given(claims, sizes, st.integers(0, 30))
def test_a_takeover_anywhere_goes_on_as_if_nothing_had_happened(said: list[Said], split: list[int], at: int) -> None:
    desk = worked(said[:at], split)
    desk.state = desk.replayed()  # the position of batches without a fact is lost: their claims come again
    first = desk.state.position.offset + 1
    desk.work([claim_record(one, offset) for offset, one in enumerate(said) if offset >= first])
    assert desk.told() == worked(said).told()


@given(claims, st.data())
def test_stale_and_repeated_facts_change_nothing(said: list[Said], data: st.DataObject) -> None:
    desk = worked(said)
    replayed = desk.replayed()
    for record in data.draw(st.lists(st.sampled_from(desk.log), max_size=10)) if desk.log else []:
        assert replayed.fold(record) is False
    assert replayed.subjects == desk.replayed().subjects


@given(st.lists(likely_claims, max_size=3), st.randoms(use_true_random=False))
def test_the_interleaving_of_subjects_does_not_matter_to_any(parts: list[list[Said]], rng: random.Random) -> None:
    said = [one for part in parts for one in part]
    queues = defaultdict(list)
    for one in said:
        queues[one.meta.subject.id].append(one)
    shuffled = []
    while queues:
        subject = rng.choice(sorted(queues))
        shuffled.append(queues[subject].pop(0))
        if not queues[subject]:
            del queues[subject]
    assert by_subject(worked(shuffled)) == by_subject(worked(said))


@given(claims, sizes)
def test_facts_are_numbered_without_gaps_and_recorded_in_order(said: list[Said], split: list[int]) -> None:
    desk = worked(said, split)
    seqs = defaultdict(list)
    for meta, _ in desk.facts():
        seqs[meta.subject.id].append(meta.seq)
    assert all(found == list(range(1, len(found) + 1)) for found in seqs.values())
    times = [meta.recorded_at for meta, _ in desk.facts()]
    assert times == sorted(set(times))


@given(claims)
def test_fact_ids_and_speakable_numbers_are_given_once(said: list[Said]) -> None:
    desk = worked(said)
    found = [meta.fact_id for meta, _ in desk.facts()]
    assert len(set(found)) == len(found)
    numbers = [body.number for _, body in desk.facts() if isinstance(body, Filed)]
    assert [ids.parse_number(number).counter for number in numbers] == list(range(1, len(numbers) + 1))


@given(claims)
def test_regular_facts_keep_the_rules_of_the_loop(said: list[Said]) -> None:
    histories = defaultdict(list)
    for meta, body in worked(said).facts():
        histories[meta.subject.id].append((meta, body))
    for facts in histories.values():
        if not any(meta.irregular for meta, _ in facts):
            _check_regular([body for _, body in facts if not isinstance(body, Refused)])


def _check_regular(history: list[Any]) -> None:
    names = [type(body).__name__ for body in history]
    for name in ("Reported", "Filed", "FilingRefused", "Dispatched", "Closed"):
        assert names.count(name) <= 1
    event(f"ends with {names[-1]}" if names else "refused from the start")
    open_work: set[str] = set()
    for body in history:
        if isinstance(body, Dispatched):
            assert [a.role for a in body.parties].count(PartyRole.LEAD) == 1
            open_work = {a.org for a in body.parties if a.role != PartyRole.INFORM}
        elif isinstance(body, HandedBack):
            assert body.party in open_work
            open_work.discard(body.party)
        elif isinstance(body, ReworkOrdered):
            open_work = set(body.parties)
        elif isinstance(body, Closed) and body.kind == "checked":
            assert open_work == set()
            assert names[-1] == "Closed" or set(names[names.index("Closed") + 1 :]) <= {"AliasAdded"}


@given(claims, sizes)
def test_the_views_fold_the_same_rows_from_any_batches(said: list[Said], split: list[int]) -> None:
    desk = worked(said)
    assert rows_of(desk.log, split) == rows_of(desk.log, [])


@given(claims)
def test_views_and_casework_see_the_same_cases(said: list[Said]) -> None:
    desk = worked(said)
    seen = {subject: kept.row for subject, kept in rows_of(desk.log, []).items()}
    assert set(seen) == set(desk.state.subjects)
    case: Any
    for subject, case in desk.state.subjects.items():
        row = seen[subject]
        assert row.seq == case.seq
        if kind_of(case).name != "case":
            continue
        assert row.stage == case.stage
        assert [(p.org, p.status) for p in row.parties] == [(p.org, p.status) for p in case.parties]


@given(claims)
def test_evolving_fact_by_fact_from_nothing_gives_each_case(said: list[Said]) -> None:
    desk = worked(said)
    for subject, case in desk.state.subjects.items():
        again = kind_of(case).new
        for meta, body in desk.facts():
            if meta.subject.id == subject:
                again = evolve(again, meta, body)
        assert again == case


# ------------------------------------------------------------ twins


TWINS: dict[str, tuple[Any, str, Any, Any]] = {
    "claims decided before are forgotten": (
        decisions,
        "seen",
        lambda *_: None,
        test_the_same_claims_sent_again_later_give_nothing,
    ),
    "the counter is forgotten": (
        numbering,
        "after",
        lambda _: Numbers(),
        test_fact_ids_and_speakable_numbers_are_given_once,
    ),
    "every fact is taken for new": (
        state,
        "follows",
        lambda *_: True,
        test_stale_and_repeated_facts_change_nothing,
    ),
    "no rule is broken": (
        decisions,
        "broken_rules",
        lambda *_: [],
        test_regular_facts_keep_the_rules_of_the_loop,
    ),
    "reused ids share fact ids": (
        decisions,
        "_reused",
        lambda claim, _: decisions._refused(claim, "claim.id-reused", "x"),
        test_fact_ids_and_speakable_numbers_are_given_once,
    ),
    "the views skip a dispatch": (
        rows,
        "CASEWORK",
        rows.CASEWORK | {Dispatched: lambda case, _meta, _fact: case},
        test_views_and_casework_see_the_same_cases,
    ),
    "a claim does not see those before it in its batch": (
        deciding,
        "overlay_get",
        lambda _overlay, state, subject, kind: state.get(subject, kind),
        test_any_split_into_batches_gives_the_same_facts,
    ),
}
QUICK = settings(max_examples=500, phases=[Phase.generate], database=None, derandomize=True, deadline=None)


@pytest.mark.parametrize("name", TWINS)
def test_a_casework_that_breaks_the_law_fails_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, attribute, broken, law = TWINS[name]
    monkeypatch.setattr(module, attribute, broken)
    monkeypatch.setattr(law, "_hypothesis_internal_use_settings", QUICK)
    with pytest.raises((AssertionError, ExceptionGroup, PartitionStopped)):
        law()
