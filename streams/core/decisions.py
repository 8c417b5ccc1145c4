"""Decisions: one claim against the state of its subject, as the facts it leads to.

None when it was decided before, one `Refused` when a rule forbids it, otherwise what happened. A claim that its source
reports as already done is recorded even against the rules of stage, relation, time and content; the names of those
rules make the fact irregular. Who has no authority (role) is refused in any case. What fell due by itself before the
claim happened comes first, under the hub's own name.
"""

from __future__ import annotations

from typing import Any

import msgspec

from schemas import events
from schemas.events import ClaimMeta, Refused
from streams.core.authority import Stage
from streams.core.decided import seen
from streams.core.kind import ClaimBody, Context, Due, FactBody, Kind
from streams.core.rules import broken_rules, permission_key
from streams.core.stamp import fact_meta

__all__ = ["NOTHING", "Context", "Decision", "decide"]


class Decision(msgspec.Struct, frozen=True, gc=False):
    """Facts that a claim leads to, in order, and the rules that they break although they were recorded.

    `due` comes before `facts`. `first_index` is the index of the first of all of them: fact ids are made of it.
    """

    facts: tuple[FactBody, ...]
    irregular: tuple[str, ...] = ()
    first_index: int = 0
    due: tuple[Due, ...] = ()


NOTHING = Decision(())


def _refused(claim: ClaimBody, rule: str, detail: str) -> Decision:
    return Decision((Refused(claim_type=events.full_name(type(claim)), rule=rule, detail=detail),))


def _reused(claim: ClaimBody, digest: bytes) -> Decision:
    """Refused; the indexes from 0 belong to the first content of this claim id, so this one's comes from its digest."""
    refused = _refused(claim, "claim.id-reused", "same id, other content")
    return msgspec.structs.replace(refused, first_index=int.from_bytes(digest[:8], "big"))


def decide(kind: Kind, state: Any, meta: ClaimMeta, claim: ClaimBody, digest: bytes, context: Context) -> Decision:
    """Facts that the claim leads to. `digest` is the SHA-256 of the claim's bytes on Kafka (32 bytes)."""
    before = seen(state.claims, meta.claim_id, digest)
    if before is not None:
        return NOTHING if before else _reused(claim, digest)
    timed = kind.timed(state)
    due = kind.due(state, context, kind.until(state, meta, claim, context)) if timed else ()
    if not due:
        return _decide(kind, state, meta, claim, context)
    decision = _decide(kind, after_due(kind, state, meta, digest, due), meta, claim, context)
    return msgspec.structs.replace(decision, due=due)


def after_due(kind: Kind, state: Any, meta: ClaimMeta, digest: bytes, due: tuple[Due, ...]) -> Any:
    """The state once what has fallen due is recorded."""
    for index, one in enumerate(due):
        state = kind.evolve(state, fact_meta(meta, digest, index, state.seq + 1, one.at, (), fell_due=one.at), one.fact)
    return state


def _decide(kind: Kind, state: Any, meta: ClaimMeta, claim: ClaimBody, context: Context) -> Decision:
    key = permission_key(claim)
    permission = context.authority.get(key)
    if permission is None:
        return _refused(claim, "authority.unknown", f"{key} is not in the authority table")
    if meta.subject.kind != kind.name or kind.name not in permission.kinds:
        return _refused(claim, "subject.kind", f"{key} is not for a {kind.name}, or the subject is another kind")
    if state.stage is Stage.NONE and Stage.NONE not in permission.stages:
        return _refused(claim, f"{kind.name}.unknown", f"nothing has opened this {kind.name}")
    if meta.actor.role not in permission.roles:
        return _refused(claim, f"{key}.role", f"the role {meta.actor.role} may not do this")
    broken = broken_rules(kind, state, meta, claim, key, permission, context)
    if broken and not _recorded_anyway(kind, meta, claim):
        return _refused(claim, *broken[0])
    facts = kind.decide[type(claim)](state, meta, claim, context)
    return Decision(facts, tuple([rule for rule, _ in broken])) if broken else Decision(facts)


def _recorded_anyway(kind: Kind, meta: ClaimMeta, claim: ClaimBody) -> bool:
    """Only a source system can report what has happened against the rules, and not all of them."""
    return meta.already_done and meta.actor.role == "source" and type(claim) not in kind.binding
