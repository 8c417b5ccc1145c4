"""Scorecards, read strictly: weights make 100, conditions are known, a version stands once."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Final, Literal

import msgspec

from ops.indicators.definitions import BadDefinitions, Definition, check_conditions, check_follows

POINTS: Final = 100


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part: of the rows that meet all of `whole`, the share that meets all of `met` too, for so many points."""

    name: str
    chinese: str
    says: str
    weight: int
    rows: Literal["clocks", "cases"]
    whole: tuple[str, ...]
    met: tuple[str, ...]

    def definition(self, version: int) -> Definition:
        """The part as a rate, which can be counted and listed as any indicator."""
        return Definition(self.name, self.chinese, version, self.says, self.rows, self.whole, self.met)


class Scorecard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a department or a grid is scored by."""

    of: Literal["department", "grid"]
    version: int
    parts: tuple[Part, ...]
    valid_from: date = date.min


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    scorecards: tuple[Scorecard, ...]


def load(path: Path | None = None, on: date = date.max) -> list[Scorecard]:
    """The version of each scorecard that holds on a day; of the hub's own, or of a file. Raises BadDefinitions."""
    where = str(path) if path else "scorecards.toml"
    text = (path or resources.files("ops.evaluation").joinpath("scorecards.toml")).read_text("utf-8")
    try:
        found = msgspec.convert(tomllib.loads(text), _File).scorecards
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise BadDefinitions(f"{where}: {wrong}") from None
    newest: dict[str, Scorecard] = {}
    for card in found:
        _check(where, card, newest.get(card.of))
        newest[card.of] = card
    return list({card.of: card for card in found if card.valid_from <= on}.values())


def _check(where: str, card: Scorecard, before: Scorecard | None) -> None:
    said = f"{where}, scorecard of a {card.of}"
    check_follows(said, card, before)
    names = [part.name for part in card.parts]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadDefinitions(f"{said}: {twice[0]} stands twice")
    weights = [part.weight for part in card.parts]
    if min(weights, default=0) <= 0 or sum(weights) != POINTS:
        raise BadDefinitions(f"{said}: its weights are {sum(weights)} together; give each some, and {POINTS} in all")
    for part in card.parts:
        check_conditions(said, part.definition(card.version))
