"""The claims of links: who says so, under which id, because of which fact.

Promise: the same cause gives the same bytes, whenever and however often it is worked on.
"""

from __future__ import annotations

from typing import Any

import msgspec

from schemas import codec, ids
from schemas.events import Actor, ClaimMeta, FactMeta, Source, Subject, SubjectKindSymbol

SYSTEM = "links"
ORG, ROLE = "hub", "links"


class Said(msgspec.Struct, frozen=True, gc=False):
    """A claim of links."""

    meta: ClaimMeta
    body: Any

    @property
    def value(self) -> bytes:
        """Its bytes on Kafka."""
        return codec.encode(self.meta, self.body)


class Cause(msgspec.Struct, frozen=True, gc=False):
    """The fact that leads to a claim, and when what it claims happened (UTC µs)."""

    fact_id: str
    at: int


def cause(meta: FactMeta) -> Cause:
    """This fact as a cause."""
    return Cause(meta.fact_id, meta.occurred_at)


def say(
    why: Cause,
    kind: SubjectKindSymbol,
    subject: str,
    body: Any,
    *,
    occurrence: str = "",
    org: str = ORG,
    source: Source | None = None,
) -> Said:
    """One claim about a subject. `occurrence` tells claims of one kind and one subject apart, else the cause does;
    `org` is whom the hub speaks for, where not for itself; `source` is that of a report that opens a case."""
    action = type(body).__name__
    claim_id = ids.claim_id(SYSTEM, subject, action, occurrence or why.fact_id)
    meta = ClaimMeta(
        claim_id,
        Subject(kind, subject),
        why.at,
        Actor(org, ROLE),
        source or Source(SYSTEM, subject),
        causation=why.fact_id,
    )
    return Said(meta, body)
