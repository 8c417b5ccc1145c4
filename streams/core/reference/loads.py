"""Loads as they lie in the topic: a header and its items, put together again.

Promise: `whole_loads` gives the same loads however the records were cut into batches, and refuses what no load is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from schemas import events
from schemas.events import Load

KINDS: Final[dict[str, type]] = {
    "organisations": events.Organisation,
    "relations": events.OrganisationRelation,
    "roles": events.RoleGrant,
    "divisions": events.Division,
    "police-codes": events.PoliceCode,
    "grids": events.Grid,
    "posts": events.GridPost,
    "service-places": events.ServicePlace,
    "chat-groups": events.ChatGroup,
    "responsibilities": events.ResponsibilityItem,
    "assets": events.Asset,
    "fallbacks": events.Fallback,
    "regimes": events.Regime,
    "declarations": events.RegimeDeclaration,
    "rosters": events.Duty,
    "calendars": events.Calendar,
    "standards": events.Standard,
    "tariffs": events.Tariff,
    "policies": events.Policy,
    "subscriptions": events.Subscription,
    "evaluations": events.ScoredPart,
}
"""Kind of a document → class of its items."""


class BadLoad(ValueError):
    """Records that are no load; the message is one sentence that names the version."""


class Loaded(msgspec.Struct, frozen=True):
    """One load: its header and its items, in the order of the document."""

    header: Load
    items: tuple[Any, ...]

    @property
    def document(self) -> tuple[str, str]:
        """Kind and name: loads of one document replace each other."""
        return self.header.kind, self.header.name


def whole_loads(records: Sequence[Any]) -> tuple[list[Loaded], Sequence[Any]]:
    """The loads that are complete, and the records of a last one that is not. Raises BadLoad."""
    loads = []
    at = 0
    while at < len(records):
        header = records[at]
        if type(header) is not Load:
            raise BadLoad(f"{type(header).__name__} stands in the reference topic where a Load should begin.")
        end = at + 1 + header.items
        if end > len(records):
            break
        loads.append(Loaded(header, _items(header, records[at + 1 : end])))
        at = end
    return loads, records[at:]


def _items(header: Load, items: Sequence[Any]) -> tuple[Any, ...]:
    wanted = KINDS.get(header.kind)
    if wanted is None:
        raise BadLoad(
            f"Version {header.version} of the reference is of the kind {header.kind}, which is not known here."
        )
    for item in items:
        if type(item) is not wanted:
            raise BadLoad(f"Version {header.version} of the reference ({header.kind}) holds {type(item).__name__}.")
    return tuple(items)
