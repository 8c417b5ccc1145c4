"""Links in tests: facts of several subjects in, claims out, all in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from schemas import ids
from schemas.events import Actor, FactMeta, Place, Position, Reported, Source, Subject, SubjectKindSymbol, Versions
from streams.core.reference import EMPTY, Reference
from streams.links.fold import work_on
from streams.links.known import Known
from streams.links.saying import Said
from tests.builders import MINUTE, STREET, T0, reported

Fact = tuple[FactMeta, Any]


def case(number: str) -> str:
    """Id of the case with this number of the hotline."""
    return ids.subject_id("case", "hotline", number)


def group(number: str) -> str:
    return ids.subject_id("group", "hotline", number)


def place(east: float = 0.0, north: float = 0.0, division: str = "411702001001") -> Place:
    """A place so many metres from a corner of a street."""
    longitude, latitude = 114.02 + east / 93_900, 32.98 + north / 110_900
    return Place(division, "g1", None, Position(longitude, latitude, "WGS-84", longitude, latitude))


def at(east: float = 0.0, north: float = 0.0, division: str = "411702001001", **changes: Any) -> Reported:
    """A report from there."""
    return reported(place=place(east, north, division), **changes)


def story(
    number: str,
    *bodies: Any,
    kind: SubjectKindSymbol = "case",
    by: Actor = STREET,
    start: int = T0,
    first: int = 1,
    recorded: int | None = None,
    reference: int = 0,
) -> list[Fact]:
    """These facts about one subject, a minute apart, recorded a second after they happened."""
    subject = ids.subject_id(kind, "hotline", number)
    found = []
    for seq, body in enumerate(bodies, first):
        claim = ids.claim_id("hotline", number, f"{kind}-{type(body).__name__}-{seq}", "1")
        happened = start + (seq - first) * MINUTE
        meta = FactMeta(
            ids.fact_id(claim, 0),
            Subject(kind, subject),
            seq,
            happened,
            happened + 1_000_000 if recorded is None else recorded,
            by,
            Source("hotline", number),
            claim,
            hashlib.sha256(claim.encode()).digest(),
            Versions(reference=reference),
            subject if kind == "case" else None,
        )
        found.append((meta, body))
    return found


def by(actor: Actor, facts: list[Fact]) -> list[Fact]:
    """The same facts from somebody else."""
    return [(replace(meta, actor=actor), body) for meta, body in facts]


class Linked:
    """Links that has seen these facts, one by one."""

    def __init__(self, reference: Reference = EMPTY, swept_at: int = 0) -> None:
        self.known = Known()
        self.reference = reference
        self.swept_at = swept_at
        self.said: list[Said] = []
        self.broken: dict[str, str] = {}

    def see(self, *facts: Iterable[Fact]) -> list[Said]:
        """What these facts led to."""
        batch = [(0, meta, body) for many in facts for meta, body in many]
        worked = work_on(self.known, batch, self.reference, self.swept_at, self.broken)
        self.broken |= worked.broken
        self.said += worked.claims
        return worked.claims

    def standing(self) -> set[tuple[str, str]]:
        """Suspicions that stand: pairs of the later and the earlier case."""
        return {pair for pair, one in self.known.suspicions.items() if one.open}


def told(said: Iterable[Said]) -> list[tuple[str, Any]]:
    """Subject and body of each claim."""
    return [(one.meta.subject.id, one.body) for one in said]
