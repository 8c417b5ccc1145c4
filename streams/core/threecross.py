"""Whether a case is a three-cross case 三跨, in which of its three parts, and why.

Promise: `three_cross` is pure and gives each part as yes, no or unknown with one sentence and the facts (seq) that it
rests on. Only who works counts: the lead and the assists that are still parties; who is informed, transferred or
released does not. What the reference does not know makes a part unknown, never silently no.

- region: the place, or those who work, lie in two units without a common direct superior. A unit is a street or
  something above it; a community counts as its street. A unit is not in another region than one that contains it.
- department: those who work belong to two or more organisations. Whatever stands below a bureau, or below a street,
  belongs to it.
- authority: a power that is needed, or the asset, is in the hand of a body that the centre cannot command. A power is
  needed when a whistle names it, or when who works is the only one to bring it.

`view` must be the reference as it was when the newest of these facts was decided: a later one never changes the answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Literal

import msgspec

from schemas.events import Asset, PartyRole, PartyRoleSymbol
from streams.core.command import Reach, reach_of
from streams.core.reference import InForce
from streams.core.reference.organisations import organisation
from streams.core.units import lies_apart, street_of

RULE = "three-cross 1"
"""Name and version: another meaning is another version."""

Says = Literal["yes", "no", "unknown"]


class Worker(msgspec.Struct, frozen=True, gc=False):
    """One who is a party still; `seq` is the fact that made it one."""

    org: str
    role: PartyRoleSymbol
    seq: int


class Matter(msgspec.Struct, frozen=True, gc=False):
    """What the rule goes by, each with the fact that says so. `needs`: powers that whistles name."""

    division: str | None = None
    place_seq: int = 0
    asset: str | None = None
    asset_seq: int = 0
    needs: tuple[tuple[str, int], ...] = ()
    parties: tuple[Worker, ...] = ()
    centre: str | None = None
    centre_seq: int = 0

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Lead and assists, each organisation once."""
        return tuple({p.org: p for p in self.parties if p.role != PartyRole.INFORM}.values())


class Part(msgspec.Struct, frozen=True, gc=False):
    """One of the three parts: what it says, why, and the facts (seq) that it rests on."""

    says: Says
    why: str
    facts: tuple[int, ...] = ()


class ThreeCross(msgspec.Struct, frozen=True, gc=False):
    """The three parts."""

    region: Part
    department: Part
    authority: Part

    @property
    def crosses(self) -> tuple[str, ...]:
        """Names of the parts that say yes."""
        return tuple(name for name in self.__struct_fields__ if getattr(self, name).says == "yes")


def three_cross(matter: Matter, view: InForce) -> ThreeCross:
    """The three parts of a matter by this reference."""
    return ThreeCross(_region(matter, view), _department(matter, view), _authority(matter, view))


def _cited(*seqs: int) -> tuple[int, ...]:
    return tuple(sorted({seq for seq in seqs if seq}))


# ------------------------------------------------------------ region


class _Unit(msgspec.Struct, frozen=True, gc=False):
    """A unit of territory, and why it is one of the case's."""

    code: str
    reason: str
    seq: int


def _region(matter: Matter, view: InForce) -> Part:
    place = street_of(matter.division)
    units = [_Unit(place, f"the place lies in {place}", matter.place_seq)] if place else []
    units += [unit for worker in matter.workers if (unit := _answers_for(view, worker))]
    for one, other in combinations(units, 2):
        if lies_apart(view, one.code, other.code):
            why = f"{one.reason}, {other.reason}: they have no direct superior in common"
            return Part("yes", why, _cited(one.seq, other.seq))
    unknown = _unknown(matter, view)
    if unknown:
        return unknown
    if place is None:
        return Part("unknown", "the division of the place is not known", _cited(matter.place_seq))
    return Part("no", "place and parties lie under one direct superior", _cited(*(unit.seq for unit in units)))


def _answers_for(view: InForce, worker: Worker) -> _Unit | None:
    found = organisation(view, worker.org)
    code = street_of(found.division) if found else None
    return _Unit(code, f"{worker.org} answers for {code}", worker.seq) if code else None


