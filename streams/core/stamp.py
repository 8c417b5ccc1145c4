"""Stamps facts: who, when, from which claim, judged by which versions, and their place in the subject's history."""

from __future__ import annotations

from schemas import ids
from schemas.events import ClaimMeta, FactMeta, Versions

UNVERSIONED = Versions()


def fact_meta(
    claim: ClaimMeta,
    digest: bytes,
    index: int,
    seq: int,
    recorded_at: int,
    irregular: tuple[str, ...],
    versions: Versions = UNVERSIONED,
) -> FactMeta:
    """Meta of fact number `index` of a claim; `seq` is its number within the subject, `recorded_at` UTC µs."""
    subject = claim.subject
    return FactMeta(
        ids.fact_id(claim.claim_id, index),
        subject,
        seq,
        claim.occurred_at,
        recorded_at,
        claim.actor,
        claim.source,
        claim.claim_id,
        digest,
        versions,
        subject.id if subject.kind == "case" else None,
        claim.causation,
        irregular,
    )
