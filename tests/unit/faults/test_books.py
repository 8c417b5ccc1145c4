"""The judge of storms over the wires would notice what they claim does not happen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from schemas.events import Acknowledged, Actor, Assignment, HandedBack, Progressed, Refused, Reported, Urged
from tests.builders import dispatched, fact, fact_record, filed, reported
from tests.faults.oracle import Seen, _seen
from tests.faults.wires.books import Book, Entry, Reading, Verdict, judge, twice

POWER = Reading(
    "power",
    {"Dispatched": ("order", "work"), "Urged": ("urge",)},
    {"accepted": "Acknowledged", "working": "Progressed", "done": "HandedBack"},
)
HANDLER, REPORTER = Actor("power", "handler"), Actor("app", "reporter")
STORY: tuple[Any, ...] = (
    reported(),
    filed(),
    dispatched(Assignment("power", "lead")),
    Acknowledged("power"),
    Urged("power"),
    Progressed("power"),
    HandedBack("power"),
)
OWN = (Acknowledged, Progressed, HandedBack, Refused)


def facts(*bodies: Any) -> list[Seen]:
    """The facts of one case, as the judge reads them."""
    by = [HANDLER if isinstance(body, OWN) else REPORTER if isinstance(body, Reported) else None for body in bodies]
    found = [fact(body, seq, by=actor) for seq, (body, actor) in enumerate(zip(bodies, by, strict=True), 1)]
    return [_seen(fact_record(one, n)) for n, one in enumerate(found)]


ALL = facts(*STORY)
CASE = ALL[0].key
TOLD, SAID = ("order", "work", "urge"), ("accepted", "working", "done")


def verdict(
    told: Sequence[str] = TOLD, said: Sequence[str] = SAID, seen: list[Seen] = ALL, owed: int = 0, **reading: Any
) -> Verdict:
    book = Book([Entry(CASE, word) for word in told], [Entry(CASE, word) for word in said])
    return judge(seen, POWER._replace(**reading), book, {CASE: owed} if owed else {})


def wrong(found: Verdict) -> dict[str, int]:
    counted = {"lost": len(found.lost), "duplicated": len(found.duplicated), "reordered": len(found.reordered)}
    return {kind: count for kind, count in counted.items() if count}


def test_books_that_agree_have_nothing_wrong() -> None:
    assert wrong(verdict()) == {}


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (("order", "work"), "lost"),
        ((), "lost"),
        (("order", "work", "urge", "urge"), "duplicated"),
        (("order", "order", "work", "urge"), "duplicated"),
        (("order", "urge", "work"), "reordered"),
    ],
)
def test_what_the_department_was_not_told_or_twice_or_in_another_order_is_found(told: Sequence[str], kind: str) -> None:
    assert wrong(verdict(told=told)) == {kind: 1}


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (("accepted", "working", "working", "done"), "lost"),
        (("accepted", "done"), "duplicated"),
        (("accepted", "accepted", "done"), "lost"),
        (("working", "accepted", "done"), "reordered"),
    ],
)
def test_what_the_department_said_and_no_fact_cites_is_found(said: Sequence[str], kind: str) -> None:
    assert wrong(verdict(said=said)) == {kind: 1}


def test_what_is_owed_visibly_is_undelivered_and_not_lost() -> None:
    found = verdict(told=("order", "work"), owed=1)
    assert (wrong(found), found.undelivered) == ({}, 1)


def test_what_is_owed_excuses_no_more_than_it_is() -> None:
    assert wrong(verdict(told=("order",), owed=1)) == {"lost": 1}


def test_moments_that_go_back_are_out_of_order() -> None:
    entries = [Entry(CASE, word, at) for word, at in zip(TOLD, (1, 3, 2), strict=True)]
    found = judge(ALL, POWER, Book(entries, [Entry(CASE, word) for word in SAID]), {})
    assert wrong(found) == {"reordered": 1}


def test_a_department_without_an_order_of_its_own_may_say_things_in_any() -> None:
    assert wrong(verdict(said=("working", "accepted", "done"), in_order=False)) == {}
    assert wrong(verdict(said=("working", "done"), in_order=False)) == {"duplicated": 1}


def test_a_claim_that_was_refused_may_have_been_anything_that_was_said() -> None:
    refused = Refused("HandBack", "HandBack.stage", "It has handed back before.")
    assert wrong(verdict(seen=facts(*STORY[:-1], refused))) == {}


def test_a_department_that_reports_hears_of_its_own_cases_alone() -> None:
    tells = {"Filed": ("investigating",)}
    app: dict[str, Any] = {"org": "app", "tells": tells, "means": {"report": "Reported"}, "reports": True}
    assert wrong(verdict(told=("investigating",), said=("report",), **app)) == {}
    assert wrong(verdict(told=(), said=("report",), **app)) == {"lost": 1}
    assert wrong(verdict(told=("investigating",), said=(), **{**app, "org": "another"})) == {"duplicated": 1}


def test_a_fact_that_stands_there_twice_is_found() -> None:
    assert twice(ALL) == []
    assert len(twice([*ALL, ALL[2]])) == 1
