"""What only the reference can tell of the cases of a batch: three-cross parts, clocks, the centre of a division.

A case that cannot be judged becomes broken, as one that cannot be folded does; others go on.
"""

from __future__ import annotations

from collections.abc import Iterator

from streams.core.clocks import NO_TERMS, clocks
from streams.core.clocks.from_reference import terms_of
from streams.core.command import reach_of
from streams.core.reference import NotReadYet, Reference
from streams.core.threecross import RULE, Matter, ThreeCross, Worker, three_cross
from streams.views.fold import ClockLine, Crossing, Folded
from streams.views.shape import GONE, CaseRow

SAYS = {"yes": True, "no": False, "unknown": None}


def judge(folded: Folded, reference: Reference) -> None:
    """Adds what the reference tells to a folded batch. Raises NotReadYet."""
    for subject, kept in list(folded.rows.items()):
        row = kept.row
        if not (row.bearing.reference or subject in folded.timed):
            continue
        try:
            _judge_one(folded, subject, row, reference)
        except NotReadYet:
            raise
        except Exception as error:  # noqa: BLE001 one subject must not stop the others
            del folded.rows[subject]
            folded.broken[subject] = f"fact {row.seq}: it cannot be judged ({type(error).__name__})"


def _judge_one(folded: Folded, subject: str, row: CaseRow, reference: Reference) -> None:
    """A case without reference has at most clocks that a fact has limited itself: a promise, a summons."""
    if subject in folded.timed:
        folded.clocks[subject] = tuple(_lines(row, reference))
    if not row.bearing.reference:
        return
    if row.restricted and row.bearing.centre is None and (centre := centre_by_reference(row, reference)):
        folded.centres[subject] = centre
    if subject in folded.borne and (parts := judged(row, reference)):
        folded.crossings[subject] = line_of(parts, row.bearing.reference)


# ------------------------------------------------------------ three-cross


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
    """The parts of a case; None where nobody works in it and neither whistle nor asset is known. Raises NotReadYet."""
    more, bearing = row.more, row.bearing
    if not (row.parties or (more and (more.whistles or more.asset))):
        return None
    return three_cross(matter_of(row), reference.at(bearing.reference).in_force(bearing.at))


def line_of(parts: ThreeCross, version: int) -> Crossing:
    """The parts as they are written."""
    region, department, authority = parts.region, parts.department, parts.authority
    why = {"region": region, "department": department, "authority": authority}
    return Crossing(SAYS[region.says], SAYS[department.says], SAYS[authority.says], RULE, version, why)


def centre_by_reference(row: CaseRow, reference: Reference) -> str | None:
    """The centre of its division, where no fact has named one."""
    reach = reach_of(reference.at(row.bearing.reference).in_force(row.bearing.at), None, row.division)
    return reach.name if reach.heads else None


# ------------------------------------------------------------ clocks


def _lines(row: CaseRow, reference: Reference) -> Iterator[ClockLine]:
    """Every clock that the case has opened, as it stands after its last fact, in the order in which they were opened.

    One that was opened again anew (transferred away and back, summoned twice) does not hide how the earlier one ended.
    """
    marks = row.case.clocks
    terms = terms_of(reference) if any(mark.reference for mark in marks.marks) else NO_TERMS
    for one in clocks(marks, terms, row.last_recorded_at):
        yield ClockLine(
            one.clock, one.party or "", one.opened_by, one.verdict, one.opened_at, one.closed_at, one.yellow_at,
            one.due_at, one.overdue_at, one.not_before, one.extensions, one.amount, one.unit, one.limit_us, one.used_us,
            one.calendar, one.basis, one.trouble,
        )  # fmt: skip


def ends_of(lines: tuple[ClockLine, ...], clock: str, party: str = "") -> tuple[int | None, int | None]:
    """(yellow_at, due_at) of the clock opened last; nothing where there is none, or nobody can say."""
    found = next((one for one in reversed(lines) if one.clock == clock and one.party == party), None)
    return (found.yellow_at, found.due_at) if found else (None, None)
