"""A city's own rules: policy, regimes, fallback units, tariffs, and the tables that clocks are judged by."""

from __future__ import annotations

from schemas.events import (
    Calendar,
    Category,
    Fallback,
    Policy,
    Regime,
    RegimeDeclaration,
    Standard,
    Tariff,
)
from streams.core.reference.in_force import InForce


def covers(prefix: str | None, division: str | None) -> bool:
    """Whether the leading digits of divisions (none: every division) cover a division."""
    return not prefix or (division or "").startswith(prefix)


def policy(view: InForce, division: str | None) -> Policy | None:
    """The policy of the smallest area that covers a division."""
    found = [p for p in view.items(Policy) if covers(p.division, division)]
    return max(found, key=lambda p: len(p.division), default=None)


def declaration(view: InForce, division: str | None, now: int) -> RegimeDeclaration | None:
    """The declaration that governs a division at `now`: of the smallest area, there the latest; None: no regime."""
    found = [
        (max(len(d) for d in one.divisions if covers(d, division)), one.starts_at, n, one)
        for n, one in enumerate(view.items(RegimeDeclaration))
        if one.starts_at <= now and (one.ends_at is None or now < one.ends_at)
        if any(covers(d, division) for d in one.divisions)
    ]
    return max(found)[-1] if found else None


def regime(view: InForce, division: str | None, now: int) -> Regime | None:
    """The regime that governs a division at `now`."""
    declared = declaration(view, division, now)
    return view.coded(Regime, declared.regime) if declared else None


def fallback(view: InForce, division: str | None, asset_kind: str | None, category: Category | None) -> Fallback | None:
    """The unit that answers for what has no owner 兜底: the one that says most about this matter."""

    def fits(one: Fallback) -> bool:
        return (
            covers(one.division, division) and one.asset_kind in (None, asset_kind) and one.category in (None, category)
        )

    def told(one: Fallback) -> tuple[bool, bool, int]:
        return one.category is not None, one.asset_kind is not None, len(one.division or "")

    return max(filter(fits, view.items(Fallback)), key=told, default=None)


def calendar(view: InForce, name: str) -> Calendar | None:
    """The calendar with this name."""
    found = view.grouped(Calendar, _name).get(name)
    return found[-1] if found else None


def standards(view: InForce, scheme: str, version: str, type_code: str) -> tuple[Standard, ...]:
    """The filing conditions of a type."""
    return view.grouped(Standard, _type).get((scheme, version, type_code), ())


def condition(view: InForce, scheme: str, version: str, code: str) -> Standard | None:
    """The filing condition with this code."""
    found = view.grouped(Standard, _condition).get((scheme, version, code))
    return found[0] if found else None


def tariff(view: InForce, item: str) -> Tariff | None:
    """The item of the points tariff with this code."""
    found = view.grouped(Tariff, _item).get(item)
    return found[0] if found else None


def _name(item: Calendar) -> str:
    return item.name


def _type(item: Standard) -> tuple[str, str, str]:
    return item.scheme, item.version, item.type_code


def _condition(item: Standard) -> tuple[str, str, str]:
    return item.scheme, item.version, item.condition


def _item(item: Tariff) -> str:
    return item.item
