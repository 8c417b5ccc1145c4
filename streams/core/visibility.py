"""Who may see a subject, and what of it. Pure.

Promise: what is not visible leaves no trace; where a subject is visible, answers by reference, persons and other
subjects that may not be seen are blanked. Nobody asking (None) is the auditor of the hub, who sees everything.

A case is visible to all organisations, a restricted one to its reporting side, its parties that are not gone, those
whom the restriction names, and the centre in the roles that need it. What a household, a worker or an account is about
is visible to its own organisations and the centre alone, a group to all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec
from msgspec.structs import replace

from schemas.events import (
    Absorbed,
    DuplicateDismissed,
    DuplicateSuspected,
    FactMeta,
    Linked,
    MemberAdded,
    MemberRemoved,
    Merged,
    ReferenceAnswered,
    ReferenceAsked,
    Reported,
    Unlinked,
    WorkLogged,
)

CENTRE_ROLES = frozenset({"dispatcher", "inspector", "auditor"})
"""Roles in which the centre sees what is restricted."""

OWN = frozenset({"account", "worker", "household"})
"""Kinds of subjects that are about persons."""

UNSEEN = "00000000-0000-0000-0000-000000000000"
"""Stands where the id of a subject stood that the asker may not see."""

BLANK = "withheld"
"""Stands where a code stood that the asker may not see."""


class Asker(msgspec.Struct, frozen=True, gc=False):
    """Who asks, for which organisation and in which role."""

    org: str
    role: str = "handler"


class Scope(msgspec.Struct, frozen=True, gc=False):
    """What of a subject's state decides who may see it. `asked`: (asking, answering) organisations of references.

    `parties` are those that are not gone; `owners` the organisations of a subject that is no case.
    """

    kind: str = "case"
    restricted: bool = False
    reporting_org: str | None = None
    parties: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    centre: str | None = None
    owners: frozenset[str] = frozenset()
    asked: frozenset[tuple[str, str]] = frozenset()


def visible(scope: Scope, asker: Asker | None) -> bool:
    """Whether the asker may see anything of it."""
    if asker is None or is_centre(scope, asker):
        return True
    if scope.kind in OWN:
        return asker.org in scope.owners
    if not scope.restricted:
        return True
    return asker.org == scope.reporting_org or asker.org in scope.parties or asker.org in scope.named


def is_centre(scope: Scope, asker: Asker) -> bool:
    """Whether the asker is the centre, in a role that sees what is restricted."""
    return asker.org == scope.centre and asker.role in CENTRE_ROLES


def sees_answer(asker: Asker | None, by: str, party: str) -> bool:
    """Whether the asker may see what `party` answered to `by` by reference."""
    return asker is None or asker.org in (by, party)


def sees_persons(scope: Scope, asker: Asker | None, org: str) -> bool:
    """Whether the asker may see the opaque references of persons that `org` spoke of."""
    return asker is None or asker.org == org or is_centre(scope, asker)


def fact_as_seen(
    meta: FactMeta, fact: Any, scope: Scope, asker: Asker | None, unseen: Collection[str] = ()
) -> tuple[FactMeta, Any] | None:
    """The fact as the asker may see it; None where it may not. `scope` is that of the subject with this fact.

    `unseen` holds ids of other subjects that the asker may not see.
    """
    if asker is None:
        return meta, fact
    if not visible(scope, asker):
        return None
    if meta.actor.person is not None and not sees_persons(scope, asker, meta.actor.org):
        meta = replace(meta, actor=replace(meta.actor, person=None))
    blank = _BLANKED.get(type(fact))
    return meta, blank(meta, fact, scope, asker, unseen) if blank else fact


def _reported(meta: FactMeta, fact: Reported, scope: Scope, asker: Asker, _unseen: Collection[str]) -> Reported:
    return fact if sees_persons(scope, asker, meta.actor.org) else replace(fact, reporter=None, household=None)


def _asked(meta: FactMeta, fact: ReferenceAsked, _s: Scope, asker: Asker, _u: Collection[str]) -> ReferenceAsked:
    return fact if sees_answer(asker, meta.actor.org, fact.party) else replace(fact, purpose=BLANK, text=None)


def _answered(_m: FactMeta, fact: ReferenceAnswered, scope: Scope, asker: Asker, _u: Collection[str]) -> Any:
    if asker.org == fact.party or (asker.org, fact.party) in scope.asked:
        return fact
    return replace(fact, outcome=BLANK, reference=None)


def _without(field: str) -> Callable[[FactMeta, Any, Scope, Asker, Collection[str]], Any]:
    """Blanks the id in this field where it is of a subject that the asker may not see."""

    def blank(_meta: FactMeta, fact: Any, _scope: Scope, _asker: Asker, unseen: Collection[str]) -> Any:
        return replace(fact, **{field: UNSEEN}) if getattr(fact, field) in unseen else fact

    return blank


_BLANKED: dict[type, Callable[[FactMeta, Any, Scope, Asker, Collection[str]], Any]] = {
    Reported: _reported,
    ReferenceAsked: _asked,
    ReferenceAnswered: _answered,
    Linked: _without("other"),
    Unlinked: _without("other"),
    DuplicateSuspected: _without("other"),
    DuplicateDismissed: _without("other"),
    Absorbed: _without("other"),
    Merged: _without("into"),
    MemberAdded: _without("case"),
    MemberRemoved: _without("case"),
    WorkLogged: _without("about"),
}
