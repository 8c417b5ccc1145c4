"""The rules, each (view, matter, …) → an answer, or None where it has none.

A name in 处置单位 is a candidate, never a party by itself; 各产权单位 means the owner of the asset, never a department;
what has no owner is answered for by the fallback unit 兜底.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from schemas.events import Asset, CandidateKind, Category, Organisation, Regime, ResponsibilityItem
from streams.core.reference import InForce
from streams.core.reference.city import covers, fallback
from streams.core.routing import place
from streams.core.routing.matter import Answer, Matter

# ------------------------------------------------------------ responsibility lists


def by_list(view: InForce, matter: Matter, regime: Regime | None) -> Answer | None:
    """The item that says most about this matter and whose lead is somebody; a regime's list goes before others."""
    for named, item in sorted(_items(view, matter), key=lambda found: _rank(found, regime, view, matter)):
        lead = _who(view, matter, item.lead)
        if lead is not None:
            return Answer(
                lead,
                f"item {item.code} of {named}" + (f" ({item.basis})" if item.basis else ""),
                _all(view, matter, item.assists),
                _all(view, matter, item.informed),
                item.at_once,
                bool(item.skips_levels),
            )
    return None


def _items(view: InForce, matter: Matter) -> Iterator[tuple[str, ResponsibilityItem]]:
    if matter.category is None:
        return
    known: dict[Category, list[tuple[str, ResponsibilityItem]]] = view.once(_by_category, lambda: _by_category(view))
    codes = {grid.code for grid in place.grids(view, matter)}
    at = place.division(view, matter)
    whole_scheme = Category(matter.category.scheme, matter.category.version, "")
    for named, item in [*known.get(matter.category, ()), *known.get(whole_scheme, ())]:
        if _here(item, at, codes):
            yield named, item


def _by_category(view: InForce) -> dict[Category, list[tuple[str, ResponsibilityItem]]]:
    """Items with the list and edition that they stand in, in the order of the lists."""
    found: dict[Category, list[tuple[str, ResponsibilityItem]]] = {}
    for load in view.documents(ResponsibilityItem):
        named = f"{load.header.name} {load.header.edition or load.header.version}"
        for item in load.items:
            for category in item.categories:
                found.setdefault(category, []).append((named, item))
    return found


def _here(item: ResponsibilityItem, at: str | None, grids: set[str]) -> bool:
    if item.grids and not grids & set(item.grids):
        return False
    return not item.divisions or any(covers(prefix, at) for prefix in item.divisions)


def _rank(
    found: tuple[str, ResponsibilityItem], regime: Regime | None, view: InForce, matter: Matter
) -> tuple[bool, bool, int, bool]:
    """What says more comes first: the regime's list, named grids, smaller divisions, the very category."""
    named, item = found
    at = place.division(view, matter)
    smallest = max((len(prefix) for prefix in item.divisions if covers(prefix, at)), default=0)
    return (
        regime is None or regime.list is None or named.rpartition(" ")[0] != regime.list,
        not item.grids,
        -smallest,
        matter.category not in item.categories,
    )


def _all(view: InForce, matter: Matter, who: Iterable[str]) -> tuple[str, ...]:
    found = (_who(view, matter, one) for one in who)
    return tuple(dict.fromkeys(org for org in found if org is not None))


def _who(view: InForce, matter: Matter, answer: str) -> str | None:
    """The organisation that an item means: its code, or a role of the asset or the place."""
    asset = view.coded(Asset, matter.asset)
    match answer:
        case "@owner":
            return (asset.owns if asset else None) or _fallback(view, matter, asset)
        case "@supervises":
            return asset.supervises if asset else None
        case "@maintains":
            return asset.maintains if asset else None
        case "@grid":
            return place.of_grid(view, matter)
        case "@community" | "@street" | "@district":
            at = place.division(view, matter)
            return place.keeper(view, at, answer.removeprefix("@"))
    return answer


def _fallback(view: InForce, matter: Matter, asset: Asset | None) -> str | None:
    found = fallback(view, place.division(view, matter), asset.kind if asset else None, matter.category)
    return found.org if found else None


# ------------------------------------------------------------ the three roles of a public asset


def by_asset(view: InForce, matter: Matter) -> Answer | None:
    """Of an asset's roles the one that the condition names as candidate leads, else the owner; without owner 兜底."""
    asset = view.coded(Asset, matter.asset)
    if asset is None:
        return None
    unit = asset.owns or _fallback(view, matter, asset)
    roles = {"owner": asset.owns, "maintains": asset.maintains, "supervises": asset.supervises}
    named = _named(view, matter)
    owner_wanted = any(c.kind == CandidateKind.OWNER for c in (matter.condition.disposers if matter.condition else ()))
    chosen = None if owner_wanted else next((r for r, org in roles.items() if org in named), None)
    if chosen is not None:
        lead, why = roles[chosen], f"{chosen}, a candidate of the condition"
    else:
        lead, why = unit, "owner" if asset.owns else "without owner, fallback 兜底"
    if lead is None:
        return None
    assists = dict.fromkeys(org for org in (asset.owns, asset.maintains) if org)
    return Answer(lead, f"asset {asset.code}: {why}", tuple(assists), (asset.supervises,) if asset.supervises else ())


# ------------------------------------------------------------ candidates of the filing condition


def by_candidates(view: InForce, matter: Matter) -> Answer | None:
    """Where the asset is unknown: the only candidate that is somebody here; for an owner the fallback unit."""
    if matter.condition is None:
        return None
    where = f"condition {matter.condition.condition}"
    if any(c.kind == CandidateKind.OWNER for c in matter.condition.disposers):
        unit = _fallback(view, matter, None)
        return Answer(unit, f"{where}: owner unknown, fallback 兜底", at_once=False) if unit else None
    named = _named(view, matter)
    return Answer(named[0], f"{where}: its only candidate") if len(named) == 1 else None


def _named(view: InForce, matter: Matter) -> list[str]:
    """Codes of the organisations that the condition names and that answer for this place."""
    if matter.condition is None:
        return []
    names = {c.name for c in matter.condition.disposers if c.kind == CandidateKind.NAMED}
    at = place.division(view, matter)
    return [o.code for o in view.items(Organisation) if o.name in names and covers(o.division, at)]


# ------------------------------------------------------------ grids


def by_grid(view: InForce, matter: Matter) -> Answer | None:
    """Whoever keeps the place: a dedicated grid 专属网格, else a territorial one, else the community."""
    found = [grid for grid in place.grids(view, matter) if grid.org]
    for grid in sorted(found, key=lambda g: g.kind != "dedicated"):
        assert grid.org is not None
        kind = "dedicated grid" if grid.kind == "dedicated" else "grid"
        return Answer(grid.org, f"{kind} {grid.code}")
    at = place.division(view, matter)
    for level in ("community", "street"):
        if keeper := place.keeper(view, at, level):
            return Answer(keeper, f"{level} of the place")
    return None
