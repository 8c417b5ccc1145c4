"""Stamps facts: who, when, from which claim, judged by which versions, and their place in the subject's history."""

from __future__ import annotations

from schemas import ids
from schemas.events import Actor, ClaimMeta, FactMeta, Versions

UNVERSIONED = Versions()
CLOCKS = Actor("hub", "clocks")
"""Who says what fell due by itself."""


def fact_meta(
    claim: ClaimMeta,
    digest: bytes,
    index: int,
    seq: int,
    recorded_at: int,
    irregular: tuple[str, ...],
    versions: Versions = UNVERSIONED,
    fell_due: int | None = None,
) -> FactMeta:
    """Meta of fact number `index` of a claim; `seq` is its number within the subject, `recorded_at` UTC µs.

    A fact that fell due by itself before the claim happened has that moment (UTC µs), and the hub as actor.
    """
    subject = claim.subject
    return FactMeta(
        ids.fact_id(claim.claim_id, index),
        subject,
        seq,
        claim.occurred_at if fell_due is None else fell_due,
        recorded_at,
        claim.actor if fell_due is None else CLOCKS,
        claim.source,
        claim.claim_id,
        digest,
        versions,
        subject.id if subject.kind == "case" else None,
        claim.causation,
        irregular,
    )
