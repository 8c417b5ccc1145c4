"""Whom a centre can command, so that it need not ask. Pure.

A centre speaks for the district or the street that commands it. It commands what stands below that, by line or by
function, and the units that are stationed 派驻 there; who is only coordinated 联动 must be asked.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from schemas.events import Organisation
from streams.core.reference import InForce
from streams.core.reference.organisations import organisation, related
from streams.core.units import plain

_SPOKEN_FOR = frozenset({"district", "street"})


class Reach(msgspec.Struct, frozen=True, gc=False):
    """A centre and those in whose name it commands; without any, nothing is known of whom it commands."""

    name: str
    heads: frozenset[str]

    def commands(self, view: InForce, code: str) -> bool | None:
        """Whether an organisation can be commanded; None where the reference does not know it, or the centre."""
        if not self.heads or organisation(view, code) is None:
            return None
        passed: set[str] = set()
        ahead = [code, *related(view, code, "stationed")]
        while ahead:
            one = ahead.pop()
            if one in self.heads:
                return True
            if one not in passed:
                passed.add(one)
                ahead += _above(view, one)
        return False

    def holders(self, view: InForce, power: str) -> tuple[str, ...]:
        """All who hold a power."""
        return _holders(view).get(power, ())

    def holds_itself(self, view: InForce, power: str) -> bool:
        """Whether somebody under this command holds a power."""
        return any(self.commands(view, org) for org in self.holders(view, power))


def reach_of(view: InForce, centre: str | None, division: str | None) -> Reach:
    """The reach of a centre; where no fact names one, that of the centre of the division in the reference."""
    found = organisation(view, centre) if centre else _centre_of(view, division)
    if found is None:
        return Reach(centre or "the centre", frozenset())
    above = organisation(view, found.commanded_by)
    heads = {found.code}
    if found.kind == "centre" and above is not None and above.kind in _SPOKEN_FOR:
        heads.add(above.code)
    return Reach(found.code, frozenset(heads))


def _centre_of(view: InForce, division: str | None) -> Organisation | None:
    centres = (o for o in view.items(Organisation) if o.kind == "centre")
    covering = [o for o in centres if (division or "").startswith(plain(o.division or ""))]
    return max(covering, key=lambda o: len(o.division or ""), default=None)


def _above(view: InForce, code: str) -> Iterable[str]:
    """Who commands an organisation, by line and by function."""
    found = organisation(view, code)
    line = (found.commanded_by,) if found and found.commanded_by else ()
    return (*line, *related(view, code, "subordinate"))


def _holders(view: InForce) -> dict[str, tuple[str, ...]]:
    def index() -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for one in view.items(Organisation):
            for power in one.powers:
                found.setdefault(power, []).append(one.code)
        return {power: tuple(orgs) for power, orgs in found.items()}

    holders: dict[str, tuple[str, ...]] = view.once("holders of powers", index)
    return holders
