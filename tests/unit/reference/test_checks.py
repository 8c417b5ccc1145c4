"""Whether documents fit together: codes, overlaps, gaps, staff. What would change."""

from __future__ import annotations

from typing import Any

import pytest

from ops.reference import checks
from ops.reference.differences import changes
from ops.reference.documents import Document
from schemas.events import (
    Calendar,
    CalendarYear,
    ChatGroup,
    Outline,
    OutlinePoint,
    OutlineRing,
    Policy,
    Regime,
    ResponsibilityItem,
    StageClock,
    Window,
)
from streams.core.reference import EMPTY
from streams.grids import GridIndex, index
from tests.builders import T0
from tests.reference_samples import DAY, grid, load, org, post

STEP = 0.001


def square(x: float, y: float, width: float = 1, height: float = 1, *holes: Outline) -> Outline:
    """A rectangle, in steps of about 100 m east and north of a corner."""
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    points = tuple(OutlinePoint(114 + a * STEP, 33 + b * STEP, 0, 0) for a, b in corners)
    return Outline("CGCS2000", (OutlineRing(False, points), *(OutlineRing(True, h.rings[0].points) for h in holes)))


def document(kind: str, *items: Any) -> Document:
    return Document(kind, "yicheng", items, file="doc.toml", lines=tuple(("doc.toml", n) for n in range(1, 99)))


def told(*documents: Document) -> list[tuple[int, str, bool]]:
    return [(one.line, one.what, one.warning) for one in checks.check_alone(documents, T0)]


def test_documents_that_fit_give_no_complaint() -> None:
    grids = document("grids", grid("a", outline=square(0, 0)), grid("b", outline=square(1, 0)))
    assert told(document("organisations", org("street"), org("squad", "street")), grids) == []


def test_a_code_that_stands_twice_is_named() -> None:
    assert told(document("organisations", org("a"), org("b"), org("a"))) == [(3, "a stands twice", False)]


def test_several_posts_of_a_grid_may_be_vacant() -> None:
    posts = document("posts", post("a", "p"), post("a", None), post("a", None))
    assert told(document("grids", grid("a")), posts) == []


@pytest.mark.parametrize(
    ("kind", "item", "what"),
    [
        ("organisations", org("a", "nobody"), "there is no organisation nobody"),
        ("grids", grid("a", "above"), "there is no grid above"),
        ("chat-groups", ChatGroup("chat", "1", "g"), "there is no grid g"),
        ("responsibilities", ResponsibilityItem("1", "甲", "@owner", assists=("x",)), "there is no organisation x"),
    ],
)
def test_what_is_named_must_be_there(kind: str, item: Any, what: str) -> None:
    assert (1, what, False) in told(document(kind, item))


def test_what_holds_already_may_be_named() -> None:
    held = EMPTY.after([load(1, "organisations", [org("street")], name="other")])
    assert checks.check(held, [document("organisations", org("squad", "street"))], T0) == []
    replaced = EMPTY.after([load(1, "organisations", [org("street")])])
    assert checks.check(replaced, [document("organisations", org("squad", "street"))], T0) != []


def test_grids_that_share_ground_are_reported_with_the_area() -> None:
    grids = document("grids", grid("a", outline=square(0, 0, 1.1)), grid("b", outline=square(1, 0)))
    ((line, what, warning),) = told(grids)
    assert (line, warning) == (1, True)
    assert what == "the grids a and b overlap by 1,039 m²"


@pytest.mark.parametrize(
    "other", [{"kind": "dedicated"}, {"kind": "departmental", "org": "police"}, {"level": "building"}]
)
def test_hierarchies_and_levels_lie_over_each_other_by_design(other: dict[str, Any]) -> None:
    grids = document("grids", grid("a", outline=square(0, 0)), grid("b", outline=square(0, 0), **other))
    assert [what for _, what, _ in told(grids, document("organisations", org("police")))] == []


