"""Urban management as a program of its own: what it was given, and what it says, agree with our side of the tables."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.contract import Made, Surroundings
from ops.wires.links.exchange_database import Exchanged, exchange
from schemas import ids
from schemas.events import Subject, SubjectKind
from tests.builders import T0
from tests.integration.exchange_database import (
    CASE,
    INTO,
    NUMBER,
    OUT,
    Counterpart,
    Read,
    ask,
    connector,
    counterpart,
    delivery,
    rows,
    wait_for,
)
from tests.link_samples import Clock, Numbers, around

LATER = 40 * 365 * 86_400 * 1_000_000
"""Their clock is the real one: ours must not lie before it."""


@pytest.fixture
def tables(dsn: str) -> Iterator[Exchanged]:
    with exchange(dsn) as made:
        yield made


@pytest.fixture
def squad(tables: Exchanged, tmp_path: Path) -> Iterator[Counterpart]:
    with counterpart(tmp_path, COUNTERPART_DSN=tables.department) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock(T0 + LATER)


@pytest.fixture
def given(tmp_path: Path, clock: Clock) -> Surroundings:
    return around(tmp_path, org="xuesong-squad", clock=clock, look_up=Numbers({("hub", NUMBER): CASE.id}))


def collect(made: Made, wanted: int, into: Read) -> Read:
    """Ask until so many claims and bad rows have come."""

    def once() -> bool:
        found = ask(made)
        into.drafts.extend(found.drafts)
        into.bad.extend(found.bad)
        return len(into.drafts) + len(into.bad) >= wanted

    wait_for(once)
    return into


def test_an_order_is_acknowledged_worked_and_handed_back(
    tables: Exchanged, squad: Counterpart, given: Surroundings
) -> None:
    made = connector(tables, given)
    assert made.sink is not None
    one = delivery("order-1")
    made.sink.deliver(one)
    found = collect(made, 3, Read([], []))
    assert found.claims == ["Acknowledge", "Progress", "HandBack"]
    assert len(found.drafts[2].personal.attached) == 1
    back = made.sink.read_back(one)
    assert back is not None
    assert back.their_number == "XSCG000001"
    book = squad.book()
    assert [(order["key"], order["number"], order["times"]) for order in book["orders"]] == [(one.key, NUMBER, 1)]
    assert [told["word"] for told in book["told"]] == ["签收", "处置中", "处置反馈"]


def test_while_it_is_down_orders_stand_and_are_worked_when_it_is_back(
    tables: Exchanged, squad: Counterpart, given: Surroundings
) -> None:
    made = connector(tables, given)
    assert made.sink is not None
    squad.control("down")
    keys = []
    for number in range(5):
        one = delivery(f"urge-{number}", {"word": "催办"})
        made.sink.deliver(one)
        made.sink.deliver(one)
        keys.append(one.key)
    assert squad.book()["orders"] == []
    squad.control("up")
    assert collect(made, 5, Read([], [])).claims == ["Progress"] * 5
    assert sorted(order["key"] for order in squad.book()["orders"]) == sorted(keys)


def test_bad_days_cost_their_own_rows_and_no_others(
    tables: Exchanged, squad: Counterpart, given: Surroundings, clock: Clock
) -> None:
    cases = [Subject(SubjectKind.CASE, ids.case_id("chat", str(n))) for n in range(4)]
    known = {f"411702-{n}": case.id for n, case in enumerate(cases)}
    made = connector(tables, given)
    assert made.sink is not None
    for fault in ("half", "wrong-checksum", "half-then-whole", "twice", "same-number", "slow-commit"):
        squad.control(f"faults/{fault}/1")
    for number, case in zip(known, cases, strict=True):
        made.sink.deliver(delivery("order-1", {"number": number}, case))
    found = Read([], [])

    def all_came() -> bool:
        clock.pass_seconds(1)
        got = ask(made, known.get)
        found.drafts.extend(got.drafts)
        found.bad.extend(got.bad)
        return len({draft.meta.claim_id for draft in found.drafts}) == 12

    wait_for(all_came)
    clock.pass_seconds(130)
    found.bad.extend(ask(made, known.get).bad)
    by_case = {case: [d for d in found.drafts if d.meta.subject.id == case] for case in known.values()}
    kinds = [sorted({type(draft.body).__name__ for draft in drafts}) for drafts in by_case.values()]
    assert kinds == [["Acknowledge", "HandBack", "Progress"]] * 4
    reasons = sorted(wrong.reason.rpartition(": ")[2] for wrong in found.bad)
    assert reasons == [
        "a new message needs a new number",
        'its checksum "校验码" is of other content',
        'its flag "写入标志" is not set',
    ]
    states = dict(rows(tables, f'SELECT "状态", count(*) FROM {INTO} GROUP BY 1'))
    assert states == {"2": 13, "9": 3}


def test_what_it_changes_after_we_read_it_comes_out(tables: Exchanged, squad: Counterpart, given: Surroundings) -> None:
    made = connector(tables, given)
    assert made.sink is not None
    squad.control("faults/edited/1")
    made.sink.deliver(delivery("urge-1", {"word": "催办"}))
    found = collect(made, 2, Read([], []))
    assert (found.claims, len(found.bad)) == (["Progress"], 1)
    assert "changed after it was read" in found.bad[0].reason


def test_an_order_that_it_refuses_is_told(tables: Exchanged, squad: Counterpart, given: Surroundings) -> None:
    made = connector(tables, given)
    assert made.sink is not None
    squad.control("faults/refuse/1")
    made.sink.deliver(delivery("order-1"))
    assert "refused the order" in collect(made, 1, Read([], [])).bad[0].reason
    assert rows(tables, f'SELECT "状态" FROM {OUT}') == [("8",)]


def test_a_department_with_a_wrong_clock_is_refused_by_its_times(
    tables: Exchanged, given: Surroundings, clock: Clock, tmp_path: Path
) -> None:
    with counterpart(tmp_path, "--clock-offset", "7200", COUNTERPART_DSN=tables.department):
        made = connector(tables, given)
        assert made.sink is not None
        (now,) = rows(tables, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")[0]
        clock.now = int(now)
        made.sink.deliver(delivery("urge-1", {"word": "催办"}))
        assert "ahead of our clock" in collect(made, 1, Read([], [])).bad[0].reason
