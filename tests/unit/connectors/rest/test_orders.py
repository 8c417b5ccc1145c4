"""What a company is told of a case, by the tables of its file."""

from __future__ import annotations

from typing import Any

import pytest

from connectors import department
from connectors.contract import Card, Item, Step, Summons
from connectors.rest.translate import steps
from schemas.events import (
    Adjudicated,
    Assignment,
    Closed,
    Dispatched,
    LeadAppointed,
    PartyReleased,
    ReworkOrdered,
    SentAgain,
    Subject,
    Summoned,
    Urged,
)
from tests.builders import CATEGORY, NUMBER, PLACE, T0, TEXT
from tests.link_samples import CARD, SHANGHAI, item, other_item, party

POWER = department.example("power").options
TELECOM_B = department.example("telecom-b").options
COMPANIES = ("power", "water", "gas", "heat", "telecom-a", "telecom-b", "telecom-c", "telecom-d")
OURS = (Assignment("telecom", "lead"), Assignment("power", "assist"))


def told(of: Item, org: str = "power", config: Any = POWER) -> list[Step]:
    return steps(config, org, SHANGHAI, of)


def test_a_summons_opens_an_order_and_is_its_first_instruction() -> None:
    card = Card(NUMBER, "filed", CATEGORY, place=PLACE, text=TEXT, summons=(Summons("power", T0, T0 + 1_800_000_000),))
    order, summon = told(item(Summoned(("water", "power"), 30), 3, card=card))
    assert order.name == "order"
    assert order.body["do"] == "open"
    assert order.body["data"]["case_number"] == NUMBER
    assert order.body["data"]["address"] == PLACE.address
    assert order.body["data"]["description"] is TEXT, "a text stays a reference until it is delivered"
    assert summon.name == "summon-3"
    assert summon.body["data"]["report_in_by"] == "2025-11-23T08:30:00+08:00"


def test_who_is_not_called_is_told_nothing() -> None:
    assert told(item(Summoned(("water",), 30))) == []
    assert told(item(Urged("water"))) == []


@pytest.mark.parametrize(
    ("fact", "word"),
    [
        (Dispatched(OURS, "list-7"), "work"),
        (Adjudicated("list-7", OURS), "work"),
        (LeadAppointed("power", "it owns the pole"), "work"),
        (SentAgain("power", "it is yours"), "again"),
        (ReworkOrdered(("power", "telecom")), "rework"),
        (Urged("power", TEXT), "urge"),
        (PartyReleased("power", "not needed"), "released"),
        (Closed("checked"), "closed"),
    ],
)
def test_each_fact_that_asks_something_of_the_company_is_an_instruction(fact: Any, word: str) -> None:
    step = told(item(fact, 7))[-1]
    assert step.name == f"{word}-7"
    assert step.body["data"]["kind"] == word


def test_an_informed_party_gets_no_order() -> None:
    assert told(item(Dispatched((Assignment("telecom", "lead"), Assignment("power", "inform"))))) == []


def test_what_opens_no_order_is_told_only_where_there_is_one() -> None:
    (closed,) = told(item(Closed("checked")))
    assert closed.body["if_there"] is True
    assert told(item(Dispatched(OURS)))[1].body["if_there"] is False


def test_a_case_that_is_met_half_way_is_told_as_it_stands() -> None:
    card = Card(NUMBER, "dispatched", CATEGORY, place=PLACE, parties=(party("power", due_at=T0),))
    assert [step.name for step in told(other_item("introduced", card))] == ["order", "work-4"]
    done = Card(NUMBER, "dispatched", parties=(party("power", status="handed_back"),))
    assert told(other_item("introduced", done)) == []
    called = Card(NUMBER, "filed", summons=(Summons("power", T0),))
    assert [step.name for step in told(other_item("introduced", called))] == ["order", "summon-4"]


def test_the_same_item_leads_to_the_same_steps_and_introduction_and_fact_to_the_same_names() -> None:
    card = Card(NUMBER, "dispatched", parties=(party("power"),))
    fact = item(Dispatched(OURS), 4, card=card)
    assert told(fact) == told(fact)
    assert [s.name for s in told(fact)] == [s.name for s in told(other_item("introduced", card, 4))]


def test_what_is_empty_is_left_out() -> None:
    bare = Card(stage="dispatched")
    order, _ = told(item(Dispatched(OURS), card=bare))
    assert order.body["data"] == {}


def test_a_company_with_words_of_its_own_is_told_in_them() -> None:
    order, work = told(
        item(Dispatched((Assignment("telecom-b", "lead"),)), card=CARD), org="telecom-b", config=TELECOM_B
    )
    assert order.body["data"]["gdbt"] == "杆线倾斜"
    assert work.body["data"]["kind"] == "PD"


def test_subjects_that_are_no_cases_are_no_work_orders() -> None:
    group = item(Dispatched(OURS))
    assert told(Item("f", 0, 1, "fact", Subject("group", group.subject.id), 1, CARD, 0, group.meta, group.fact)) == []


@pytest.mark.parametrize("name", COMPANIES)
def test_every_shipped_company_is_told_to_work_and_nothing_of_who_reported(name: str) -> None:
    loaded = department.example(name)
    fact = item(Dispatched((Assignment(loaded.department.org, "lead"),)))
    found = steps(loaded.options, loaded.department.org, loaded.department.zone, fact)
    assert len(found) == 2
    assert "reporter" not in str(found)


BROKEN = {
    "a misspelt fact": ('facts = ["SentAgain"]', 'facts = ["SendAgain"]', "there is no fact SendAgain"),
    "a misspelt field": ('from = "place.grid"', 'from = "plaice.grid"', "plaice"),
    "a field that a party lacks": ('from = "party.role"', 'from = "party.rule"', "party has"),
    "an unknown claim": ('claim = "HandBack"', 'claim = "HandedBack"', "there is no claim HandedBack"),
    "a field that the claim lacks": ("fields = { due_at", "fields = { colour = 'red', due_at", "has no field colour"),
    "a field that is needed": (', basis = "the company\'s own promise"', "", "needs the field basis"),
    "a status twice": ('status = "archived"', 'status = "done"', "stands there twice"),
    "a table that is not there": ('table = "reasons"', 'table = "raisins"', "no .rest.tables.raisins"),
    "an instruction that never happens": ('facts = ["SentAgain"]', "", "never happens"),
    "an answer to nothing": ('status = "on_site"', 'status = "on_site"\nto = "sumon"', 'no instruction "sumon"'),
    "an unknown key": ("opens = true", "opened = true", "opened"),
    "a secret in the file": ('secret = "env:', 'secret = "', "a secret never stands in the file"),
}


@pytest.mark.parametrize(("old", "new", "told"), BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_says_what_nobody_understands_is_refused(old: str, new: str, told: str) -> None:
    content = (department._examples() / "power.toml").read_text("utf-8")
    assert old in content
    with pytest.raises(department.BadDepartment, match=told):
        department.parse("power", content.replace(old, new).encode())
