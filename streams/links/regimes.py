"""Regimes 平急转化: an area changes between normal and emergency, and each open case in it is told.

Promise: a case is told of each change of its area between its recording and its end, with the moment from which it
holds, once; what a later version of the reference declares for the past holds from when it was loaded.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from schemas.events import ChangeRegime, FactMeta, RegimeDeclaration
from streams.core.reference import Reference
from streams.core.reference.city import declaration
from streams.links.known import Known
from streams.links.saying import Cause, Said, cause, say

NORMAL = "normal"
"""Where no regime was declared."""


def moments(reference: Reference) -> list[int]:
    """When a regime may begin or end anywhere, UTC µs, in order: declared times, and when a declaration was loaded."""
    found = set()
    for load in reference.loads:
        if load.header.kind == "declarations":
            found |= {load.header.valid_from, load.header.recorded_at}
            found |= {one.starts_at for one in load.items} | {one.ends_at for one in load.items if one.ends_at}
    return sorted(found)


def regime_at(reference: Reference, division: str, at: int) -> tuple[str, int]:
    """Regime of a division at a moment, and the version of the reference that was loaded by then."""
    loaded = sum(1 for _ in _loaded(reference, at))
    declared: RegimeDeclaration | None = declaration(reference.at(loaded).in_force(at), division, at)
    return (declared.regime if declared else NORMAL), loaded


def _loaded(reference: Reference, at: int) -> Iterator[int]:
    for load in reference.loads:
        if load.header.recorded_at > at:
            return
        yield load.header.version


def told(known: Known, case_id: str, reference: Reference, since: int, until: int) -> Iterator[Said]:
    """Changes for one open case in (since, until], not before it was recorded; `known` has them afterwards."""
    case = known.case(case_id)
    since = max(since, case.recorded_at)
    regime = case.regime or NORMAL
    for at in [moment for moment in moments(reference) if since < moment <= until]:
        now, version = regime_at(reference, case.division, at)
        if now != regime:
            why = Cause(case.opened_by, at)
            yield say(why, "case", case_id, ChangeRegime(now, version), occurrence=f"{at}:{now}")
        regime = now
    if regime != (case.regime or NORMAL):
        known.put("cases", case_id, replace(case, regime=regime))


def begun(known: Known, case_id: str, reference: Reference) -> None:
    """Notes the regime under which a new case was recorded."""
    case = known.case(case_id)
    regime, _ = regime_at(reference, case.division, case.recorded_at)
    if regime != NORMAL:
        known.put("cases", case_id, replace(case, regime=regime))


def compared(known: Known, meta: FactMeta, reference: Reference, swept_at: int) -> Iterator[Said]:
    """What a case must be told that is open again, or lies elsewhere: it was not told of what changed there before."""
    case_id = meta.subject.id
    case = known.case(case_id)
    now, version = regime_at(reference, case.division, swept_at)
    if case.ended_at is None and now != (case.regime or NORMAL):
        known.put("cases", case_id, replace(case, regime=now))
        yield say(cause(meta), "case", case_id, ChangeRegime(now, version))
