"""Every row of the authority table refuses by stage, by role and during a suspension; a wider row does not."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from schemas.events import Actor, Close, Suspended
from streams.core.authority import STAGES, Permission, Role, Stage
from streams.core.kind import Context
from streams.core.rules import broken_rules
from tests.before import BEFORE, FORCING
from tests.builders import (
    AT,
    AUTHORITY,
    CLAIMS,
    DAY,
    DEPUTY,
    DISPATCHED,
    LATER,
    SOURCE,
    Given,
    actor_of,
    claim,
    given,
)

CASE_ROWS = {key: row for key, row in AUTHORITY.items() if "case" in row.kinds}
SAMPLES: dict[str, Any] = {type(body).__name__: body for body in CLAIMS if type(body) is not Close} | {
    f"Close.{kind}": Close(kind, "reason") for kind in ("checked", "forced", "recorded")
}
every_row = pytest.mark.parametrize("key", CASE_ROWS)


def place_of(key: str) -> Given:
    """A case in which the claim is accepted."""
    return given(*(FORCING if key == "Close.forced" else BEFORE.get(type(SAMPLES[key]), DISPATCHED)))


def rightful(key: str) -> Actor:
    return {"Close.forced": DEPUTY, "Close.recorded": SOURCE}.get(key, actor_of(SAMPLES[key]))


def refused_by(case: Given, key: str, by: Actor, row: Permission | None = None) -> str | None:
    """The first rule that refuses the claim, with another row of the table where one is given."""
    authority = AUTHORITY if row is None else AUTHORITY | {key: row}
    decision = case.when(SAMPLES[key], authority, by=by, at=LATER).decision
    return next((fact.rule for fact in decision.facts if type(fact).__name__ == "Refused"), None)


def test_there_is_a_sample_for_every_row() -> None:
    assert set(SAMPLES) == set(CASE_ROWS)


@every_row
def test_no_other_role_may(key: str) -> None:
    case, actor = place_of(key), rightful(key)
    for role in set(Role) - CASE_ROWS[key].roles:
        stranger = Actor(actor.org, role)
        assert refused_by(case, key, stranger) == f"{key}.role"
        wider = replace(CASE_ROWS[key], roles=CASE_ROWS[key].roles | {role})
        assert refused_by(case, key, stranger, wider) != f"{key}.role"


@every_row
def test_in_no_other_stage(key: str) -> None:
    row = CASE_ROWS[key]
    for stage in set(AT) - row.stages - {Stage.NONE}:
        assert refused_by(given(*AT[stage]), key, rightful(key)) == f"{key}.stage"
        wider = replace(row, stages=frozenset(Stage))
        assert refused_by(given(*AT[stage]), key, rightful(key), wider) != f"{key}.stage"


@every_row
def test_in_every_stage_of_the_row_the_stage_is_no_reason(key: str) -> None:
    for stage in CASE_ROWS[key].stages & STAGES["case"]:
        assert refused_by(given(*AT[stage]), key, rightful(key)) != f"{key}.stage"


@every_row
def test_during_a_suspension_only_what_the_row_allows(key: str) -> None:
    row = CASE_ROWS[key]
    facts = (*AT[max(row.stages & STAGES["case"])], Suspended("planting season", LATER + DAY))
    suspended = Given(replace(given(*facts).case, reported_at=0))
    rules = {name for name, _ in broken(suspended, key, row)}
    assert (f"{key}.suspended" in rules) is not row.suspended
    wider = {name for name, _ in broken(suspended, key, replace(row, suspended=True))}
    assert f"{key}.suspended" not in wider


def broken(case: Given, key: str, row: Permission) -> list[tuple[str, str]]:
    said = claim(SAMPLES[key], by=rightful(key), at=LATER)
    context = Context(AUTHORITY, str, LATER)
    return broken_rules(case.kind, case.case, said.meta, said.body, key, row, context)
