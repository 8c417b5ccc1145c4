"""Which faults a campaign inflicts, in which order: decided by a seed and a length alone. Pure.

Three lanes run side by side. In the lane `engine` one fault follows the other; those of `database` and `load` come at
even distances, so that they meet those of the engine at random.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

USUAL_MINUTES = 10.0

ENGINE = {
    "worker killed": (14, 1),
    "worker killed soon": (8, 1),
    "both workers killed": (2, 0),
    "worker frozen": (4, 1),
    "worker joined and left": (3, 0),
    "disk full": (3, 0),
    "broker restarted": (3, 1),
    "broker killed": (3, 0),
}
DATABASE = {
    "database restarted": (3, 1),
    "database killed": (1, 0),
    "database slow": (4, 0),
    "views killed": (3, 0),
    "views of another version": (2, 1),
    "views rows deleted": (2, 0),
}
LOAD = {
    "poison flood": (8, 1),
    "claims repeated": (8, 1),
    "claims delayed": (6, 1),
}
"""Kind → how often in the usual length, and how often at least."""


@dataclass(frozen=True)
class Plan:
    """Kinds of fault in the order of each lane."""

    engine: tuple[str, ...]
    database: tuple[str, ...]
    load: tuple[str, ...]


def plan(seed: int, minutes: float, only: frozenset[str] = frozenset()) -> Plan:
    """The same for the same arguments, always. `only`: no other kinds than these, where any are named."""
    random = Random(f"plan {seed}")
    drawn = [_drawn(kinds, minutes, random) for kinds in (ENGINE, DATABASE, LOAD)]
    return Plan(*(tuple(kind for kind in kinds if not only or kind in only) for kinds in drawn))


def _drawn(kinds: dict[str, tuple[int, int]], minutes: float, random: Random) -> tuple[str, ...]:
    share = minutes / USUAL_MINUTES
    drawn = [kind for kind, (usual, least) in kinds.items() for _ in range(max(least, round(usual * share)))]
    random.shuffle(drawn)
    return tuple(drawn)
