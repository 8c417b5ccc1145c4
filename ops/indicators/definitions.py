"""Definitions of indicators, read strictly: an unknown condition or a version that stands twice is refused."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from ops.indicators.conditions import CONDITIONS


class BadDefinitions(Exception):
    """A file of definitions that cannot be used; one sentence says what, where and what to do."""


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rate: of the rows that meet all of `whole`, the share that meets all of `part` too."""

    name: str
    chinese: str
    version: int
    says: str
    of: Literal["clocks", "cases"]
    whole: tuple[str, ...]
    part: tuple[str, ...]
    valid_from: date = date.min


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    indicators: tuple[Definition, ...]


def load(path: Path | None = None, on: date = date.max) -> list[Definition]:
    """The version of each definition that holds on a day; of the hub's own, or of a file. Raises BadDefinitions.

    So a month is counted as it was counted then, whatever versions came afterwards.
    """
    where = str(path) if path else "definitions.toml"
    text = (path or resources.files("ops.indicators").joinpath("definitions.toml")).read_text("utf-8")
    try:
        found = msgspec.convert(tomllib.loads(text), _File).indicators
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise BadDefinitions(f"{where}: {wrong}") from None
    newest: dict[str, Definition] = {}
    for one in found:
        check_follows(f"{where}, {one.name}", one, newest.get(one.name))
        check_conditions(where, one)
        newest[one.name] = one
    return list({one.name: one for one in found if one.valid_from <= on}.values())


class Versioned(Protocol):
    """What has a version that holds from a day on."""

    @property
    def version(self) -> int: ...
    @property
    def valid_from(self) -> date: ...


def check_follows(said: str, one: Versioned, before: Versioned | None) -> None:
    """Raises BadDefinitions where a version does not come after the one before it, by number and by day."""
    if before is None:
        return
    if one.version <= before.version:
        raise BadDefinitions(f"{said}: version {one.version} must be above {before.version} before it")
    if one.valid_from <= before.valid_from:
        raise BadDefinitions(
            f"{said}: version {one.version} must say valid_from, a day after that of the one before it"
        )


def check_conditions(where: str, one: Definition) -> None:
    """Raises BadDefinitions where a condition is not in the vocabulary."""
    known = CONDITIONS[one.of]
    for condition in (*one.whole, *one.part):
        if condition not in known:
            raise BadDefinitions(
                f'{where}, {one.name}: there is no condition "{condition}" of {one.of}; there are {", ".join(known)}'
            )
