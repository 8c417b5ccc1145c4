"""Who keeps a place at each level, and its centre."""

from __future__ import annotations

from schemas.events import Grid, Organisation
from streams.core.reference import InForce
from streams.core.reference.city import covers
from streams.core.reference.places import grid, grids_above
from streams.core.routing.matter import Matter

CENTRE = "centre"
"""Code of the centre where the reference names none: a case never goes nowhere."""


def grids(view: InForce, matter: Matter) -> tuple[Grid, ...]:
    """The grid of the matter and those above it, finest first."""
    return tuple(grids_above(view, matter.grid)) if matter.grid else ()


def division(view: InForce, matter: Matter) -> str | None:
    """Division of the place: as the matter says, else that of its grid."""
    found = grid(view, matter.grid)
    return matter.division or (found.division if found else None)


def centre(view: InForce, at: str | None) -> str:
    """The centre of the smallest area that covers a division."""
    return _smallest([o for o in view.items(Organisation) if o.kind == "centre"], at) or CENTRE


def keeper(view: InForce, at: str | None, level: str) -> str | None:
    """The organisation that keeps a division by territory; `level` is community, street or district."""
    return _smallest([o for o in view.items(Organisation) if o.kind == level and o.division], at)


def of_grid(view: InForce, matter: Matter) -> str | None:
    """The organisation that keeps the finest grid that anybody keeps."""
    return next((found.org for found in grids(view, matter) if found.org), None)


def _smallest(organisations: list[Organisation], at: str | None) -> str | None:
    fitting = [o for o in organisations if covers(o.division, at)]
    return max(fitting, key=lambda o: len(o.division or "")).code if fitting else None
