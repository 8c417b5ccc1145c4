"""Works on a batch of facts: takes each in, and asks every effect what it means for other subjects. Pure.

A fact whose handling raises makes its subject *broken*: its later facts are parked, other subjects go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from schemas.events import Amended, FactMeta, Reopened, Reported
from streams.core.reference import Reference
from streams.links import belonging, campaigns, duplicates, points, regimes, together, work
from streams.links.known import Known
from streams.links.learning import learn
from streams.links.saying import Said

Fact = tuple[int, FactMeta, Any]
"""Offset, meta and body."""


class Worked(msgspec.Struct):
    """What a batch leads to: claims in order, and subjects that are broken from now on, with the reason."""

    claims: list[Said] = []
    broken: dict[str, str] = {}


def work_on(known: Known, facts: Sequence[Fact], reference: Reference, swept_at: int, broken: dict[str, str]) -> Worked:
    """Claims that the facts lead to; `known` is what the tables say, and afterwards what they are to say.

    `reference` must have every version that the facts were judged by; regime changes up to `swept_at` have been told.
    """
    out = Worked()
    for _, meta, fact in facts:
        subject = meta.subject.id
        if subject in broken or subject in out.broken:
            continue
        try:
            if learn(known, meta, fact):
                out.claims += list(_effects(known, meta, fact, reference, swept_at))
        except Exception as error:  # noqa: BLE001 one subject must not stop the others
            out.broken[subject] = f"fact {meta.seq} ({type(fact).__name__}): {type(error).__name__}"
    return out


def _effects(known: Known, meta: FactMeta, fact: Any, reference: Reference, swept_at: int) -> Iterator[Said]:
    for effect in (duplicates, belonging, together, campaigns, work):
        yield from effect.claims(known, meta, fact)
    yield from points.claims(known, meta, fact, reference.at)
    if type(fact) is Reported:
        regimes.begun(known, meta.subject.id, reference)
        yield from regimes.told(known, meta.subject.id, reference, 0, swept_at)
    elif type(fact) in (Reopened, Amended):
        yield from regimes.compared(known, meta, reference, swept_at)
