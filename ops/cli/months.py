"""Months as people write them, as periods of a zone."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ops.cli.common import CannotRun, console, local_time

if TYPE_CHECKING:
    from ops.indicators.conditions import Period


def period_of(month: str | None, zone: ZoneInfo) -> Period:
    """The month (2026-10), by default this one. Raises CannotRun."""
    from ops.indicators.conditions import Period

    now = datetime.now(UTC)
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone) if month else _this_month(now, zone)
    except ValueError:
        raise CannotRun(f"--month {month} is no month: write it as 2026-10.") from None
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return Period(first, following, now)


def _this_month(now: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(now.astimezone(zone).date().replace(day=1), time(), zone)


def head_of(period: Period, final: datetime | None) -> dict[str, Any]:
    """What every figure says of its period; `final` is the moment up to which the tables are."""
    is_final = final is not None and final >= period.end
    return {"from": period.start, "to": period.end, "as_of": period.now, "final": is_final, "final_until": final}


def title_of(head: dict[str, Any], zone: str) -> str:
    """The days of the period."""
    return f"{local_time(head['from'], zone)[:10]} to before {local_time(head['to'], zone)[:10]}, {zone}"


def print_finality(head: dict[str, Any], zone: str) -> None:
    """One line: whether later facts may still change the figures, and as of when they are."""
    asked = f"As of {local_time(head['as_of'], zone)}. "
    if head["final"]:
        console().print(f"{asked}Final: every partition has passed the end of the period.")
    else:
        until = local_time(head["final_until"], zone) or "nothing yet"
        console().print(
            f"{asked}Not final: the tables stand at {until}; what is recorded later may still fall into it."
        )
