"""Indicators over real tables: what fell due in a period, and every figure down to its cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection

from ops.indicators.conditions import Period
from ops.indicators.definitions import Definition, load
from ops.indicators.figures import Figure, drill, figures
from ops.indicators.standing import standing
from schemas import ids
from streams.core.visibility import Asker
from streams.views.tables import cases, clocks, parties
from tests.integration.databases import fresh

OCTOBER, NOVEMBER = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MONTH = Period(OCTOBER, NOVEMBER, NOVEMBER + 10 * DAY)
KNOWN = {one.name: one for one in load()}


@pytest.fixture
def tables(dsn: str) -> Iterator[Connection]:
    with fresh(dsn) as engine, engine.begin() as connection:
        yield connection


def add_case(tables: Connection, n: int, **columns: Any) -> str:
    case_id = ids.case_id("t", str(n))
    row: dict[str, Any] = {"case_id": case_id, "system": "t", "source_number": str(n), "stage": "closed", "seq": 1}
    row |= {"last_recorded_at": OCTOBER, "partition": 0, "first_offset": 0, "last_offset": 0, "state": b""}
    tables.execute(cases.insert().values(**row | columns))
    return case_id


def add_clock(tables: Connection, n: int, clock: str, due: datetime | None, **columns: Any) -> None:
    row: dict[str, Any] = {"case_id": ids.case_id("t", str(n)), "clock": clock, "party": "", "verdict": "met"}
    row |= {"opened_at": OCTOBER - DAY, "due_at": due, "basis": "t", "trouble": ""}
    row |= {"opened_by": 1, "unit": "", "used_us": 0, "calendar": ""}
    tables.execute(clocks.insert().values(**row | columns))


def figure(tables: Connection, one: str | Definition) -> Figure:
    definition = KNOWN[one] if isinstance(one, str) else one
    (found,) = figures(tables, [definition], MONTH)
    return found


def published_month(tables: Connection) -> None:
    """972 fell due: 737 closed on time, 174 late, 61 open; beside them what a careless count would take in."""
    due = OCTOBER + 5 * DAY
    for n in range(972 + 60):
        add_case(tables, n)
    for n in range(737):
        add_clock(tables, n, "closure", due, closed_at=due - HOUR)
    for n in range(737, 911):
        add_clock(tables, n, "closure", due, closed_at=NOVEMBER + DAY, overdue_at=due, verdict="overdue")
    for n in range(911, 972):
        add_clock(tables, n, "closure", due, verdict="running")
    for n in range(972, 972 + 40):
        add_clock(tables, n, "closure", NOVEMBER + 9 * DAY, closed_at=due)
    for n in range(972 + 40, 972 + 60):
        add_clock(tables, n, "closure", OCTOBER - HOUR, closed_at=due, overdue_at=OCTOBER - HOUR, verdict="overdue")


def test_the_published_month_comes_out(tables: Connection) -> None:
    published_month(tables)
    closing, on_time = figure(tables, "closing"), figure(tables, "on-time-closing")
    assert (closing.part, closing.whole, on_time.part, on_time.whole) == (911, 972, 737, 972)
    assert (f"{closing.rate:.2%}", f"{on_time.rate:.2%}") == ("93.72%", "75.82%")


def test_every_figure_lists_its_cases(tables: Connection) -> None:
    published_month(tables)
    rows = drill(tables, KNOWN["on-time-closing"], MONTH)
    assert (sum(row.counts for row in rows), len(rows)) == (737, 972)
    assert {row.case_id for row in rows if row.counts} == {ids.case_id("t", str(n)) for n in range(737)}


def test_closed_in_the_period_is_not_due_in_the_period(tables: Connection) -> None:
    """The bad twin: a whole of what was closed in October counts early and late ones from other months."""
    published_month(tables)
    for n in range(972 + 60):
        tables.execute(cases.update().where(cases.c.source_number == str(n)).values(closed_at=OCTOBER + DAY))
    twin = msgspec.structs.replace(KNOWN["closing"], of="cases", whole=("closed",), part=("closed",))
    assert figure(tables, twin).whole != figure(tables, "closing").whole


def test_a_breach_counts_while_the_case_is_open(tables: Connection) -> None:
    add_case(tables, 1)
    add_clock(tables, 1, "disposal", OCTOBER + DAY, party="power", verdict="running")
    (found,) = standing(tables, MONTH.now)
    assert (found.department, found.overdue, found.met) == ("power", 1, 0)
    assert figure(tables, "on-time-disposal")[3:] == (0, 1)


def test_an_exempt_clock_stays_overdue(tables: Connection) -> None:
    add_case(tables, 1)
    late = OCTOBER + DAY
    add_clock(tables, 1, "disposal", late, closed_at=late + DAY, overdue_at=late, verdict="exempt", party="power")
    assert figure(tables, "overdue-exempt")[3:] == (1, 1)
    assert figure(tables, "on-time-disposal")[3:] == (0, 1)
    (found,) = standing(tables, MONTH.now)
    assert (found.overdue, found.exempt) == (1, 1)


def test_an_exempt_case_is_not_counted_as_one_that_was_in_time(tables: Connection) -> None:
    """The bad twin: of two late ones one is exempt, and a rate that forgives it says more than happened."""
    late = OCTOBER + DAY
    for n, verdict in enumerate(("exempt", "overdue")):
        add_case(tables, n)
        add_clock(tables, n, "disposal", late, closed_at=late + DAY, overdue_at=late, verdict=verdict, party="power")
    twin = msgspec.structs.replace(KNOWN["on-time-disposal"], part=("in time or exempt",))
    assert (figure(tables, "on-time-disposal").part, figure(tables, twin).part) == (0, 1)


def test_a_clock_that_was_opened_again_counts_for_each_time(tables: Connection) -> None:
    """Transferred away and back: that the first time ran out stays a fact, whatever came of the second."""
    add_case(tables, 1)
    late = OCTOBER + DAY
    add_clock(tables, 1, "disposal", late, closed_at=late + DAY, overdue_at=late, verdict="overdue", party="power")
    add_clock(tables, 1, "disposal", late + 9 * DAY, closed_at=late + 8 * DAY, party="power", opened_by=7)
    assert figure(tables, "on-time-disposal")[3:] == (1, 2)


def test_what_nobody_waited_for_any_more_never_fell_due(tables: Connection) -> None:
    add_case(tables, 1)
    add_clock(tables, 1, "disposal", OCTOBER + DAY, closed_at=OCTOBER, party="power", verdict="withdrawn")
    assert figure(tables, "on-time-disposal").whole == 0
    (found,) = standing(tables, MONTH.now)
    assert (found.met, found.withdrawn, found.overdue) == (0, 1, 0)


def test_a_limit_that_nobody_knows_stays_at_risk_and_falls_due_nowhere(tables: Connection) -> None:
    add_case(tables, 1)
    add_clock(tables, 1, "closure", None, verdict="running", not_before=NOVEMBER)
    (found,) = standing(tables, MONTH.now)
    assert found.at_risk == 1
    assert figure(tables, "closing").whole == 0
    assert figure(tables, "closing").rate is None


def test_rates_of_cases_follow_their_definitions(tables: Connection) -> None:
    during = OCTOBER + DAY
    back = [{"seq": 9, "at": int(during.timestamp() * 1e6), "contacted": True, "solved": True, "satisfied": False}]
    add_case(tables, 1, filed_at=during, dispatched_at=during, checked_at=during, reworks=1, more={"call_backs": back})
    moved = add_case(tables, 2, filed_at=during, dispatched_at=during, checked_at=during)
    add_case(tables, 3, filed_at=during, stage="void")
    add_case(tables, 4, opened_at=during, closing_kind="self_handled")
    add_case(tables, 5, opened_at=during, filed_at=NOVEMBER)
    tables.execute(parties.insert().values(case_id=moved, org="power", role="lead", status="transferred"))
    found = {one.name: (one.part, one.whole) for one in figures(tables, load(), MONTH)}
    assert {name: found[name] for name in ("accurate-filing", "accurate-dispatch", "rework", "self-handled")} == {
        "accurate-filing": (2, 3), "accurate-dispatch": (1, 2), "rework": (1, 2), "self-handled": (1, 2),
    }  # fmt: skip
    assert (found["response"], found["solution"], found["satisfaction"]) == ((1, 1), (1, 1), (0, 1))


def test_figures_are_split_by_department(tables: Connection) -> None:
    for n, party in enumerate(("power", "power", "water")):
        add_case(tables, n)
        add_clock(tables, n, "disposal", OCTOBER + DAY, party=party, closed_at=OCTOBER)
    found = figures(tables, [KNOWN["disposal"]], MONTH, by="department")
    assert [(one.group, one.part, one.whole) for one in found] == [("power", 2, 2), ("water", 1, 1)]


def test_a_case_that_may_not_be_seen_is_in_no_figure_and_no_list(tables: Connection) -> None:
    for n, restricted in enumerate((False, True)):
        add_case(tables, n, restricted=restricted, reporting_org="street", centre="centre", opened_at=OCTOBER + DAY)
        add_clock(tables, n, "closure", OCTOBER + DAY, closed_at=OCTOBER)
    own = {None: 2, Asker("street"): 2, Asker("water"): 1, Asker("centre", "auditor"): 2, Asker("centre"): 1}
    for asker, seen in own.items():
        told = list(figures(tables, list(KNOWN.values()), MONTH, asker=asker))
        assert {one.whole for one in told if one.name in ("closing", "settled")} == {seen}
        assert {len(drill(tables, KNOWN[name], MONTH, asker=asker)) for name in ("closing", "settled")} == {seen}
