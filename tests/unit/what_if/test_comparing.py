"""The same facts under another standard or calendar: what changes is told, and nothing that must not change does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from ops.replay import Told
from ops.what_if.comparing import NO_CLOCK, Comparison, Period, compare, due, gather, verdict
from schemas.events import Calendar, CalendarYear, RanOut, Standard, Window
from streams.core.clocks import Supposed, Terms
from streams.core.clocks.from_reference import ReferenceTerms
from streams.core.reference import EMPTY, Reference, instead
from tests.clock_samples import DAY, at, local, meta, said
from tests.reference_samples import load

OFFICE = (Window(480, 720), Window(840, 1080))
LONG = (Window(360, 1320),)
STANDARDS, CALENDARS = ("standards", "gb 2026"), ("calendars", "china")
MARCH = Period(at("03-01 00:00"), at("04-01 00:00"))
NOW = at("05-01 00:00")

Suppose = Callable[[Reference, dict[tuple[str, str], tuple[Any, ...]], int], Terms]


def standard(amount: int, code: str = "7", unit: Any = "working_day") -> Standard:
    return Standard("gb", "2026", "0105", "pole", code, "leans", amount, unit)


def calendar(*windows: Window) -> Calendar:
    return Calendar("china", "1", "Asia/Shanghai", windows, (6, 7), (CalendarYear(2026, (), ()),))


def city(days: int = 2, *later: tuple[str, str, Any]) -> Reference:
    """A calendar, and a standard of two working days; later loads are kind, name and item."""
    first = [("calendars", "china", calendar(*OFFICE)), ("standards", "gb 2026", standard(days))]
    loads = [
        load(n, kind, [item], name=name, valid_from=at("01-01 00:00") - DAY)
        for n, (kind, name, item) in enumerate([*first, *later], 1)
    ]
    return EMPTY.after(loads)


def facts(*lines: str, version: int = 2, case: str = "a") -> list[Told]:
    """Facts in the words of the clocks' tests, each judged by this version of the reference."""
    found = []
    for seq, line in enumerate(lines, 1):
        one = said(line)
        told = meta(seq, one.happened, one.told, version=version)
        found.append(Told(seq, replace(told, subject=replace(told.subject, id=case)), one.body))
    return found


def replace_fact(told: Told, body: Any) -> Told:
    return Told(told.offset, told.meta, body)


def as_it_is_done(reference: Reference, says: dict[tuple[str, str], tuple[Any, ...]], since: int) -> Terms:
    return Supposed(ReferenceTerms(reference), ReferenceTerms(instead(reference, says)), since)


class Newest(ReferenceTerms):
    """A bad twin: judges everything by the newest version."""

    def limit(self, kind: Any, division: Any, condition: Any, version: int, at: int, regime: str) -> Any:
        return super().limit(kind, division, condition, self.reference.version, at, regime)


def by_the_newest(reference: Reference, says: dict[tuple[str, str], tuple[Any, ...]], since: int) -> Terms:
    return Supposed(ReferenceTerms(reference), Newest(instead(reference, says)), since)


def that_changes_nothing(reference: Reference, _says: Any, _since: int) -> Terms:
    return ReferenceTerms(reference)


def from_ever_on(reference: Reference, says: dict[tuple[str, str], tuple[Any, ...]], _since: int) -> Terms:
    return ReferenceTerms(instead(reference, says))


def compared(
    told: Sequence[Told],
    says: dict[tuple[str, str], tuple[Any, ...]],
    reference: Reference | None = None,
    suppose: Suppose = as_it_is_done,
    period: Period = MARCH,
) -> Comparison:
    known = city() if reference is None else reference
    return compare(
        gather(told), ReferenceTerms(known), suppose(known, says, period.start), period, NOW, lambda _done, _total: None
    )


def changes(found: Comparison) -> list[tuple[str, str, str, str, str, str]]:
    sides = [(one, one.before, one.after) for one in found.changes]
    return [(one.case_id, one.clock.clock, verdict(a), verdict(b), local(due(a)), local(due(b))) for one, a, b in sides]


LEANING = ("03-02 08:00 file 7", "03-02 09:00 dispatch power", "03-03 16:00 back power", "03-03 17:00 close")
"""2026-03-02 is a Monday: in time within two working days, late within one."""
SHORTER = {STANDARDS: (standard(1),)}
LATE = [
    ("a", "closure", "met", "overdue", "03-03 18:00", "03-02 18:00"),
    ("a", "disposal", "met", "overdue", "03-04 09:00", "03-03 09:00"),
]


def test_a_shorter_limit_makes_late_what_was_in_time() -> None:
    found = compared(facts(*LEANING), SHORTER)
    assert changes(found) == LATE
    assert (found.cases, found.clocks, found.moved) == (1, 2, 0)
    assert (found.before, found.after) == ({"met": 2}, {"overdue": 2})
    assert found.transitions == {("met", "overdue"): 2}


