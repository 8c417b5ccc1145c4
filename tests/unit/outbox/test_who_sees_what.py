"""Nothing that is withheld goes into a feed: every type of fact, for readers that may and may not see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from schemas import codec
from schemas.events import FACTS, FeedItem, Restricted
from streams.core.visibility import UNSEEN
from tests.builders import FACTS_OF, PERSON, dispatched, filed, reported
from tests.every_fact import planted
from tests.feeds import fed, placed, since, subscription
from tests.linking import Fact, story

WITHHELD = ("person", "reporter", "household", "other", "into", "case", "about")
"""Fields that a reader who is neither their speaker nor the centre never sees."""
PERSONS = {"reporter": PERSON, "worker": PERSON, "holder": PERSON}
NESTED = {"GroupOpened", "VisitsPlanned"}
"""Facts that name persons further inside: their sample is taken."""
EVERY = [
    *(planted(cls, "mark", given=PERSONS) for cls in FACTS.values() if cls.__name__ not in NESTED),
    *(sample for samples in FACTS_OF.values() for sample in samples if type(sample).__name__ in NESTED),
]
every = pytest.mark.parametrize("body", EVERY, ids=lambda body: type(body).__name__)


def with_person(facts: list[Fact]) -> list[Fact]:
    return [(replace(meta, actor=replace(meta.actor, person=PERSON)), body) for meta, body in facts]


def items_of(body: Any, owner: str, *before: Any) -> list[FeedItem]:
    """What a reader gets of a case in which this happens after the rest, everybody speaking as a known person."""
    told = placed(with_person(story("1", *before, body)))
    return fed(told, since(subscription(owner, owner)))


def withheld_in(items: list[FeedItem]) -> Iterator[str]:
    """Which withheld fields of the facts say something."""
    for item in items:
        if item.fact is not None:
            meta, body = codec.decode(item.fact)
            found = msgspec.to_builtins(meta.actor) | msgspec.to_builtins(body)
            yield from (name for name in WITHHELD if found.get(name) not in (None, UNSEEN))


def test_every_fact_is_tried() -> None:
    assert {type(body) for body in EVERY} == set(FACTS.values())


@every
def test_no_fact_shows_a_stranger_what_is_withheld(body: Any) -> None:
    items = items_of(body, "gas", reported(reporter=PERSON), filed(), dispatched())
    assert len(items) >= 4
    assert list(withheld_in(items)) == []


@every
def test_no_fact_of_a_restricted_case_reaches_a_stranger(body: Any) -> None:
    items = items_of(body, "gas", reported(restricted=True, reporter=PERSON), filed(), dispatched())
    assert [item.reason for item in items] == []


def test_the_card_of_a_case_that_is_gone_says_nothing_but_its_number() -> None:
    gone = items_of(Restricted("mediation"), "gas", reported(), filed())[-1]
    assert msgspec.to_builtins(replace(gone.card, number=None)) == msgspec.to_builtins(type(gone.card)())


def test_no_item_names_the_person_who_reported() -> None:
    items = items_of(dispatched(), "power", reported(reporter=PERSON), filed())
    assert not any(PERSON.encode() in codec.encode_hub(item) for item in items)


# ------------------------------------------------------------ twins


def test_a_feed_that_forgets_to_blank_is_found_out() -> None:
    told = placed(with_person(story("1", reported(reporter=PERSON))))
    forgetful = [replace(item, fact=told[-1].value) for item in fed(told, since(subscription()))]
    assert set(withheld_in(forgetful)) == {"person", "reporter"}
