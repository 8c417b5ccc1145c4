"""Laws of whole lives: random claims of all roles about many cases, as a state machine and as a long seeded run."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from schemas import events
from schemas.events import FactMeta, NoteTime
from streams.core import blocking, case, subjects
from streams.core.authority import STAGES, Stage
from streams.core.case import Case
from streams.core.subjects import STATES
from streams.runtime.processor import PartitionStopped
from tests.builders import Said, claim_record
from tests.laws.casework.city import City
from tests.laws.casework.desk import Desk, any_claim, rows_of
from tests.laws.casework.keeping import Judge

LONG = 200_000
CLAIMS = min(LONG, 3_000 + settings.get_profile(settings.get_current_profile_name()).max_examples * 100)
"""200,000 with HYPOTHESIS_PROFILE=long, some thousands otherwise."""
BATCH = 50


def run(seed: int, count: int, claims: int = 60) -> Desk:
    """A desk that has decided so many claims of a city, about so many a case, judged after every batch."""
    desk, city, judge = Desk(), City(random.Random(seed), claims=claims), Judge()
    offset = 0
    while offset < count:
        records = []
        for _ in range(min(BATCH, count - offset)):
            records.append(claim_record(city.claim(desk), offset))
            offset += 1
        desk.work(records)
        judge.kept(desk)
    return desk


@pytest.fixture(scope="module")
def desk() -> Desk:
    return run(311, CLAIMS)


def test_whole_lives_keep_the_laws_and_no_claim_is_lost(desk: Desk) -> None:
    assert desk.dead == []
    silent = desk.counts.get(("repeated", ""), 0)
    assert len({(meta.claim_id, meta.claim_digest) for meta, _ in desk.facts()}) + silent == CLAIMS


def test_whole_lives_come_to_all_stages_and_meet_most_rules(desk: Desk) -> None:
    assert reached(desk) == STAGES["case"]
    written = Counter(type(body).__name__ for _, body in desk.facts())
    assert written["Closed"] > CLAIMS / 100
    assert len(written) > 50


def reached(desk: Desk) -> set[Stage]:
    """Every stage that a case was in."""
    cases: dict[str, Case] = {}
    stages = {Stage.NONE}
    for meta, body in desk.facts():
        if meta.subject.kind == "case":
            cases[meta.subject.id] = case.evolve(cases.get(meta.subject.id, case.NEW), meta, body)
            stages.add(cases[meta.subject.id].stage)
    return stages


def test_the_fold_of_a_whole_life_equals_the_state_kept_all_the_while(desk: Desk) -> None:
    replayed = desk.replayed(desk.state.position)
    assert (replayed.subjects, replayed.numbers) == (desk.state.subjects, desk.state.numbers)


def test_every_state_comes_back_from_the_local_copy_as_it_was(desk: Desk) -> None:
    pack, unpack = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(STATES).decode
    for state in desk.state.subjects.values():
        assert unpack(pack(state)) == state


def test_the_views_see_the_same_stages_and_parties(desk: Desk) -> None:
    rows = rows_of(desk.log, [])
    state: Any
    for subject, state in desk.state.subjects.items():
        if isinstance(state, Case):
            row = rows[subject].row
            assert (row.stage, row.seq) == (state.stage, state.seq)
            assert {(p.org, p.status) for p in row.parties} == {(p.org, p.status) for p in state.parties}


def test_claims_of_whole_lives_sent_again_change_nothing() -> None:
    desk, city = Desk(), City(random.Random(7))
    said: list[Said] = []
    for offset in range(1_000):
        said.append(city.claim(desk))
        desk.work([claim_record(said[-1], offset)])
    before, written = dict(desk.state.subjects), len(desk.log)
    desk.work([claim_record(one, 1_000 + offset) for offset, one in enumerate(said) if not silent(one)])
    assert (desk.state.subjects, len(desk.log)) == (before, written)


def silent(said: Said) -> bool:
    """Time that passes leads to a fact only where something has fallen due."""
    return isinstance(said.body, NoteTime)


def test_whole_lives_are_the_same_however_they_are_interleaved_and_cut_into_batches() -> None:
    desk, city = Desk(), City(random.Random(11), cases=6)
    said: list[Said] = []
    for offset in range(1_000):
        said.append(city.claim(desk))
        desk.work([claim_record(said[-1], offset)])
    by_subject = sorted(said, key=lambda one: one.meta.subject.id)
    other = Desk()
    other.work([claim_record(one, offset) for offset, one in enumerate(by_subject)])
    assert sorted(map(str, other.told())) == sorted(map(str, desk.told()))


class AnyCity(RuleBasedStateMachine):
    """Hypothesis looks for claims, in any order and from anybody, that break a law; and shrinks them."""

    @initialize()
    def open_desk(self) -> None:
        self.desk, self.judge, self.offset = Desk(), Judge(), 0
        self.said: list[Said] = []
        self.city: City | None = None

    def _send(self, said: Said) -> None:
        self.said.append(said)
        self.desk.work([claim_record(said, self.offset)])
        self.offset += 1

    @rule(rng=st.randoms(use_true_random=False), steps=st.integers(1, 8))
    def live(self, rng: random.Random, steps: int) -> None:
        """Mostly what could come next, about two cases."""
        self.city = self.city or City(rng, cases=2, claims=10**9)
        self.city.rng = rng
        for _ in range(steps):
            self._send(self.city.claim(self.desk))

    @rule(said=any_claim)
    def say_anything(self, said: Said) -> None:
        """Whatever, by whomever."""
        self._send(said)

    @rule(data=st.data())
    def say_again(self, data: st.DataObject) -> None:
        """Something that was said before: nothing changes."""
        before, written = dict(self.desk.state.subjects), len(self.desk.log)
        loud = [one for one in self.said if not silent(one)]
        if loud:
            self._send(data.draw(st.sampled_from(loud)))
        assert (self.desk.state.subjects, len(self.desk.log)) == (before, written)

    @rule()
    def take_over(self) -> None:
        """Another casework takes the partition, from the facts alone."""
        replayed = self.desk.replayed(self.desk.state.position)
        assert replayed.subjects == self.desk.state.subjects
        self.desk.state = replayed

    @invariant()
    def laws_are_kept(self) -> None:
        self.judge.kept(self.desk)
        assert self.desk.dead == []


TestAnyCity = AnyCity.TestCase
TestAnyCity.settings = settings(stateful_step_count=30)


# ------------------------------------------------------------ twins


def without(claim: type, name: str) -> Any:
    """The rules of cases without one."""
    rules = case.RULES | {claim: tuple(one for one in case.RULES[claim] if one.name != name)}
    assert rules != case.RULES
    return replace(case.KIND, rules=rules)


def folding(fact: type, fold: Any) -> Any:
    """A fold of cases that takes one fact wrongly."""

    def evolve(state: Any, meta: FactMeta, body: Any) -> Any:
        after = case.evolve(state, meta, body)
        return fold(state, after) if type(body) is fact else after

    return replace(case.KIND, evolve=evolve)


TWINS: dict[str, Any] = {
    "a dispatch may have two leads": lambda: without(events.Dispatch, "Dispatch.one-lead"),
    "an adjudication may have no lead": lambda: without(events.Adjudicate, "Adjudicate.one-lead"),
    "the lead may be released": lambda: without(events.ReleaseParty, "ReleaseParty.lead"),
    "who is added may lead": lambda: without(events.AddParties, "AddParties.no-lead"),
    "a hand-over need not be justified": lambda: without(events.Close, "Close.justified"),
    "a rework does not reopen the work": lambda: folding(
        events.ReworkOrdered, lambda before, after: replace(after, stage=before.stage)
    ),
    "a new lead leaves the old one leading": lambda: folding(
        events.LeadAppointed, lambda before, after: replace(after, parties=(*before.parties, after.parties[-1]))
    ),
    "a reopened case stays closed": lambda: folding(
        events.Reopened, lambda before, after: replace(after, stage=before.stage)
    ),
    "a fact is not counted": lambda: folding(events.Acknowledged, lambda before, after: replace(after, seq=before.seq)),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_city_whose_casework_is_wrong_breaks_a_law(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    twin = TWINS[name]()
    monkeypatch.setattr(subjects, "_KIND_OF", subjects._KIND_OF | {Case: twin})
    with pytest.raises((AssertionError, PartitionStopped, KeyError)):
        some_cities()


def some_cities() -> None:
    for seed in range(10):
        run(seed, 2_000, claims=150)


def test_a_sentence_that_forgets_a_reason_breaks_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "_work", lambda _case: ())
    monkeypatch.setattr(blocking, "_step", lambda _case: ())
    with pytest.raises(AssertionError):
        run(1, 500)
