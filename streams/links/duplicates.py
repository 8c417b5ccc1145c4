"""Suspected duplicates: same type, at most 50 m and 24 h apart, in whatever partitions.

Promise: of two open cases that are alike, the later one (by time of report, then by id) is told of the earlier one,
whichever links came to know first, and in the same bytes. When they turn out not to be (one was amended, or the
earlier one had ended before the later was reported) the suspicion is taken back; which suspicions stand between open
cases in the end depends on the facts alone. Reports that a source tells as history, more than 24 h late, are not
compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from schemas.events import Amended, DismissDuplicate, DuplicateDismissed, FactMeta, Reopened, Reported, SuspectDuplicate
from streams.links.known import Known, KnownCase, Suspicion
from streams.links.learning import DAY, ENDING
from streams.links.near import metres
from streams.links.saying import ROLE, Cause, Said, cause, say

METRES = 50.0
RULE = "same-type-50m-24h/1"


def claims(known: Known, meta: FactMeta, fact: Any) -> Iterator[Said]:
    """What a fact of a case means for suspicions; `known` has taken the fact in."""
    case_id = meta.subject.id
    match fact:
        case Reported() | Reopened():
            yield from _compare(known, case_id)
        case Amended():
            yield from _take_back_unlike(known, meta, case_id)
            yield from _compare(known, case_id)
        case DuplicateDismissed() if meta.actor.role != ROLE:
            basis = f"settled:{meta.fact_id}"
            known.put("suspicions", (case_id, fact.other), Suspicion(case_id, fact.other, basis, False, True))
        case _ if type(fact) in ENDING:
            yield from _take_back_ended(known, meta, case_id)


def _compare(known: Known, case_id: str) -> Iterator[Said]:
    case = known.case(case_id)
    if case.point is None:
        return
    for other_id in known.within(case.point, METRES):
        if other_id != case_id and _alike(case, other := known.case(other_id)):
            if _moment(case_id, case) > _moment(other_id, other):
                yield from _suspect(known, case_id, other_id)
            else:
                yield from _suspect(known, other_id, case_id)


def _moment(case_id: str, case: KnownCase) -> tuple[int, str]:
    return case.reported_at, case_id


def _alike(one: KnownCase, other: KnownCase) -> bool:
    """Whether the two, as they are described now, may be the same matter."""
    if one.point is None or other.point is None or one.history or other.history:
        return False
    near_in_time = abs(one.reported_at - other.reported_at) <= DAY
    return one.category == other.category and near_in_time and metres(one.point, other.point) <= METRES


def _ended_before(earlier: KnownCase, later: KnownCase) -> bool:
    return earlier.ended_at is not None and earlier.ended_at <= later.reported_at


def _suspect(known: Known, later_id: str, earlier_id: str) -> Iterator[Said]:
    later, earlier = known.case(later_id), known.case(earlier_id)
    before = known.suspicions.get((later_id, earlier_id))
    basis = f"{later.described_by}:{earlier.described_by}"
    if later.ended_at is not None or _ended_before(earlier, later):
        return
    if before is not None and (before.open or before.settled):
        return
    times = before.taken_back if before is not None else 0
    known.put("suspicions", (later_id, earlier_id), Suspicion(later_id, earlier_id, basis, taken_back=times))
    assert later.point is not None
    assert earlier.point is not None
    apart = round(metres(later.point, earlier.point), 1)
    seconds = (later.reported_at - earlier.reported_at) // 1_000_000
    why = Cause(later.described_by, max(later.described_at, earlier.described_at))
    yield say(
        why, "case", later_id, SuspectDuplicate(earlier_id, apart, seconds, RULE), occurrence=_occurrence(basis, times)
    )


def _occurrence(basis: str, times: int) -> str:
    """Tells a suspicion apart from the same one that was taken back before."""
    return f"{basis}:{times}" if times else basis


def _take_back_unlike(known: Known, meta: FactMeta, case_id: str) -> Iterator[Said]:
    for one in [s for s in known.suspicions.values() if s.open and case_id in (s.later, s.earlier)]:
        if not _alike(known.case(one.later), known.case(one.earlier)):
            yield _take_back(known, meta, one, "no-longer-alike")


def _take_back_ended(known: Known, meta: FactMeta, case_id: str) -> Iterator[Said]:
    for one in known.suspected_of(case_id):
        if _ended_before(known.case(case_id), known.case(one.later)):
            yield _take_back(known, meta, one, "ended-before")


def _take_back(known: Known, meta: FactMeta, one: Suspicion, reason: str) -> Said:
    known.put("suspicions", (one.later, one.earlier), replace(one, open=False, taken_back=one.taken_back + 1))
    dismissal = DismissDuplicate(one.earlier, reason)
    return say(cause(meta), "case", one.later, dismissal, occurrence=f"{one.basis}:{meta.fact_id}")
