"""What a case is about, and whom the rules name for it when it is filed.

Promise: without reference data nothing is proposed; a source that reports what has happened is not told whom to send.
"""

from __future__ import annotations

from sys import intern

import msgspec
from msgspec.structs import replace

from schemas.events import Amended, Category, ClaimMeta, Dispatched, File, Reported
from streams.core.kind import Context, FactBody
from streams.core.reference import city
from streams.core.routing import Matter, propose, proposed


class About(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Type, place and asset, as last amended."""

    scheme: str
    version: str
    code: str
    division: str = ""
    grid: str = ""
    asset: str = ""


def reported(fact: Reported) -> About:
    """What a report is about. Few different words stand in many cases, so each is kept once."""
    category, place = fact.category, fact.place
    return About(
        intern(category.scheme),
        intern(category.version),
        intern(category.code),
        intern(place.division or ""),
        intern(place.grid or ""),
        fact.asset or "",
    )


def amended(about: About, fact: Amended) -> About:
    """The same with what was corrected."""
    if (category := fact.category) is not None:
        about = replace(about, scheme=category.scheme, version=category.version, code=category.code)
    if (place := fact.place) is not None:
        about = replace(about, division=place.division or about.division, grid=place.grid or "")
    return about if fact.asset is None else replace(about, asset=fact.asset)


def dispatch_on_filing(about: About | None, meta: ClaimMeta, claim: File, x: Context) -> tuple[FactBody, ...]:
    """Whom the rules name, and the dispatch itself where the city does not wait for a dispatcher."""
    if about is None or meta.already_done or not x.reference.loads:
        return ()
    view = x.reference.in_force(meta.occurred_at)
    cited = claim.condition
    condition = None if cited is None else city.condition(view, cited.scheme, cited.version, cited.code)
    matter = Matter(
        Category(about.scheme, about.version, about.code),
        about.division or None,
        about.grid or None,
        about.asset or None,
        condition,
        meta.actor.org,
    )
    proposal = proposed(propose(view, matter, meta.occurred_at))
    if not proposal.at_once:
        return (proposal,)
    return proposal, Dispatched(proposal.parties, proposal.basis, None)
