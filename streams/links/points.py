"""Points for verified contributions 道德银行: a resident's report that was settled earns, a failed audit takes back.

Promise: each contribution earns once in each account of its person that was open then and whose tariff had the item
under the reference of the verifying fact, whichever links came to know first, the account or the contribution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from schemas.events import AccountOpened, Audited, CheckResult, Closed, Earn, FactMeta, Revoke, Tariff
from streams.core.reference import Reference
from streams.links.known import Contribution, Known, KnownAccount
from streams.links.saying import Cause, Said, say

VERIFIED_REPORT = "report.verified"
"""Item of a tariff: a report whose matter was settled by a passed check or on the spot."""

References = Callable[[int], Reference]
"""The reference at a version."""


def claims(known: Known, meta: FactMeta, fact: Any, reference: References) -> Iterator[Said]:
    """What a fact means for accounts; `known` has taken the fact in."""
    match fact:
        case AccountOpened():
            account = known.accounts[meta.subject.id]
            for contribution in known.contributions_of(fact.holder):
                yield from _earned(account, contribution, reference)
        case Closed():
            yield from _verified(known, meta, reference)
        case Audited() if fact.result == CheckResult.FAILED:
            yield from _did_not_hold(known, meta, reference)


def _verified(known: Known, meta: FactMeta, reference: References) -> Iterator[Said]:
    case = known.case(meta.subject.id)
    if case.reporter is None or case.verified_by != meta.fact_id:
        return
    version = meta.versions.reference
    contribution = Contribution(meta.fact_id, case.reporter, VERIFIED_REPORT, meta.occurred_at, version)
    known.put("contributions", meta.fact_id, contribution)
    for account in known.accounts_of(case.reporter):
        yield from _earned(account, contribution, reference)


def _did_not_hold(known: Known, meta: FactMeta, reference: References) -> Iterator[Said]:
    contribution = known.contributions.get(known.case(meta.subject.id).verified_by or "")
    if contribution is None or contribution.revoked_by is not None:
        return
    contribution = replace(contribution, revoked_by=meta.fact_id, revoked_at=meta.occurred_at)
    known.put("contributions", contribution.fact_id, contribution)
    for account in known.accounts_of(contribution.person):
        if _counts(account, contribution, reference):
            yield _revoke(account, contribution)


def _earned(account: KnownAccount, contribution: Contribution, reference: References) -> Iterator[Said]:
    if not _counts(account, contribution, reference):
        return
    why = Cause(contribution.fact_id, contribution.at)
    yield say(why, "account", account.account, Earn(contribution.item, contribution.fact_id))
    if contribution.revoked_by is not None:
        yield _revoke(account, contribution)


def _revoke(account: KnownAccount, contribution: Contribution) -> Said:
    why = Cause(contribution.revoked_by or "", contribution.revoked_at)
    return say(why, "account", account.account, Revoke(contribution.fact_id, "audit-failed"))


def _counts(account: KnownAccount, contribution: Contribution, reference: References) -> bool:
    """Whether the account was open then, and its tariff has the item."""
    if account.opened_at > contribution.at:
        return False
    tariff = reference(contribution.reference).in_force(contribution.at).document(Tariff, account.bank)
    return tariff is not None and any(line.item == contribution.item for line in tariff.items)
