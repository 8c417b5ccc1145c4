"""What links must know of subjects, and how facts change it: the rows of its tables, as a working copy in memory.

Promise: rows are folds of the facts of their subject alone, so that they are the same in whatever order the facts of
other subjects came. `Known` holds those that a batch touches and remembers which have changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from streams.links.near import Point, cell, cells_within


class KnownCase(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What links knows of a case. `opened_by` is the fact that opened it, `described_by` the last one that said what
    and where it is, `verified_by` the one that closed it as settled; `org` reported it; `parts` are what it was
    divided into. Times are UTC µs."""

    seq: int = 0
    category: str = ""
    point: Point | None = None
    reported_at: int = 0
    recorded_at: int = 0
    opened_by: str = ""
    described_by: str = ""
    described_at: int = 0
    history: bool = False
    division: str = ""
    grid: str | None = None
    org: str = ""
    reporter: str | None = None
    restricted: bool = False
    ended_at: int | None = None
    verified_by: str | None = None
    groups: tuple[str, ...] = ()
    parts: int = 0
    regime: str = ""


class KnownGroup(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What links knows of a group. `solved_by` is the last fact that said so; `closing` that it was told to close."""

    seq: int = 0
    org: str = ""
    opened: bool = False
    members: tuple[str, ...] = ()
    solved_by: str | None = None
    solved_at: int = 0
    closed: bool = False
    closing: bool = False


class Join(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """That a case has joined a group, by which fact and when (UTC µs)."""

    group: str
    case: str
    fact_id: str
    at: int
    left: bool = False


class Suspicion(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """That one case may be the same matter as an earlier one. `basis` are the facts that describe both, `taken_back`
    how often it turned out not to be so."""

    later: str
    earlier: str
    basis: str
    open: bool = True
    settled: bool = False
    """True: somebody has decided; it is never brought up again."""
    taken_back: int = 0


class Contribution(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A verified contribution of a person: the fact that verified it, its item, when, and under which reference."""

    fact_id: str
    person: str
    item: str
    at: int
    reference: int
    revoked_by: str | None = None
    revoked_at: int = 0


class KnownAccount(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An account, its holder, its bank and since when it is open."""

    account: str
    holder: str
    bank: str
    opened_at: int


class Known:
    """The working copy of a batch. What is not in it does not exist, as far as the batch is concerned."""

    def __init__(self) -> None:
        self.cases: dict[str, KnownCase] = {}
        self.groups: dict[str, KnownGroup] = {}
        self.joins: dict[tuple[str, str], Join] = {}
        self.suspicions: dict[tuple[str, str], Suspicion] = {}
        self.contributions: dict[str, Contribution] = {}
        self.accounts: dict[str, KnownAccount] = {}
        self.changed: dict[str, set[Any]] = {}
        self._cells: dict[int, set[str]] = {}

    def case(self, case_id: str) -> KnownCase:
        return self.cases.get(case_id, _NO_CASE)

    def group(self, group_id: str) -> KnownGroup:
        return self.groups.get(group_id, _NO_GROUP)

    def put(self, table: str, key: Any, row: Any) -> None:
        """A row as it is now, to be written with the batch."""
        if table == "cases":
            self.hold_case(key, row)
        else:
            getattr(self, table)[key] = row
        self.changed.setdefault(table, set()).add(key)

    def hold_case(self, case_id: str, row: KnownCase) -> None:
        """A case as the tables have it."""
        before = self.cases.get(case_id)
        if before is not None and before.point is not None:
            self._cells[cell(before.point)].discard(case_id)
        if row.point is not None:
            self._cells.setdefault(cell(row.point), set()).add(case_id)
        self.cases[case_id] = row

    def within(self, point: Point, distance: float) -> Iterator[str]:
        """Ids of the cases whose cell can lie within a distance (metres), in a settled order."""
        found = {case_id for number in cells_within(point, distance) for case_id in self._cells.get(number, ())}
        return iter(sorted(found))

    def suspected_of(self, earlier: str) -> list[Suspicion]:
        """Open suspicions that name this case as the earlier one."""
        return [s for s in self.suspicions.values() if s.earlier == earlier and s.open]

    def joined_to(self, group: str) -> list[Join]:
        """Cases that have joined a group and not left it, in a settled order."""
        return [join for key, join in sorted(self.joins.items()) if join.group == group and not join.left]

    def contributions_of(self, person: str) -> list[Contribution]:
        return [c for c in self.contributions.values() if c.person == person]

    def accounts_of(self, person: str) -> list[KnownAccount]:
        return [a for a in self.accounts.values() if a.holder == person]


_NO_CASE = KnownCase()
_NO_GROUP = KnownGroup()
