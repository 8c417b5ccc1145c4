"""What a proposal is asked about, and what it says."""

from __future__ import annotations

import msgspec

from schemas.events import Category, LevelSymbol, Standard


class Matter(msgspec.Struct, frozen=True):
    """A case as routing sees it. `handler` is the organisation that assigns; without it, or where
    the reference does not know it, the centre of the place does."""

    category: Category | None = None
    division: str | None = None
    grid: str | None = None
    asset: str | None = None
    condition: Standard | None = None
    handler: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """Who a rule says should act; `at_once` None: the rule does not say whether to wait for a dispatcher."""

    lead: str
    basis: str
    assists: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    at_once: bool | None = None
    skips_levels: bool = False


class Proposal(msgspec.Struct, frozen=True):
    """Whom the rules name. `duty` has (organisation, opaque person) for those on duty now among lead and assists.

    `at_once` False: it waits for a dispatcher, for the reasons in `basis` or because the city says so.
    """

    lead: str
    level: LevelSymbol
    basis: str
    at_once: bool
    assists: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()
    regime: str | None = None
    duty: tuple[tuple[str, str], ...] = ()
