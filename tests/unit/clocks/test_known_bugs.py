"""Bugs that real systems have: each ruled out by name, each beside a bad twin that has it and is caught."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from streams.core.calendars import CalendarData, Year, compile_calendar
from streams.core.clocks import NEW, Clock, Clocks, due_facts, evolve, next_due
from streams.core.clocks.state import Act, Mark
from streams.core.clocks.terms import Hours, Terms
from streams.core.working_time import NotBefore, advance
from tests.clock_samples import (
    DAY,
    HOUR,
    OFFICE,
    ORDINARY,
    PUBLISHED,
    WORKDAY,
    Sheet,
    at,
    clock_of,
    fold,
    hub,
    local,
    meta,
    office,
    said,
)

SHEET = Sheet()


def due(state: Clocks, when: str, terms: Terms = SHEET) -> str:
    return local(clock_of(state, terms, when, "disposal", "power").due_at)


@contextmanager
def caught() -> Iterator[None]:
    """The body is a bad twin: the assertion in it must fail."""
    with pytest.raises(AssertionError):
        yield


def without(state: Clocks, act: Act) -> Clocks:
    """A system that forgets what one kind of fact said."""
    return Clocks(tuple(mark for mark in state.marks if mark.act is not act))


# ------------------------------------------------------------ an extension lost after a later resume

EXTENDED = (
    "03-02 08:00 file 1wd",
    "03-02 08:00 dispatch power",
    "03-02 16:00 extend power",
    "03-03 08:00 suspend 03-20 08:00",
    "03-04 08:00 resume",
)


def extension_survives(state: Clocks) -> None:
    assert due(state, "03-04 09:00") == "03-04 18:00"


def test_an_extension_survives_a_later_resume() -> None:
    extension_survives(fold(*EXTENDED))


def test_a_clock_that_loses_its_extension_is_caught() -> None:
    with caught():
        extension_survives(without(fold(*EXTENDED), Act.EXTENDED))


# ------------------------------------------------------------ a pause in wall time, credited as working time

PAUSED = ("03-06 08:00 file 1wd", "03-06 08:00 dispatch power", "03-06 16:00 suspend 03-09 10:00")


def pause_credits_no_week_end(state: Clocks, terms: Terms = SHEET) -> None:
    assert due(state, "03-09 10:30", terms) == "03-09 12:00"


def test_a_pause_over_a_week_end_is_measured_in_working_time() -> None:
    pause_credits_no_week_end(fold(*PAUSED))


def test_a_clock_that_credits_a_pause_in_wall_time_is_caught() -> None:
    """The pause lasts 66 hours by the wall clock; here they are credited as 66 working hours."""
    state = without(fold(*PAUSED), Act.SUSPENDED)
    wrong = clock_of(state, SHEET, "03-06 10:00", "disposal", "power")
    assert wrong.due_at is not None
    with caught():
        assert local(_moment(advance(ORDINARY.calendar, wrong.due_at, 66 * HOUR))) == "03-09 12:00"


def _moment(found: int | NotBefore) -> int:
    assert isinstance(found, int)
    return found


# ------------------------------------------------------------ only this year's holidays loaded

OVER_NEW_YEAR = ("2025-12-31 08:00 file 2wd", "2025-12-31 14:00 dispatch power")


def new_year_is_a_holiday(terms: Terms) -> None:
    assert due(fold(*OVER_NEW_YEAR), "2025-12-31 15:00", terms) == "01-05 12:00"


def test_a_limit_over_new_year_knows_next_years_holidays() -> None:
    new_year_is_a_holiday(SHEET)


def test_a_calendar_of_this_year_only_says_so_and_guesses_nothing() -> None:
    terms = Sheet(calendars={"": Hours(office(2025), "office 1", WORKDAY)})
    clock = clock_of(fold(*OVER_NEW_YEAR), terms, "2025-12-31 15:00", "disposal", "power")
    assert (clock.due_at, local(clock.not_before)) == (None, "01-01 00:00")


def test_a_calendar_that_takes_an_unknown_year_for_one_without_holidays_is_caught() -> None:
    bare = compile_calendar(CalendarData("office", "1", "Asia/Shanghai", OFFICE, (6, 7), (Year(2025), Year(2026))))
    with caught():
        new_year_is_a_holiday(Sheet(calendars={"": Hours(bare, "office 1", WORKDAY)}))


# ------------------------------------------------------------ one working day taken as 24 hours

ONE_DAY = ("03-02 08:00 file 1wd", "03-02 08:00 dispatch power")


def one_day_is_eight_hours(terms: Terms) -> None:
    assert due(fold(*ONE_DAY), "03-02 09:00", terms) == "03-02 18:00"


def test_one_working_day_is_eight_working_hours() -> None:
    one_day_is_eight_hours(SHEET)


def test_a_working_day_of_24_hours_is_caught() -> None:
    with caught():
        one_day_is_eight_hours(Sheet(calendars={"": Hours(ORDINARY.calendar, "office 1", DAY)}))


# ------------------------------------------------------------ a calendar edited in place

WAITING = ("12-31 08:00 file 2wd", "12-30 08:00 dispatch power")


def past_is_as_it_was(before: Clock, after: Clock) -> None:
    assert (before.used_us, before.segments) == (after.used_us, after.segments)


def test_a_later_calendar_changes_no_day_that_was_known() -> None:
    """The later version says what 2027 is like, and nothing else of 2026."""
    state = fold(*WAITING)
    before = clock_of(
        state, Sheet(calendars={"": Hours(office(2025, 2026), "office 1", WORKDAY)}), "12-31 12:00", "disposal", "power"
    )
    after = clock_of(state, Sheet(calendars={"": PUBLISHED}), "12-31 12:00", "disposal", "power")
    past_is_as_it_was(before, after)


def test_a_calendar_edited_in_place_is_caught() -> None:
    """Somebody makes the last two days of the year holidays, in the version that the clock started under."""
    state = fold(*WAITING)
    edited = Hours(office(2025, 2026, rest=(3, 4, 6, 7)), "office 1", WORKDAY)
    before = clock_of(state, SHEET, "12-31 12:00", "disposal", "power")
    after = clock_of(state, Sheet(calendars={"": edited}), "12-31 12:00", "disposal", "power")
    with caught():
        past_is_as_it_was(before, after)


# ------------------------------------------------------------ a new standards table deletes the old one


class OneTable(Sheet):
    """A system that keeps the newest table only, where the condition has another limit."""

    def limit(self, kind: Any, division: str, condition: Any, version: int, at: int, regime: str) -> Any:
        return super().limit(kind, division, ("gb", "2027", "5wd") if condition else condition, version, at, regime)


def judged_as_filed(terms: Terms) -> None:
    assert due(fold(*ONE_DAY), "03-02 09:00", terms) == "03-02 18:00"


def test_a_clock_is_judged_by_the_table_in_force_when_it_was_filed() -> None:
    judged_as_filed(SHEET)


def test_a_system_that_keeps_one_table_only_is_caught() -> None:
    with caught():
        judged_as_filed(OneTable())


# ------------------------------------------------------------ the deadline of one stage shown while another runs

STAGES = ("03-02 08:00 report", "03-02 08:10 file 2wd", "03-02 08:20 dispatch power")


def each_stage_has_its_own(state: Clocks) -> None:
    terms = Sheet({"acceptance": "15um", "dispatch": "15um"})
    ends = {kind: local(clock_of(state, terms, "03-02 09:00", kind).due_at) for kind in ("acceptance", "dispatch")}
    verdicts = {kind: str(clock_of(state, terms, "03-02 09:00", kind).verdict) for kind in ends}
    assert ends == {"acceptance": "03-02 08:15", "dispatch": "03-02 08:25"}
    assert verdicts == {"acceptance": "met", "dispatch": "met"}
    assert due(state, "03-02 09:00", terms) == "03-04 08:20"


def test_each_stage_has_its_own_deadline() -> None:
    each_stage_has_its_own(fold(*STAGES))


def test_a_stage_that_goes_on_while_the_next_one_runs_is_caught() -> None:
    with caught():
        each_stage_has_its_own(without(fold(*STAGES), Act.FILED))


# ------------------------------------------------------------ a breach counted only when the case is closed

LATE = ("03-02 08:00 file 2uh", "03-02 08:00 dispatch power")
CLOSED_LATE = (*LATE, "03-05 08:00 back power", "03-05 09:00 passed", "03-05 10:00 close")


def overdue_from_the_moment_on(terms: Terms, *facts: str) -> None:
    assert ("03-02 10:00", "RanOut", "disposal", "power") in hub(terms, *facts, until="03-02 10:01").told()


def test_overdue_is_a_fact_at_the_moment_the_limit_passes() -> None:
    overdue_from_the_moment_on(SHEET, *LATE)


def test_and_it_is_the_same_fact_when_nobody_looked_until_the_case_was_closed() -> None:
    overdue_from_the_moment_on(SHEET, *CLOSED_LATE)


def test_a_hub_that_counts_at_the_closing_is_caught() -> None:
    at_closing = hub(SHEET, *CLOSED_LATE)
    late = [(local(at("03-05 10:00")), *rest) for when, *rest in at_closing.told() if rest[0] == "RanOut"]
    with caught():
        assert ("03-02 10:00", "RanOut", "disposal", "power") in late


# ------------------------------------------------------------ and some more

TOLD_LATE = (*LATE, "03-02 09:30 back power (told 03-02 12:00)")


def test_a_hand_back_in_time_that_is_told_late_takes_the_run_out_back() -> None:
    made = hub(SHEET, *LATE, until="03-02 11:00")
    made.say(said(TOLD_LATE[-1]))
    power = [line for line in made.told() if line[2:] == ("disposal", "power")]
    assert power == [
        ("03-02 09:36", "Warned", "disposal", "power"),
        ("03-02 10:00", "RanOut", "disposal", "power"),
        ("03-02 09:30", "RunOutWithdrawn", "disposal", "power"),
    ]
    assert clock_of(made.state, SHEET, "03-03 08:00", "disposal", "power").verdict == "met"


def test_a_hub_that_looked_only_later_never_said_that_it_ran_out() -> None:
    told = hub(SHEET, *TOLD_LATE, until="03-03 08:00").told()
    assert [line for line in told if line[2:] == ("disposal", "power")] == []


def test_told_too_late_to_be_believed_takes_nothing_back() -> None:
    strict = replace(SHEET, bound=HOUR)
    made = hub(strict, *LATE, until="03-02 11:00")
    made.say(said(TOLD_LATE[-1]))
    assert ("03-02 09:30", "RunOutWithdrawn", "disposal", "power") not in made.told()


def test_an_earlier_claim_after_a_run_out_does_not_take_it_back() -> None:
    """Something else is told late: what fell due meanwhile stays."""
    made = hub(SHEET, *LATE, until="03-02 11:00")
    before = len(made.written)
    assert due_facts(made.state, SHEET, at("03-02 09:00")) == ()
    made.say(said("03-02 09:00 answer (told 03-02 11:30)"))
    assert len(made.written) == before


@pytest.mark.parametrize("noticed", ["", "03-02 15:30"])
def test_that_a_suspension_ended_sooner_counts_whether_its_end_date_was_noticed_or_not(noticed: str) -> None:
    """The bad twin lets a pause last until its end date wherever somebody looked before the truth was told."""
    made = hub(SHEET, "03-02 08:10 file 6uh", "03-02 09:00 dispatch power", "03-02 09:10 suspend 03-02 15:10")
    if noticed:
        made.tick(at(noticed))
        assert ("03-02 15:10", "Resumed", "", "") in made.told()
    made.say(said("03-02 10:00 resume (told 03-02 16:00)"))
    clock = clock_of(made.state, SHEET, "03-02 15:00", "disposal", "power")
    assert (local(clock.due_at), [local(one.start) for one in clock.segments]) == (
        "03-02 15:50",
        ["03-02 09:00", "03-02 10:00"],
    )


def test_a_promise_broken_before_a_party_was_sent_is_told_once_and_stays() -> None:
    broken = ("03-02 08:00 file 1wd", "03-02 09:00 promise * 03-02 10:00", "03-02 11:00 dispatch power")
    made = hub(SHEET, *broken)
    made.tick(at("03-02 11:01"))
    assert next_due(made.state, SHEET) is None
    told = ("03-02 10:00", "RanOut", "disposal", "power")
    assert made.told().count(told) == 1
    made.tick(at("12-31 08:00"))
    assert made.told().count(told) == 1
    assert "RunOutWithdrawn" not in {fact for _, fact, _, _ in made.told()}


def test_what_has_no_limit_has_no_clock() -> None:
    assert (
        hub(SHEET, "03-02 08:00 report", "03-02 08:10 file", "03-02 09:00 dispatch power", until="12-31 08:00").told()
        == []
    )


def test_before_the_first_reference_only_what_states_its_limit_is_kept() -> None:
    state = NEW
    for seq, line in enumerate(("03-02 08:00 report", "03-02 08:10 file", "03-02 09:00 dispatch power"), 1):
        one = said(line)
        state = evolve(state, meta(seq, one.happened, one.told, version=0), one.body)
    assert state is NEW
    one = said("03-02 10:00 promise * 03-05 10:00")
    state = evolve(state, meta(4, one.happened, one.told, version=0), one.body)
    assert [type(mark) for mark in state.marks] == [Mark]


def test_a_recomputed_due_time_is_told_once_from_the_day_the_calendar_came() -> None:
    terms = Sheet(calendars={"": PUBLISHED})
    made = hub(terms, "10-30 08:00 file 50wd", "10-30 08:00 dispatch power", until="10-31 09:00")
    assert made.told() == []
    made.tick(at("11-02 08:00"))
    made.tick(at("11-03 08:00"))
    assert sorted(made.told()) == [
        ("11-01 09:00", "DueRecomputed", "closure", ""),
        ("11-01 09:00", "DueRecomputed", "disposal", "power"),
    ]


def test_a_dispatch_told_late_counts_from_its_moment_whether_or_not_a_suspension_since_then_was_noticed() -> None:
    """It was dispatched before the suspension began, and told after it was over."""
    facts = ("03-02 08:00 file 4uh", "03-02 09:00 suspend 03-02 10:00")
    late = "03-02 08:30 dispatch power (told 03-02 11:00)"
    noticed, silent = hub(SHEET, *facts, until="03-02 10:30"), hub(SHEET, *facts)
    for one in (noticed, silent):
        one.say(said(late))
        clock = clock_of(one.state, SHEET, "03-02 11:00", "disposal", "power")
        assert (clock.used_us, local(clock.due_at)) == (1.5 * HOUR, "03-02 13:30")


def test_a_promise_made_during_a_suspension_and_told_after_it_is_as_long_as_it_was() -> None:
    facts = ("03-02 08:00 file 9ud", "03-02 08:00 dispatch power", "03-02 09:00 suspend 03-02 11:00")
    late = "03-02 10:00 promise power 03-02 15:00 (told 03-02 12:00)"
    noticed, silent = hub(SHEET, *facts, until="03-02 11:30"), hub(SHEET, *facts)
    for one in (noticed, silent):
        one.say(said(late))
        assert local(clock_of(one.state, SHEET, "03-02 12:00", "disposal", "power").due_at) == "03-02 16:00"
