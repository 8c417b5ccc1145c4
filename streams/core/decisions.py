"""Decisions: one claim against the state of its case, as the facts it leads to.

None when it was decided before, one `Refused` when a rule forbids it, otherwise what happened. A claim that its source
reports as already done is recorded even against the rules of stage, relation, time and content; the names of those
rules make the fact irregular. Who has no authority (role) is refused in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from schemas import events
from schemas.events import (
    Acknowledge,
    Acknowledged,
    AddAlias,
    AliasAdded,
    Check,
    Checked,
    CheckResult,
    ClaimMeta,
    Close,
    Closed,
    ClosingKind,
    Commit,
    Committed,
    Dispatch,
    Dispatched,
    File,
    Filed,
    FilingRefused,
    HandBack,
    HandedBack,
    Refused,
    RefuseFiling,
    Report,
    Reported,
    ReworkOrdered,
    SelfHandle,
    SelfHandled,
    SubjectKind,
)
from streams.core.authority import Authority, Stage
from streams.core.case import Case, FactBody, seen
from streams.core.reference import EMPTY, Reference
from streams.core.rules import ClaimBody, broken_rules, permission_key


class Context(msgspec.Struct, frozen=True, gc=False):
    """What a decision may look at beside state and claim: authority table, next speakable number, reference."""

    authority: Authority
    number: Callable[[str], str]
    reference: Reference = EMPTY


class Decision(msgspec.Struct, frozen=True, gc=False):
    """Facts that a claim leads to, in order, and the rules that they break although they were recorded.

    `first_index` is the index of the first fact among all that this claim id has led to: fact ids are made of it.
    """

    facts: tuple[FactBody, ...]
    irregular: tuple[str, ...] = ()
    first_index: int = 0


NOTHING = Decision(())


def _refused(claim: ClaimBody, rule: str, detail: str) -> Decision:
    return Decision((Refused(claim_type=events.full_name(type(claim)), rule=rule, detail=detail),))


def _reused(claim: ClaimBody, digest: bytes) -> Decision:
    """Refused; the indexes from 0 belong to the first content of this claim id, so this one's comes from its digest."""
    refused = _refused(claim, "claim.id-reused", "same id, other content")
    return msgspec.structs.replace(refused, first_index=int.from_bytes(digest[:8], "big"))


def decide(case: Case, meta: ClaimMeta, claim: ClaimBody, digest: bytes, context: Context) -> Decision:
    """Facts that the claim leads to. `digest` is the SHA-256 of the claim's bytes on Kafka (32 bytes)."""
    before = seen(case, meta.claim_id, digest)
    if before is not None:
        return NOTHING if before else _reused(claim, digest)
    if meta.subject.kind != SubjectKind.CASE:
        return _refused(claim, "subject.kind", f"a {meta.subject.kind} has no rules yet, only cases have")
    key = permission_key(claim)
    permission = context.authority.get(key)
    if permission is None:
        return _refused(claim, "authority.unknown", f"{key} is not in the authority table")
    if case.stage is Stage.NONE and type(claim) is not Report:
        return _refused(claim, "case.unknown", "no report has opened this case")
    if meta.actor.role not in permission.roles:
        return _refused(claim, f"{key}.role", f"the role {meta.actor.role} may not do this")
    broken = broken_rules(case, meta, claim, key, permission)
    if broken and not _recorded_anyway(meta, claim):
        return _refused(claim, *broken[0])
    facts = DECIDE[type(claim)](case, claim, context)
    return Decision(facts, tuple([rule for rule, _ in broken])) if broken else Decision(facts)


def _recorded_anyway(meta: ClaimMeta, claim: ClaimBody) -> bool:
    """Only a source system can report what has happened against the rules; no case is filed, and numbered, twice."""
    return meta.already_done and meta.actor.role == "source" and type(claim) is not File


def _report(_case: Case, c: Report, _x: Context) -> tuple[FactBody, ...]:
    return (Reported(c.category, c.place, c.inlet, c.text, c.evidence, c.reporter, c.upstream_status),)


def _add_alias(_case: Case, c: AddAlias, _x: Context) -> tuple[FactBody, ...]:
    return (AliasAdded(c.system, c.number),)


def _file(case: Case, c: File, x: Context) -> tuple[FactBody, ...]:
    return (Filed(condition=c.condition, upstream_status=c.upstream_status, number=x.number(case.division)),)


def _refuse_filing(_case: Case, c: RefuseFiling, _x: Context) -> tuple[FactBody, ...]:
    return (FilingRefused(c.reason, c.text),)


def _dispatch(_case: Case, c: Dispatch, _x: Context) -> tuple[FactBody, ...]:
    return (Dispatched(c.parties, c.basis, c.text),)


def _acknowledge(_case: Case, c: Acknowledge, _x: Context) -> tuple[FactBody, ...]:
    return (Acknowledged(c.party, c.upstream_status),)


def _commit(_case: Case, c: Commit, _x: Context) -> tuple[FactBody, ...]:
    return (Committed(c.due_at, c.basis, c.party),)


def _hand_back(_case: Case, c: HandBack, _x: Context) -> tuple[FactBody, ...]:
    return (HandedBack(c.party, c.text, c.evidence, c.upstream_status),)


def _self_handle(_case: Case, c: SelfHandle, _x: Context) -> tuple[FactBody, ...]:
    closed = Closed(ClosingKind.SELF_HANDLED, None, c.upstream_status)
    return (SelfHandled(c.text, c.evidence, c.upstream_status), closed)


def _check(case: Case, c: Check, _x: Context) -> tuple[FactBody, ...]:
    checked = Checked(c.result, c.text, c.evidence)
    if c.result == CheckResult.PASSED:
        return (checked,)
    return (checked, ReworkOrdered(tuple(p.org for p in case.parties if p.works)))


def _close(_case: Case, c: Close, _x: Context) -> tuple[FactBody, ...]:
    return (Closed(c.kind, c.reason, c.upstream_status),)


DECIDE: dict[type, Callable[[Case, Any, Context], tuple[FactBody, ...]]] = {
    Report: _report,
    AddAlias: _add_alias,
    File: _file,
    RefuseFiling: _refuse_filing,
    Dispatch: _dispatch,
    Acknowledge: _acknowledge,
    Commit: _commit,
    HandBack: _hand_back,
    SelfHandle: _self_handle,
    Check: _check,
    Close: _close,
}
