"""The rule book: every rule that a refusal or an irregular fact can name, in words.

Promise: a name that is not here is never carried by a fact.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator

import msgspec

from schemas import events
from streams.core.authority import RELATIONS, ROLES, STAGES, Authority, Relation, Role, Stage
from streams.core.subjects import KINDS


class Row(msgspec.Struct, frozen=True):
    """One row of the authority table in words; `rules` are pairs of a rule's name and what it says."""

    claim: str
    about: str
    kinds: tuple[str, ...]
    stages: tuple[str, ...]
    roles: tuple[str, ...]
    relation: str
    suspended: bool
    rules: tuple[tuple[str, str], ...]


GENERAL: tuple[tuple[str, str], ...] = (
    ("claim.id-reused", "A claim id stands for one content: with another one it is refused."),
    ("authority.unknown", "A claim that has no row in the authority table is refused."),
    ("subject.kind", "A claim is about a subject of its kind."),
    *((f"{kind}.unknown", f"A {kind} begins with the claim that opens it.") for kind in STAGES),
    ("time.before-report", "Nothing happens in a case before its report."),
)
"""Rules that hold for all claims."""


def rulebook(authority: Authority) -> tuple[Row, ...]:
    """Every row of the table with the rules of its claim, in the order of the loop."""
    classes = {cls.__name__: cls for cls in events.CLAIMS.values()}
    return tuple(_row(claim, authority, classes[claim.partition(".")[0]]) for claim in authority)


def _row(claim: str, authority: Authority, cls: type) -> Row:
    row = authority[claim]
    return Row(
        claim,
        inspect.getdoc(cls) or "",
        tuple(kind for kind in STAGES if kind in row.kinds),
        tuple(stage.value for stage in Stage if stage in row.stages),
        tuple(role.value for role in Role if role in row.roles),
        row.relation.value,
        row.suspended,
        tuple(_rules(claim, authority, cls)),
    )


def _rules(claim: str, authority: Authority, cls: type) -> Iterator[tuple[str, str]]:
    row = authority[claim]
    yield f"{claim}.stage", f"Only in stage {_or(stage.value for stage in Stage if stage in row.stages)}."
    yield f"{claim}.role", f"Only as {_or(role.value for role in Role if role in row.roles)}."
    if row.relation is not Relation.ANY:
        yield f"{claim}.relation", f"Who claims it: {RELATIONS[row.relation]}."
    if not row.suspended and "case" in row.kinds:
        yield f"{claim}.suspended", "Not while the case is suspended."
    for kind in STAGES:
        if kind in row.kinds:
            for rule in KINDS[kind].rules.get(cls, ()):
                yield rule.name, inspect.getdoc(rule.against) or ""


def _or(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def narrowed(rows: tuple[Row, ...], claim: str | None, role: str | None, stage: str | None) -> tuple[Row, ...]:
    """The rows for a claim (or all its kinds), a role, a stage."""
    wanted = (claim or "").lower()
    return tuple(
        row
        for row in rows
        if not wanted or row.claim.lower() == wanted or row.claim.partition(".")[0].lower() == wanted
        if role is None or role in row.roles
        if stage is None or stage in row.stages
    )


def names(authority: Authority) -> frozenset[str]:
    """Every name of a rule."""
    told = {name for row in rulebook(authority) for name, _ in row.rules}
    return frozenset(told | {name for name, _ in GENERAL})


def words() -> dict[str, dict[str, str]]:
    """What roles and relations mean."""
    return {
        "roles": {role.value: said for role, said in ROLES.items()},
        "relations": {relation.value: said for relation, said in RELATIONS.items()},
    }
