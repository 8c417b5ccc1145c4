"""What a caller asks for in a URL: windows, pages, lists. Pure; raises Refused in GeoReport's words."""

from __future__ import annotations

from connectors.open311 import times
from connectors.open311.register import Wanted, Window
from connectors.open311.settings import Endpoint, Jurisdiction
from connectors.open311.translate import posted
from connectors.open311.translate.posted import Problem, Refused

SPAN = 90 * 86_400
"""Seconds that a window of requests may span, and spans where none is given."""
MOST_PAGES = 1_000_000
FOREVER = 253_370_764_800
"""The year 9999: what is asked for beyond it, or before 1970, ends there."""

Query = dict[str, list[str]]
"""Values of a URL by name."""


def only(query: Query, name: str) -> str | None:
    """The one value of a name; an empty one is none."""
    return next((value.strip() for value in query.get(name, ()) if value.strip()), None)


def listed(query: Query, name: str) -> tuple[str, ...]:
    """All values of a name, comma delimited or given several times."""
    return tuple(part.strip() for value in query.get(name, ()) for part in value.split(",") if part.strip())


def wanted(query: Query, where: Jurisdiction, endpoint: Endpoint, now: int) -> Wanted:
    """Which requests are asked for. `now` in UTC seconds."""
    given = listed(query, "service_request_id")
    page, size = _page(query, endpoint.page_size, endpoint.page_size)
    if given:
        known = tuple(each for each in map(str.lower, given) if posted.is_case(each))
        return Wanted(where.id, known or ("00000000-0000-0000-0000-000000000000",), page=page, size=size)
    statuses = listed(query, "status")
    if not {status.lower() for status in statuses} <= {"open", "closed"}:
        raise Refused(Problem(400, "status has to be open or closed"))
    updated = _updated(query)
    requested = _requested(query, now) if updated is None or _has(query, "start_date", "end_date") else None
    lowered = tuple(status.lower() for status in statuses)
    return Wanted(where.id, (), listed(query, "service_code"), lowered, requested, updated, page, size)


def window(query: Query, endpoint: Endpoint, now: int) -> tuple[Window, bool]:
    """Which updates are asked for, and whether page by page. Without a page all of the window has to fit."""
    start, end = _second(query, "start_date"), _second(query, "end_date")
    found = (now - SPAN if start is None else start), (now if end is None else end)
    page, size = _page(query, endpoint.max_updates, endpoint.max_updates)
    return Window(*found, page, size), _has(query, "page", "page_size")


def _requested(query: Query, now: int) -> tuple[int, int]:
    start, end = _second(query, "start_date"), _second(query, "end_date")
    if start is not None and end is not None and end - start > SPAN:
        raise Refused(Problem(400, "start_date and end_date may not span more than 90 days"))
    if end is None:
        end = FOREVER if start is None else start + SPAN
    return (max(min(now, end) - SPAN, 0) if start is None else start), end


def _updated(query: Query) -> tuple[int, int] | None:
    after, before = _second(query, "updated_after"), _second(query, "updated_before")
    if after is None and before is None:
        return None
    return after or 0, FOREVER if before is None else before


def _second(query: Query, name: str) -> int | None:
    given = only(query, name)
    if given is None:
        return None
    try:
        return min(max(times.read(given) // times.SECOND, 0), FOREVER)
    except times.BadTime as bad:
        raise Refused(Problem(400, f"{name} {bad}")) from None


def _page(query: Query, usual: int, most: int) -> tuple[int, int]:
    return _count(query, "page", 1, MOST_PAGES), _count(query, "page_size", usual, most)


def _count(query: Query, name: str, usual: int, most: int) -> int:
    given = only(query, name)
    if given is None:
        return usual
    if not given.isascii() or not given.isdecimal() or not 1 <= int(given[:9]) <= most or len(given) > 9:
        raise Refused(Problem(400, f"{name} has to be a number from 1 to {most:,}"))
    return int(given)


def _has(query: Query, *names: str) -> bool:
    return any(only(query, name) is not None for name in names)
