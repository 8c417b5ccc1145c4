"""The rules that a claim must meet, each with a name: `<Claim>.stage`, `<Claim>.relation`, and rules of content."""

from __future__ import annotations

from typing import Any

from schemas.events import ClaimMeta, Close
from streams.core.authority import Permission
from streams.core.kind import Broken, ClaimBody, Context, Kind


def permission_key(claim: ClaimBody) -> str:
    """Row of the authority table that the claim falls under."""
    name = type(claim).__name__
    return f"{name}.{claim.kind}" if type(claim) is Close else name


def broken_rules(
    kind: Kind, state: Any, meta: ClaimMeta, claim: ClaimBody, key: str, permission: Permission, context: Context
) -> list[Broken]:
    """Rules that the claim breaks although its actor may make it: pairs of rule and what stands against it."""
    broken = []
    if state.stage not in permission.stages:
        broken.append((f"{key}.stage", f"the {kind.name} is {state.stage}"))
    relation = kind.relations.get(permission.relation)
    if relation is not None and (detail := relation(state, meta, claim, context)):
        broken.append((f"{key}.relation", detail))
    for name, against in kind.rules.get(type(claim), ()):
        detail = against(state, meta, claim, context)
        if detail:
            broken.append((name, detail))
    broken.extend(kind.general(state, meta, key, permission))
    return broken