def _unknown(matter: Matter, view: InForce) -> Part | None:
    """What stands in the way when the reference does not know who works."""
    strangers = [worker for worker in matter.workers if organisation(view, worker.org) is None]
    if not strangers:
        return None
    names = ", ".join(worker.org for worker in strangers)
    return Part("unknown", f"the reference does not know {names}", _cited(*(worker.seq for worker in strangers)))


# ------------------------------------------------------------ department

_GOVERNS = frozenset({"district", "centre"})
"""Below these, each is an organisation of its own."""


def _body(view: InForce, code: str) -> str:
    """The organisation that one belongs to as a whole."""
    passed = {code}
    while (found := organisation(view, code)) and found.commanded_by and found.commanded_by not in passed:
        above = organisation(view, found.commanded_by)
        if above is None or above.kind in _GOVERNS or (above.level in ("district", "city") and above.kind == "other"):
            break
        code = above.code
        passed.add(code)
    return code


def _department(matter: Matter, view: InForce) -> Part:
    workers = matter.workers
    if len(workers) < 2:
        return Part("no", "one organisation works" if workers else "nobody works", _cited(*(w.seq for w in workers)))
    known = [worker for worker in workers if organisation(view, worker.org)]
    bodies = {_body(view, worker.org): worker for worker in known}
    if len(bodies) > 1:
        return Part("yes", f"{_and(bodies)} work together", _cited(*(worker.seq for worker in known)))
    return _unknown(matter, view) or Part(
        "no", f"all who work belong to {_and(bodies)}", _cited(*(worker.seq for worker in workers))
    )


def _and(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


# ------------------------------------------------------------ authority


def _authority(matter: Matter, view: InForce) -> Part:
    reach = reach_of(view, matter.centre, matter.division)
    found = [*_by_asset(matter, view, reach), *_by_needs(matter, view, reach), *_by_workers(matter, view, reach)]
    for says in ("yes", "unknown"):
        parts = [part for part in found if part.says == says]
        if parts:
            seqs = (seq for part in parts for seq in part.facts)
            return Part(says, "; ".join(part.why for part in parts), _cited(matter.centre_seq, *seqs))
    seqs = (seq for part in found for seq in part.facts)
    return Part("no", "nothing is needed that the centre cannot command", _cited(matter.centre_seq, *seqs))


def _by_asset(matter: Matter, view: InForce, reach: Reach) -> list[Part]:
    if matter.asset is None:
        return []
    asset, seqs = view.coded(Asset, matter.asset), _cited(matter.asset_seq)
    if asset is None:
        return [Part("unknown", f"the reference does not know the asset {matter.asset}", seqs)]
    if asset.owns is None:
        return [Part("no", f"{asset.code} has no owner", seqs)]
    return [_held(f"{asset.owns} owns {asset.code}", reach.commands(view, asset.owns), reach, seqs)]


def _held(holds: str, commanded: bool | None, reach: Reach, seqs: tuple[int, ...]) -> Part:
    if commanded is None:
        return Part("unknown", f"{holds}; whether {reach.name} commands it is not known", seqs)
    return Part("no", holds, seqs) if commanded else Part("yes", f"{holds}, whom {reach.name} cannot command", seqs)


def _by_needs(matter: Matter, view: InForce, reach: Reach) -> list[Part]:
    return [_by_need(need, _cited(seq), view, reach) for need, seq in matter.needs]


def _by_need(need: str, seqs: tuple[int, ...], view: InForce, reach: Reach) -> Part:
    holders = reach.holders(view, need)
    if not holders:
        return Part("unknown", f"the reference names nobody for {need}", seqs)
    commanded = [reach.commands(view, org) for org in holders]
    whole = True if True in commanded else None if None in commanded else False
    return _held(f"{_and(holders)} hold the power {need}", whole, reach, seqs)


def _by_workers(matter: Matter, view: InForce, reach: Reach) -> list[Part]:
    """Powers that only who works brings: its own, which nobody under the centre's command holds."""
    parts = []
    for worker in matter.workers:
        found, seqs = organisation(view, worker.org), _cited(worker.seq)
        if found is None:
            parts.append(Part("unknown", f"the reference does not know {worker.org}", seqs))
        elif found.powers:
            commanded = reach.commands(view, worker.org)
            only = [p for p in found.powers if not reach.holds_itself(view, p)]
            if only:
                parts.append(_held(f"{worker.org} brings {_and(only)}", commanded, reach, seqs))
    return parts
