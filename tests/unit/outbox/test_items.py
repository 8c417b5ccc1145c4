"""What a department is told, and when: introduced once, then facts, gone when it may not see the case any more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from schemas.codec import decode_hub, encode_hub
from schemas.events import (
    Acknowledged,
    Actor,
    Amended,
    Category,
    Closed,
    FeedItem,
    Place,
    ReferenceAnswered,
    ReferenceAsked,
    Refused,
    Reported,
    ReportWithdrawn,
    Restricted,
    Subscription,
    Summoned,
    Transferred,
)
from streams.core.reference import EMPTY
from streams.outbox.items import Told, encoded
from streams.outbox.partition import Feed, Partition
from streams.outbox.refold import refold
from tests.builders import CLOSED, DISPATCHED, PERSON, PHOTO, WORKED, dispatched, filed, reported
from tests.feeds import fact_in, fed, placed, since, subscription, what_happened
from tests.linking import story

LEADS = subscription(involved_as=("lead",))


def words(told: list[Told], subscribed: Subscription, offset: int = 0) -> list[str]:
    return what_happened(fed(told, since(subscribed, offset)))


def test_a_department_hears_of_a_case_from_the_dispatch_to_it_on() -> None:
    assert words(placed(story("1", *WORKED)), LEADS) == ["introduced", "Dispatched", "Acknowledged", "Acknowledged"]


def test_one_that_asks_for_all_hears_everything() -> None:
    assert words(placed(story("1", *DISPATCHED)), subscription()) == ["introduced", "Reported", "Filed", "Dispatched"]


def test_the_numbers_of_a_feed_have_no_gap() -> None:
    told = placed([*story("1", *CLOSED), *story("2", *CLOSED)])
    assert [item.number for item in fed(told, since(subscription()))] == list(range(1, 21))


def test_who_is_no_party_any_more_is_told_that_the_case_is_gone_and_nothing_else() -> None:
    told = placed(story("1", *DISPATCHED, Transferred("power", "water", "not ours"), Acknowledged("water")))
    *_, gone = items = fed(told, since(LEADS))
    assert what_happened(items) == ["introduced", "Dispatched", "gone"]
    assert gone.card.number == filed().number
    assert (gone.card.stage, gone.card.parties, gone.fact) == ("", (), None)


def test_a_case_that_becomes_restricted_is_gone_for_those_who_are_no_part_of_it_and_comes_back() -> None:
    told = placed(
        story("1", *DISPATCHED, Restricted("mediation"), Acknowledged("power"), Restricted("mediation", ("gas",)))
    )
    gas = subscription("gas", "gas")
    assert words(told, gas) == ["introduced", "Reported", "Filed", "Dispatched", "gone", "introduced", "Restricted"]
    assert words(told, subscription())[-3:] == ["Restricted", "Acknowledged", "Restricted"]


def test_a_restricted_case_reaches_the_department_that_it_is_dispatched_to() -> None:
    told = placed(story("1", reported(restricted=True), filed(), dispatched(), Acknowledged("power")))
    assert words(told, subscription()) == ["introduced", "Dispatched", "Acknowledged"]
    assert words(told, subscription("gas", "gas")) == []


def test_the_centre_sees_what_is_restricted_in_the_roles_that_need_it() -> None:
    secret = story("1", reported(restricted=True))
    told = placed([*secret, *story("1", filed(), by=Actor("centre", "dispatcher"), first=2)])
    assert words(told, subscription("desk", "centre", role="dispatcher")) == ["introduced", "Filed"]
    assert words(told, subscription("desk", "centre", role="handler")) == []
    assert words(told, subscription("desk", "far", role="dispatcher")) == []


def test_a_case_that_moves_out_of_a_departments_grids_is_gone() -> None:
    away = Amended("wrong-place", place=Place("411702002001", "411702002001001"))
    told = placed(story("1", reported(), away, filed()))
    here = subscription(grids=("411702001",))
    assert words(told, here) == ["introduced", "Reported", "gone"]
    assert words(told, subscription(divisions=("411702002",))) == ["introduced", "Amended", "Filed"]


def test_a_category_stands_for_all_that_begin_with_it() -> None:
    told = placed(story("1", reported()))
    assert words(told, subscription(categories=(Category("gb", "2021", "01"),))) == ["introduced", "Reported"]
    assert words(told, subscription(categories=(Category("gb", "2021", "02"),))) == []
    assert words(told, subscription(categories=(Category("gb", "2008", "01"),))) == []


def test_who_is_summoned_hears_of_the_case() -> None:
    told = placed(story("1", reported(), filed(), Summoned(("gas", "water"), None)))
    assert words(told, subscription("gas", "gas", involved_as=("summoned",))) == ["introduced", "Summoned"]


QUESTION = (reported(), filed(), ReferenceAsked("police", "identity"), ReferenceAnswered("police", "unknown"))


def test_who_is_asked_something_hears_of_the_case_and_of_what_follows() -> None:
    told = placed(story("1", *QUESTION, dispatched()))
    police = subscription("police", "police", involved_as=("lead",), asked=True)
    assert words(told, police) == ["introduced", "ReferenceAsked", "ReferenceAnswered", "Dispatched"]
    assert words(told, replace(police, involved_as=())) == words(told, police), "asked alone is a part, too"
    assert words(told, subscription("gas", "gas", asked=True)) == [], "another one was asked"


def test_a_question_opens_no_subscription_that_does_not_wait_for_questions() -> None:
    assert words(placed(story("1", *QUESTION)), subscription("police", "police", involved_as=("lead",))) == []


def test_a_question_about_a_restricted_case_reaches_whom_the_restriction_names() -> None:
    police = subscription("police", "police", asked=True)
    case = (reported(restricted=True), filed(), ReferenceAsked("police", "identity"))
    assert words(placed(story("1", *case)), police) == []
    assert words(placed(story("1", *case, Restricted("asked", ("police",)))), police) == ["introduced", "Restricted"]


def test_other_kinds_of_subjects_are_told_where_they_are_asked_for() -> None:
    told = placed(story("1", Refused("x", "y", "z"), kind="group"))
    assert words(told, subscription()) == []
    assert words(told, subscription(kinds=("group",))) == ["introduced", "Refused"]


def test_a_feed_of_cards_carries_no_facts() -> None:
    told = placed(story("1", *DISPATCHED))
    items = fed(told, since(subscription(scope="card")))
    assert [item.fact for item in items] == [None] * 4
    assert items[-1].fact_type == "threecross.fact.dispatch.Dispatched"
    assert items[-1].card.lead == "power"


def test_a_card_says_how_the_case_stands_at_that_fact() -> None:
    items = fed(placed(story("1", *WORKED)), since(subscription()))
    stages = [item.card.stage for item in items]
    assert stages == ["reported", "reported", "filed", "dispatched", "dispatched", "dispatched"]
    card = items[-1].card
    assert (card.number, card.lead, card.reporting_org) == (filed().number, "power", "street")
    assert card.place == reported().place
    assert [(p.org, p.role, p.status) for p in card.parties] == [
        ("power", "lead", "acknowledged"),
        ("telecom", "assist", "acknowledged"),
        ("water", "inform", "dispatched"),
    ]
    assert card.blocks == "Still open: power, telecom."


def test_a_fact_that_anybody_may_see_goes_out_as_it_came() -> None:
    told = placed(story("1", reported()))
    assert fed(told, since(subscription("street", "street")))[-1].fact == told[0].value


def test_the_person_behind_a_report_is_told_to_its_own_side_only() -> None:
    told = placed(story("1", reported(reporter=PERSON)))
    other, own = (fact_in(fed(told, since(subscription(org, org)))[-1])[1] for org in ("power", "street"))
    assert isinstance(other, Reported)
    assert (other.reporter, own.reporter) == (None, PERSON)


def test_an_item_that_no_record_could_hold_is_written_lean() -> None:
    many = tuple(replace(PHOTO, media_type="x" * 90_000) for _ in range(11))
    *_, item = fed(placed(story("1", reported(evidence=many))), since(subscription("street", "street")))
    assert len(encode_hub(item)) > 1_000_000
    written = decode_hub(encoded(item))
    assert isinstance(written, FeedItem)
    assert (written.number, written.fact_type, written.card.stage) == (item.number, item.fact_type, "reported")
    assert (written.fact, written.card.evidence) == (None, ())
    small = fed(placed(story("1", reported())), since(subscription()))[-1]
    assert decode_hub(encoded(small)) == small


# ------------------------------------------------------------ where a feed begins


def test_a_feed_from_now_on_is_introduced_to_an_older_case_when_something_happens_in_it() -> None:
    told = placed(story("1", *WORKED))
    assert words(told, subscription(), offset=4) == ["introduced", "Acknowledged"]


def test_a_feed_of_open_cases_begins_with_them() -> None:
    told = placed([*story("1", *DISPATCHED), *story("2", reported(), ReportWithdrawn("settled"))])
    items = refold(told, (since(subscription(), 5, open_before=True),), EMPTY)
    assert what_happened(items) == ["introduced"]
    assert (items[0].seq, items[0].card.stage) == (3, "dispatched")


def test_what_was_introduced_at_the_beginning_is_not_introduced_again() -> None:
    told = placed(story("1", *WORKED))
    items = refold(told, (since(subscription(), 3, open_before=True),), EMPTY)
    assert what_happened(items) == ["introduced", "Acknowledged", "Acknowledged"]
    assert [item.number for item in items] == [1, 2, 3]


def test_another_version_of_a_subscription_holds_from_its_fact_on() -> None:
    told = placed(story("1", *CLOSED))
    elsewhere = since(subscription(grids=("999",)), 5, version=2)
    assert what_happened(fed(told, since(subscription()), elsewhere)) == [
        *["introduced", "Reported", "Filed", "Dispatched", "Acknowledged", "Acknowledged"],
        "gone",
    ]


def test_a_fact_that_cannot_be_folded_is_told_and_stops_no_other_subject() -> None:
    facts = [*story("1", *DISPATCHED), *story("2", reported())]
    told = placed(facts)
    without = [one for n, one in enumerate(told) if n != 1]
    partition, wrong = Partition(), list[str]()
    partition.feeds = {"power": Feed((since(subscription()),))}
    items = partition.take(without, EMPTY, lambda _subject, why: wrong.append(why))
    assert what_happened(items) == ["introduced", "Reported", "introduced", "Reported"]
    assert wrong == ["fact 3: ValueError: it follows fact 1"]


# ------------------------------------------------------------ twins


def forgets_gone(items: list[FeedItem]) -> list[FeedItem]:
    return [item for item in items if item.reason != "gone"]


def introduces_twice(items: list[FeedItem]) -> list[FeedItem]:
    return [replace(items[0], number=2), *items]


@pytest.mark.parametrize("twin", [forgets_gone, introduces_twice])
def test_a_feed_that_tells_too_little_or_too_much_is_another_one(
    twin: Callable[[list[FeedItem]], list[FeedItem]],
) -> None:
    told = placed(story("1", *DISPATCHED, Transferred("power", "water", "not ours"), Closed("checked")))
    items = fed(told, since(LEADS))
    assert what_happened(twin(items)) != what_happened(items)
