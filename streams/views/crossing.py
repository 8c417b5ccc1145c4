"""The three-cross parts of cases, as they are written: judged by the reference as it was when the facts were decided.

A case without a pinned version, or in which neither anybody works, nor a whistle or an asset is known, has none.
"""

from __future__ import annotations

from streams.core.reference import Reference
from streams.core.threecross import RULE, Matter, ThreeCross, Worker, three_cross
from streams.views.fold import Crossing, Folded
from streams.views.shape import GONE, CaseRow

SAYS = {"yes": True, "no": False, "unknown": None}


def matter_of(row: CaseRow) -> Matter:
    """What the three-cross rule goes by."""
    more, bearing = row.more, row.bearing
    return Matter(
        row.division,
        bearing.place_seq,
        more.asset if more else None,
        (more.asset_seq or 0) if more else 0,
        tuple((w.need, w.seq) for w in more.whistles) if more else (),
        tuple(Worker(p.org, p.role, p.seq) for p in row.parties if p.status not in GONE),
        bearing.centre,
        bearing.centre_seq,
    )


def judged(row: CaseRow, reference: Reference) -> ThreeCross | None:
    """The parts of a case; None where there is nothing to judge yet. Raises NotReadYet."""
    more, bearing = row.more, row.bearing
    if not bearing.reference or not (row.parties or (more and (more.whistles or more.asset))):
        return None
    return three_cross(matter_of(row), reference.at(bearing.reference).in_force(bearing.at))


def crossings(folded: Folded, reference: Reference) -> dict[str, Crossing]:
    """The lines of those cases of a batch in which something has come that the rule goes by."""
    found = {}
    for subject in folded.borne:
        row = folded.rows[subject].row
        parts = judged(row, reference)
        if parts is not None:
            found[subject] = line_of(parts, row.bearing.reference)
    return found


def line_of(parts: ThreeCross, version: int) -> Crossing:
    """The parts as they are written."""
    region, department, authority = parts.region, parts.department, parts.authority
    why = {"region": region, "department": department, "authority": authority}
    return Crossing(SAYS[region.says], SAYS[department.says], SAYS[authority.says], RULE, version, why)
