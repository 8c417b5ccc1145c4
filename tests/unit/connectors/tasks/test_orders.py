"""Which items are orders: each once, to those whom it concerns."""

import pytest

from connectors.contract import Card, Item, Summons
from connectors.tasks.orders import steps
from connectors.tasks.settings import OrderRule, check_words
from schemas.events import Assignment, Closed, Dispatched, PartyRoleSymbol, ReworkOrdered, Summoned, Suspended, Urged
from tests.builders import T0, TEXT
from tests.link_samples import CARD, item, other_item, party

ME = "xuesong-squad"
ORDER = OrderRule("派遣", ("introduced", "Dispatched"), "party", "order")
SUMMONS = OrderRule("召集", ("introduced", "Summoned"), "summoned", "summons")
URGE = OrderRule("催办", ("Urged",), "named", "urge")
REWORK = OrderRule("返工", ("ReworkOrdered",), "named", "rework")
CLOSED = OrderRule("结案", ("Closed",), "involved", "closed")
SUSPENDED = OrderRule("挂账", ("Suspended",), "named", "suspended")
RULES = (ORDER, SUMMONS, URGE, SUSPENDED, REWORK, CLOSED)
SENT = Dispatched((Assignment(ME, "lead"),))


def card(status: str = "dispatched", role: PartyRoleSymbol = "lead") -> Card:
    return Card(**{**CARD_FIELDS, "parties": (party(ME, role, status, dispatched_at=T0, due_at=T0 + 1),)})


CARD_FIELDS = {name: getattr(CARD, name) for name in CARD.__struct_fields__}


def words(*items: Item) -> list[tuple[str, str]]:
    return [(step.name, step.body["word"]) for one in items for step in steps(RULES, ME, one)]


def test_a_dispatch_is_one_order_whether_it_is_met_as_fact_or_as_introduction() -> None:
    assert words(item(SENT, 4, card=card()), other_item("introduced", card(), 9)) == [(f"order-{T0}", "派遣")] * 2


@pytest.mark.parametrize("status", ["handed_back", "returned", "transferred", "released"])
def test_who_need_not_act_gets_no_order(status: str) -> None:
    assert words(other_item("introduced", card(status))) == []


def test_who_is_only_informed_gets_no_order() -> None:
    assert words(item(SENT, card=card(role="inform"))) == []


def test_a_summons_is_told_until_one_is_there() -> None:
    called = Card(**{**CARD_FIELDS, "summons": (Summons(ME, T0, due_at=T0 + 30),)})
    there = Card(**{**CARD_FIELDS, "summons": (Summons(ME, T0, due_at=T0 + 30, reported_in_at=T0 + 5),)})
    assert words(item(Summoned((ME,), 30, "list"), card=called)) == [(f"summons-{T0}", "召集")]
    assert words(other_item("introduced", there)) == []
    assert steps(RULES, ME, other_item("introduced", called))[0].body["due_at"] == T0 + 30


def test_what_names_somebody_else_is_no_order() -> None:
    assert words(item(Urged(ME), 5, card=card()), item(Urged("power"), 6, card=card())) == [("urge-5", "催办")]


def test_what_names_nobody_is_for_all_who_must_act() -> None:
    paused = Suspended("season", T0)
    assert words(item(paused, 5, card=card())) == [("suspended-5", "挂账")]
    assert words(item(paused, 5, card=card("handed_back"))) == []


def test_rework_reaches_who_has_handed_back() -> None:
    assert words(item(ReworkOrdered((ME,)), 8, card=card("handed_back"))) == [("rework-8", "返工")]


def test_an_end_is_told_to_whoever_was_in_it_and_to_nobody_else() -> None:
    assert words(item(Closed("checked"), 9, card=card("handed_back"))) == [("closed-9", "结案")]
    assert words(item(Closed("checked"), 9)) == []


def test_an_order_says_what_and_where_and_its_text_stays_a_reference() -> None:
    (step,) = steps(RULES, ME, item(SENT, card=card()))
    assert step.body["text"] == TEXT
    assert {"number", "subject", "category", "role", "due_at", "sent_at"} <= step.body.keys()


def test_an_order_is_as_old_as_the_dispatch_or_the_summons_and_not_as_its_introduction() -> None:
    fields = {**CARD_FIELDS, "parties": (party(ME, "lead", dispatched_at=T0 - 5),), "summons": (Summons(ME, T0 - 9),)}
    told = steps(RULES, ME, other_item("introduced", Card(**fields)))
    assert {step.body["word"]: step.body["sent_at"] for step in told} == {"派遣": T0 - 5, "召集": T0 - 9}


def test_a_case_that_has_no_number_yet_goes_by_its_id() -> None:
    one = other_item("introduced", Card(**{**CARD_FIELDS, "number": None, "summons": (Summons(ME, T0),)}))
    assert steps(RULES, ME, one)[0].body["number"] == one.subject.id


def test_rules_that_can_never_be_right_are_refused() -> None:
    with pytest.raises(ValueError, match="no fact Dispached"):
        OrderRule("派遣", ("Dispached",))
    with pytest.raises(ValueError, match="name the facts"):
        OrderRule("派遣", ())
    with pytest.raises(ValueError, match="share the step"):
        check_words((ORDER, OrderRule("派", ("Urged",), "named", "order")), ())
