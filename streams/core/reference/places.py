"""Divisions and their police codes, grids and who works on them, assets, chat groups."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.events import ChatGroup, Division, Grid, GridPost, PoliceCode, PostSymbol
from streams.core.reference.in_force import InForce


def division(view: InForce, code: str | None) -> Division | None:
    """The division with this code."""
    return view.coded(Division, code)


def grid(view: InForce, code: str | None) -> Grid | None:
    """The grid with this code, of whatever scheme."""
    return view.coded(Grid, code)


def grids_above(view: InForce, code: str) -> Iterator[Grid]:
    """The grid itself, then those above it."""
    seen: set[str] = set()
    found = grid(view, code)
    while found is not None and found.code not in seen:
        seen.add(found.code)
        yield found
        found = grid(view, found.parent)


def police_codes(view: InForce, code: str, at: int) -> tuple[str, ...]:
    """Police codes that a division had at a moment (UTC µs)."""
    lines = view.grouped(PoliceCode, _division).get(code, ())
    return tuple(line.police_code for line in lines if _holds(line, at))


def division_of_police_code(view: InForce, police_code: str, at: int) -> str | None:
    """The division that a police code meant at a moment (UTC µs)."""
    lines = view.grouped(PoliceCode, _police_code).get(police_code, ())
    return next((line.division for line in lines if _holds(line, at)), None)


def posts(view: InForce, code: str, post: PostSymbol | None = None) -> tuple[GridPost, ...]:
    """Posts of a grid, of one kind or all."""
    found = view.grouped(GridPost, _grid).get(code, ())
    return found if post is None else tuple(p for p in found if p.post == post)


def holder(post: GridPost, now: int) -> str | None:
    """Who does the work of a post at `now`: its worker, or during leave and vacancy the deputy; None: nobody."""
    return post.deputy if post.person is None or _away(post, now) else post.person


def workers(view: InForce, code: str, now: int) -> tuple[str, ...]:
    """Opaque codes of those who work on a grid at `now`, the leader first, each once."""
    order = ("leader", "full_time", "part_time")
    ranked = sorted(posts(view, code), key=lambda post: order.index(post.post))
    return tuple(dict.fromkeys(person for post in ranked if (person := holder(post, now))))


def grids_of_worker(view: InForce, person: str, now: int) -> tuple[str, ...]:
    """Codes of the grids that a worker covers at `now`, as holder or as deputy."""
    return tuple(dict.fromkeys(post.grid for post in view.items(GridPost) if holder(post, now) == person))


def grid_of_chat_group(view: InForce, system: str, group: str) -> str | None:
    """Code of the grid that a chat group belongs to."""
    found = view.grouped(ChatGroup, _group).get((system, group))
    return found[0].grid if found else None


def _away(post: GridPost, now: int) -> bool:
    if post.leave_from is None or now < post.leave_from:
        return False
    return post.leave_until is None or now < post.leave_until


def _holds(line: PoliceCode, at: int) -> bool:
    return line.valid_from <= at and (line.valid_until is None or at < line.valid_until)


def _division(item: PoliceCode) -> str:
    return item.division


def _police_code(item: PoliceCode) -> str:
    return item.police_code


def _grid(item: GridPost) -> str:
    return item.grid


def _group(item: ChatGroup) -> tuple[str, str]:
    return item.system, item.group