def test_what_nothing_is_supposed_of_stays_as_it_is() -> None:
    found = compared(facts(*LEANING), {STANDARDS: (standard(2),)})
    assert (changes(found), found.clocks, found.moved) == ([], 2, 0)


def test_a_longer_limit_moves_due_times_of_what_was_in_time() -> None:
    found = compared(facts(*LEANING), {STANDARDS: (standard(3),)})
    assert (changes(found), found.moved) == ([], 2)


def test_another_calendar_judges_in_its_hours() -> None:
    hours = standard(4, unit="working_hour")
    loads = [
        load(1, "calendars", [calendar(*OFFICE)], name="china", valid_from=at("01-01 00:00")),
        load(2, "standards", [hours], name="gb 2026", valid_from=at("01-01 00:00")),
    ]
    told = facts("03-02 15:00 file 7", "03-02 16:00 dispatch power", "03-03 09:00 back power")
    found = compared(told, {CALENDARS: (calendar(*LONG),)}, EMPTY.after(loads))
    assert changes(found) == [("a", "disposal", "met", "overdue", "03-03 10:00", "03-02 20:00")]
    assert found.moved == 1, "closure is overdue under both, an evening earlier"


def test_a_limit_that_the_document_does_not_state_is_no_clock() -> None:
    found = compared(facts(*LEANING), {STANDARDS: (standard(1, code="8"),)})
    assert {(before, after) for before, after in found.transitions} == {("met", NO_CLOCK)}
    assert all(one.after is None for one in found.changes)


def test_what_began_before_the_first_day_is_judged_as_ever() -> None:
    told = facts("02-27 08:00 file 7", "02-27 09:00 dispatch power", "03-02 17:00 back power", "03-02 17:30 close")
    assert compared(told, SHORTER).clocks == 2, "they fell due in March"
    assert changes(compared(told, SHORTER)) == []
    assert changes(compared(told, SHORTER, suppose=from_ever_on)), "a what-if without a first day would change them"


def test_an_amendment_after_the_first_day_judges_anew() -> None:
    told = facts("02-27 08:00 file 7", "03-02 08:30 amend 7", "03-02 09:00 dispatch power", "03-02 17:00 close")
    (one,) = [change for change in compared(told, SHORTER).changes if change.clock.clock == "closure"]
    assert (verdict(one.before), verdict(one.after)) == ("met", "overdue")


def test_clocks_of_other_months_are_left_out() -> None:
    found = compared(facts(*LEANING), SHORTER, period=Period(at("04-01 00:00"), at("05-01 00:00")))
    assert (found.cases, found.clocks, found.changes) == (0, 0, [])


def test_run_outs_that_were_told_are_no_facts_of_the_supposition() -> None:
    ran_out = at("03-03 09:00")
    told = facts("03-02 08:00 file 7", "03-02 09:00 dispatch power", "03-03 09:00 resume", "03-03 16:00 back power")
    history = [replace_fact(one, RanOut("disposal", ran_out, "power")) if one.offset == 3 else one for one in told]
    found = compared(history, {STANDARDS: (standard(2),)}, city(1))
    assert [one for one in changes(found) if one[1] == "disposal"] == [
        ("a", "disposal", "overdue", "met", "03-03 09:00", "03-04 09:00")
    ]


def test_cases_are_told_apart_and_other_subjects_left_out() -> None:
    told = [*facts(*LEANING), *facts(*LEANING, case="b")]
    worker = [Told(1, replace(t.meta, subject=replace(t.meta.subject, kind="worker")), t.fact) for t in told[:1]]
    found = compared([*worker, *told], SHORTER)
    assert (found.cases, [one[0] for one in changes(found)]) == (2, ["a", "b", "a", "b"])


# ------------------------------------------------------------ bad twins

GROWN = city(2, ("standards", "other 2026", replace(standard(9), scheme="other")))
BEFORE_IT = facts("03-02 08:00 file 7", "03-02 09:00 dispatch power", "03-03 16:00 back power", version=1)


def holds(suppose: Suppose) -> None:
    """What a what-if has to do: other verdicts where the cited version had the document, and only there."""
    assert changes(compared(facts(*LEANING), SHORTER, GROWN, suppose)) == LATE
    assert changes(compared(BEFORE_IT, SHORTER, GROWN, suppose)) == [], "version 1 had no standard"


def test_each_fact_is_judged_by_the_version_that_it_cites() -> None:
    holds(as_it_is_done)


@pytest.mark.parametrize("twin", [by_the_newest, that_changes_nothing])
def test_a_what_if_that_judges_by_the_newest_version_or_changes_nothing_is_found(twin: Suppose) -> None:
    with pytest.raises(AssertionError):
        holds(twin)
