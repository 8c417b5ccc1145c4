"""What makes two items of a kind the same one: by these fields they are compared and must not stand twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, Final

from schemas import events

KEYS: Final[dict[type, tuple[str, ...]]] = {
    events.Organisation: ("code",),
    events.OrganisationRelation: ("org", "to", "kind"),
    events.RoleGrant: ("org", "role", "person"),
    events.Division: ("code",),
    events.PoliceCode: ("division", "police_code", "valid_from"),
    events.Grid: ("code",),
    events.GridPost: ("grid", "post", "person"),
    events.ServicePlace: ("code",),
    events.ChatGroup: ("system", "group"),
    events.ResponsibilityItem: ("code",),
    events.Asset: ("code",),
    events.Fallback: ("division", "asset_kind", "category"),
    events.Regime: ("code",),
    events.RegimeDeclaration: ("regime", "divisions", "starts_at"),
    events.Duty: ("org", "role", "starts_at"),
    events.Calendar: ("name", "version"),
    events.Standard: ("scheme", "version", "condition"),
    events.Tariff: ("item",),
    events.Policy: ("division",),
    events.Subscription: ("code",),
    events.ScoredPart: ("scorecard", "group", "part"),
}


def key(item: Any) -> tuple[Hashable, ...]:
    """The key of an item."""
    return tuple(getattr(item, name) for name in KEYS[type(item)])


def keyed(items: Iterable[Any]) -> dict[tuple[Hashable, ...], Any]:
    """Items by key; one that stands again (a second vacant post) gets its number behind the key."""
    found: dict[tuple[Hashable, ...], Any] = {}
    counts: dict[tuple[Hashable, ...], int] = {}
    for one in items:
        plain = key(one)
        counts[plain] = counts.get(plain, 0) + 1
        found[plain if counts[plain] == 1 else (*plain, counts[plain])] = one
    return found


def said(plain: tuple[Hashable, ...]) -> str:
    """A key as people read it."""
    return " · ".join(str(part) for part in plain if part is not None)