def test_what_the_grids_of_a_community_leave_out_is_reported() -> None:
    above = grid("c", level="community", outline=square(0, 0, 2))
    left = grid("a", "c", outline=square(0, 0))
    right = grid("b", "c", outline=square(1, 0, 0.5))
    ((line, what, warning),) = told(document("grids", above, left, right))
    assert (line, warning) == (1, True)
    assert what.startswith("its grids leave 5,19")


def test_an_unstaffed_grid_is_reported() -> None:
    posts = document("posts", post("a", "p"), post("b", None), post("c", None, deputy="p"))
    grids = document("grids", grid("a"), grid("b"), grid("c"))
    assert told(grids, posts) == [(2, "nobody works on the grid b", True)]


def at(made: GridIndex, x: float, y: float) -> list[str]:
    return [found.code for found in made.at(114 + x * STEP, 33 + y * STEP)]


def test_a_point_is_in_its_grid_and_on_a_border_in_both() -> None:
    made = index((grid("a", outline=square(0, 0)), grid("b", outline=square(1, 0)), grid("unmapped")))
    assert at(made, 0.5, 0.5) == ["a"]
    assert at(made, 1, 0.5) == ["a", "b"]
    assert at(made, 1.001, 0.5) == ["b"], "a centimetre is the border, a decimetre is not"
    assert at(made, 5, 5) == []


def test_a_hole_is_not_part_of_a_grid() -> None:
    made = index((grid("a", outline=square(0, 0, 3, 3, square(1, 1))),))
    assert at(made, 1.5, 1.5) == []
    assert at(made, 0.5, 1.5) == ["a"]


def test_the_finest_level_comes_first_and_dedicated_before_territorial() -> None:
    levels = [grid("s", level="street"), grid("t"), grid("d", kind="dedicated"), grid("h", level="building")]
    outlined = tuple(
        type(g)(**{n: getattr(g, n) for n in g.__struct_fields__} | {"outline": square(0, 0)}) for g in levels
    )
    assert at(index(outlined), 0.5, 0.5) == ["h", "d", "t", "s"]


def test_a_difference_tells_item_by_item_what_would_change() -> None:
    held = EMPTY.after([load(1, "organisations", [org("a"), org("b"), org("c")])])
    found = changes(held, document("organisations", org("b"), org("c", "a"), org("d")), T0)
    assert [(c.what, c.item, c.fields) for c in found] == [
        ("removed", "a", ()),
        ("changed", "c", (("commanded_by", None, "a"),)),
        ("added", "d", ()),
    ]


def test_a_difference_is_told_against_what_holds_when_the_document_begins() -> None:
    later = [load(1, "organisations", [org("a")]), load(2, "organisations", [org("b")], valid_from=T0 + DAY)]
    new = Document("organisations", "yicheng", (org("b"),), valid_from=T0 + 2 * DAY)
    assert changes(EMPTY.after(later), new, T0) == []


def policy(*stages: StageClock, calendar: str | None = None) -> Policy:
    return Policy("4117", False, 3, 30, 10, 60, stages, 60, False, calendar)


def test_a_calendar_that_a_policy_or_a_regime_names_must_be_there() -> None:
    port = Calendar("port", "1", "Asia/Shanghai", (Window(480, 720),), (6, 7), (CalendarYear(2026, (), ()),))
    named = [
        document("policies", policy(calendar="port")),
        document("regimes", Regime("e", "e", "a", "b", "c", "port")),
    ]
    assert [what for _, what, _ in told(*named)] == ["there is no calendar port"] * 2
    assert told(*named, document("calendars", port)) == []


def test_a_limit_for_a_clock_that_does_not_exist_is_refused() -> None:
    """The bad twin would keep it, and nobody would ever be late by it."""
    city = policy(StageClock("check", 30), StageClock("disposal_check", 30))
    ((line, what, warning),) = told(document("policies", city))
    assert (line, what.startswith("there is no clock disposal_check; there are acceptance"), warning) == (
        1,
        True,
        False,
    )
