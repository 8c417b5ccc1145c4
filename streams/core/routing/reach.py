"""How an organisation is reached: no level is skipped, nobody is commanded who is nobody's subordinate.

An assignment goes to a direct subordinate by territory or by function, to a unit stationed 派驻 at the one that
assigns, or by coordination 联动 to a body that it does not command.
"""

from __future__ import annotations

from schemas.events import LevelSymbol
from streams.core.reference import InForce
from streams.core.reference.organisations import organisation, related, relation, stationed_at, superiors


def reached(view: InForce, handler: str, org: str) -> bool:
    """Whether `handler` may assign to `org` itself."""
    acting = _acting(view, handler)
    found = organisation(view, org)
    if org in acting or (found is not None and found.commanded_by in acting):
        return True
    by_function = related(view, org, "subordinate")
    return any(
        one in by_function or org in stationed_at(view, one) or relation(view, org, one) == "coordinated"
        for one in acting
    )


def step(view: InForce, handler: str, org: str) -> str | None:
    """The next organisation on the way from `handler` to `org`: `org` itself where no level lies between.

    Down along the line of command to whoever is reached, else up by one; None: there is no way.
    """
    acting = _acting(view, handler)
    for above in (org, *superiors(view, org)):
        if (above == org or above not in acting) and reached(view, handler, above):
            return above
    top = organisation(view, acting[-1])
    return top.commanded_by if top else None


def _acting(view: InForce, handler: str) -> tuple[str, ...]:
    """Who assigns: the handler, and a centre also in the name of the one that it belongs to."""
    found = organisation(view, handler)
    if found is not None and found.kind == "centre" and found.commanded_by:
        return handler, found.commanded_by
    return (handler,)


def level(view: InForce, org: str, otherwise: str) -> LevelSymbol:
    """Level of an organisation; of a body outside the hierarchy that of the one that assigns to it."""
    for code in (org, *superiors(view, org), otherwise, *superiors(view, otherwise)):
        found = organisation(view, code)
        if found is not None and found.level is not None:
            return found.level
    return "district"
