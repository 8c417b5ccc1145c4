"""Reports of apps as claims, and items as what may be told."""

import msgspec

from connectors.contract import Item
from connectors.intake import translate
from connectors.intake.translate import CategoryTold, PlaceTold, Point, Reporter, ReportTold, Sender
from schemas import codec, ids
from schemas.events import Actor, FeedCard, Place, Source, Subject
from schemas.wire import coordinates

SENDER = Sender(Actor("app", "reporter"), ids.case_id("app", "1"), Source("app", "1"), 7)
TOLD = ReportTold(
    CategoryTold("yicheng", "2026", "0105"), PlaceTold(address="9 Spring Street"), "It leans", Reporter(phone="138")
)


def item(**card: object) -> Item:
    found = FeedCard("4117", "filed", lead="power", **card)  # type: ignore[arg-type]  # fields of the card by name
    return Item("app", 0, 1, "introduced", Subject("case", SENDER.case), 3, found)


def test_what_a_person_wrote_goes_to_the_vault_only() -> None:
    draft = translate.report(TOLD, SENDER, Place("411702"), "app")
    assert draft.personal.text == "It leans\naddress: 9 Spring Street"
    assert draft.personal.person == "phone: 138"
    sent = codec.encode(draft.meta, draft.body)
    assert not [word for word in (b"leans", b"Spring", b"138") if word in sent]


def test_the_same_report_is_the_same_claim() -> None:
    drafts = [translate.report(TOLD, SENDER, Place("411702"), "app") for _ in range(2)]
    assert drafts[0] == drafts[1]


def test_a_point_is_turned_and_its_original_kept() -> None:
    told = PlaceTold(Point(114.02, 32.97, "BD-09"))
    made = translate.place(told, "411702", coordinates.position, lambda _x, _y: "grid")
    assert made.grid == "grid"
    assert made.position is not None
    assert made.position.original_x == 114.02
    assert made.position.longitude != 114.02


def test_a_report_without_a_place_is_refused_in_one_sentence() -> None:
    assert translate.problem(TOLD) is None
    assert "place" in (translate.problem(msgspec.structs.replace(TOLD, place=PlaceTold())) or "")


def test_of_a_restricted_case_nothing_is_told() -> None:
    assert translate.shown(item()).lead == "power"
    hidden = translate.shown(item(restricted=True))
    assert (hidden.hidden, hidden.number, hidden.stage, hidden.lead) == (True, None, "", None)
