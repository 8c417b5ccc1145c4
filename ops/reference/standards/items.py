"""Conditions as items of the reference."""

from __future__ import annotations

from schemas import events
from schemas.events import Candidate, CandidateKind, LimitUnit
from streams.core.standards import Condition, Limit, Unreadable
from streams.core.working_time import Unit

_SYMBOLS: dict[Unit, events.LimitUnitSymbol] = {
    Unit.URGENT_HOURS: LimitUnit.URGENT_HOUR,
    Unit.URGENT_DAYS: LimitUnit.URGENT_DAY,
    Unit.WORKING_HOURS: LimitUnit.WORKING_HOUR,
    Unit.WORKING_DAYS: LimitUnit.WORKING_DAY,
}
_NO_LIMIT: events.LimitUnitSymbol = LimitUnit.URGENT_MINUTE
"""Unit of an amount of 0: whoever overlooks that there is no limit is late at once, never without a limit."""


def item(scheme: str, version: str, condition: Condition) -> events.Standard:
    """The item that holds a condition; `streams.core.standards.condition_of` gives the condition back."""
    symbol = _NO_LIMIT
    match condition.limit:
        case Limit(amount, unit, cell, word, units):
            symbol, unreadable = _SYMBOLS[unit], None
        case Unreadable(cell, unreadable):
            amount, word, units = 0, "", ""
    return events.Standard(
        scheme=scheme,
        version=version,
        type_code=condition.type_code,
        type_name=condition.type_name,
        condition=condition.code,
        filing=condition.filing,
        limit_amount=amount,
        limit_unit=symbol,
        closing=condition.closing or None,
        units=_departments(condition.disposers),
        department=next(iter(_departments(condition.supervisors)), None),
        reading=cell or None,
        class_code=condition.class_code,
        class_name=condition.class_name,
        disposers=condition.disposers,
        supervisors=condition.supervisors,
        limit_word=word or None,
        units_version=units or None,
        unreadable=unreadable,
    )


def _departments(candidates: tuple[Candidate, ...]) -> tuple[str, ...]:
    return tuple(one.name for one in candidates if one.kind == CandidateKind.NAMED)
