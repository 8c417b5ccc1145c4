"""Definitions of indicators, read strictly: an unknown condition or a version that stands twice is refused."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Literal

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


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    indicators: tuple[Definition, ...]


def load(path: Path | None = None) -> list[Definition]:
    """The newest version of each definition of a file, by default of the hub's own. Raises BadDefinitions."""
    where = str(path) if path else "definitions.toml"
    text = (path or resources.files("ops.indicators").joinpath("definitions.toml")).read_text("utf-8")
    try:
        found = msgspec.convert(tomllib.loads(text), _File).indicators
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise BadDefinitions(f"{where}: {wrong}") from None
    newest: dict[str, Definition] = {}
    for one in found:
        _check(where, one, newest.get(one.name))
        newest[one.name] = one
    return list(newest.values())


def _check(where: str, one: Definition, before: Definition | None) -> None:
    if before is not None and one.version <= before.version:
        raise BadDefinitions(f"{where}, {one.name}: version {one.version} must be above {before.version} before it")
    check_conditions(where, one)


def check_conditions(where: str, one: Definition) -> None:
    """Raises BadDefinitions where a condition is not in the vocabulary."""
    known = CONDITIONS[one.of]
    for condition in (*one.whole, *one.part):
        if condition not in known:
            raise BadDefinitions(
                f'{where}, {one.name}: there is no condition "{condition}" of {one.of}; there are {", ".join(known)}'
            )
