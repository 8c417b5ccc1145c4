"""What a city's own policy says where the closure loop leaves room; a cautious default where it says nothing."""

from __future__ import annotations

from schemas.events import ClaimMeta, Policy
from streams.core.case.state import Case
from streams.core.kind import Context
from streams.core.reference import city

RETURNS_BEFORE_ADJUDICATION = 3


def _policy(case: Case, meta: ClaimMeta, x: Context) -> Policy | None:
    """The policy in force where and when the claim happened, None where there is none."""
    return city.policy(x.reference.in_force(meta.occurred_at), case.division) if x.reference.loads else None


def returns_before_adjudication(case: Case, meta: ClaimMeta, x: Context) -> int:
    """Returns after which the centre adjudicates."""
    policy = _policy(case, meta, x)
    return RETURNS_BEFORE_ADJUDICATION if policy is None else policy.returns_before_adjudication


def whistle_may_name_targets(case: Case, meta: ClaimMeta, x: Context) -> bool:
    """Whether a whistle may name whom it calls."""
    policy = _policy(case, meta, x)
    return policy is not None and policy.whistle_names_targets


def audit_share(case: Case, meta: ClaimMeta, x: Context) -> float:
    """Share of self-handled cases that is audited."""
    policy = _policy(case, meta, x)
    return 0.0 if policy is None else policy.audit_percent / 100
