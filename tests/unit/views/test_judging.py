"""What the reference tells of the cases of a batch, and what becomes of those that cannot be judged."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from schemas.events import Actor, Committed, Exempted, HandedBack, Policy, ReportedIn, Summoned, Versions, Whistled
from streams.core.reference import EMPTY, NotReadYet, Reference
from streams.views import judging
from streams.views.copying import _party_values
from streams.views.fold import Decoded, Folded, fold_batch
from tests.builders import DISPATCHED, FILED, MINUTE, T0, fact, reported
from tests.cities import ASSETS, ORGANISATIONS, RELATIONS
from tests.reference_samples import reference

POLICY = Policy("411702", False, 3, 30, 10, 120, (), 60, False)
CITY = reference(
    ("organisations", ORGANISATIONS), ("relations", RELATIONS), ("assets", ASSETS), ("policies", (POLICY,))
)


def folded(*bodies: Any, version: int = 4, number: str = "1") -> Folded:
    """These facts of one case, decided by this version of the reference."""
    told = [
        fact(body, seq, number=number, by=Actor("centre", "dispatcher") if seq > 1 else Actor("street", "grid_worker"))
        for seq, body in enumerate(bodies, 1)
    ]
    facts = [(seq, replace(meta, versions=Versions(version)), body) for seq, (meta, body) in enumerate(told)]
    return fold_batch(Decoded(facts, next_offset=len(facts)), {}, {})


def judge(batch: Folded, by: Reference = CITY) -> Folded:
    judging.judge(batch, by)
    return batch


def test_a_case_in_which_somebody_works_has_its_three_parts() -> None:
    (crossing,) = judge(folded(*DISPATCHED)).crossings.values()
    assert (crossing.region, crossing.department, crossing.authority) == (False, True, True)
    assert crossing.reference == 4
    assert crossing.why["department"].facts == (3,)


def test_a_whistle_or_an_asset_is_judged_before_anybody_works() -> None:
    (crossing,) = judge(folded(*FILED, Whistled("identify"))).crossings.values()
    assert crossing.authority is True
    (crossing,) = judge(folded(reported(asset="pole-1"))).crossings.values()
    assert (crossing.department, crossing.authority) == (False, True)


def test_without_anybody_or_anything_to_judge_there_are_no_parts() -> None:
    assert judge(folded(*FILED)).crossings == {}
    assert judge(folded(*DISPATCHED, version=0)).crossings == {}


def test_a_version_that_has_not_been_read_is_waited_for() -> None:
    with pytest.raises(NotReadYet):
        judge(folded(*DISPATCHED), EMPTY)


def test_each_clock_has_its_line_and_each_party_the_end_of_its_own() -> None:
    batch = judge(folded(*FILED, Summoned(("power", "telecom"))))
    (lines,) = batch.clocks.values()
    called = {line.party: line for line in lines if line.clock == "report_in"}
    assert set(called) == {"power", "telecom"}
    assert {line.due_at for line in called.values()} == {T0 + 33 * MINUTE}
    assert called["power"].verdict == "running"
    assert judging.ends_of(lines, "report_in", "power") == (T0 + 27 * MINUTE, T0 + 33 * MINUTE)
    assert judging.ends_of(lines, "disposal", "power") == (None, None)


def test_a_clock_that_is_opened_again_does_not_hide_how_it_ended_before() -> None:
    called = Summoned(("power",))
    batch = judge(folded(*FILED, called, ReportedIn("power"), called))
    lines = [line for line in next(iter(batch.clocks.values())) if line.clock == "report_in"]
    assert [(line.opened_by, line.verdict) for line in lines] == [(3, "met"), (5, "running")]
    assert judging.ends_of(tuple(lines), "report_in", "power")[1] == lines[1].due_at


def test_a_promise_has_its_line_although_no_reference_was_ever_loaded() -> None:
    promise = Committed(T0 + 600 * MINUTE, "shed", "power")
    batch = judge(folded(*DISPATCHED, promise, version=0), EMPTY)
    ((line,),) = batch.clocks.values()
    assert (line.clock, line.party, line.due_at) == ("disposal", "power", T0 + 600 * MINUTE)
    ((subject, kept),) = batch.rows.items()
    later = msgspec.structs.replace(batch, before={subject: kept.row.parties})
    assert [values[1] for values in _party_values(subject, kept.row, later)] == ["power"]


def test_an_approved_appeal_makes_the_line_exempt_and_leaves_it_overdue() -> None:
    late = (*DISPATCHED, Committed(T0 + 3 * MINUTE + 1, "shed", "power"), HandedBack("power"))
    ((before,),) = judge(folded(*late, version=0), EMPTY).clocks.values()
    ((after,),) = judge(folded(*late, Exempted("power", "storm"), version=0), EMPTY).clocks.values()
    assert (before.verdict, after.verdict) == ("overdue", "exempt")
    assert before.overdue_at == after.overdue_at is not None


def test_a_hub_without_reference_has_no_clocks_to_tell_of() -> None:
    batch = judge(folded(*DISPATCHED, version=0), EMPTY)
    assert batch.clocks == {}
    ((subject, kept),) = batch.rows.items()
    assert len(_party_values(subject, kept.row, batch)) == 3


def test_only_parties_that_have_changed_are_written_again() -> None:
    ((subject, kept),) = folded(*DISPATCHED).rows.items()
    power, telecom, _water = kept.row.parties
    later = Folded(0, before={subject: (power, telecom)})
    assert [values[1] for values in _party_values(subject, kept.row, later)] == ["water"]


def test_a_case_that_cannot_be_judged_is_broken_and_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "three_cross", lambda *_: 1 / 0)
    batch = folded(*DISPATCHED)
    other = folded(*FILED, number="2")
    batch.rows |= other.rows
    judge(batch)
    assert list(batch.broken.values()) == ["fact 3: it cannot be judged (ZeroDivisionError)"]
    assert batch.rows.keys() == other.rows.keys()
