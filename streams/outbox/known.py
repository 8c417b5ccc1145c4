"""What the outbox knows of a subject: enough to say who may see it, which feeds want it, and to make its card. Pure.

Promise: `after` gives the same for the same facts, however they were batched; `offset` is that of the last fact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from schemas.events import Amended, FactMeta, FileRef, Place, Refused, Reported, SubjectKindSymbol, TextRef
from streams.core.reference import Reference
from streams.core.visibility import Scope
from streams.views import row as rows
from streams.views.judging import centre_by_reference
from streams.views.shape import CaseRow
from streams.views.sight import scope_of


class Known(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One subject. `row` is None where it is no case; `owners` are the organisations that have acted in it then.

    `reference` is the version that the last fact cites.
    """

    kind: SubjectKindSymbol
    seq: int = 0
    offset: int = -1
    recorded_at: int = 0
    reference: int = 0
    row: CaseRow | None = None
    place: Place | None = None
    text: TextRef | None = None
    evidence: tuple[FileRef, ...] = ()
    owners: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """True for a case in which nothing more is expected."""
        return self.row is not None and self.row.case.ended


decode_known: Callable[[bytes], Known] = msgspec.msgpack.Decoder(Known).decode
"""For local copies."""


def after(before: Known | None, offset: int, meta: FactMeta, fact: Any) -> Known:
    """The subject after one more fact, which stands at `offset` of its partition."""
    known = before or Known(meta.subject.kind)
    cited = meta.versions.reference
    if known.kind != "case":
        owners = known.owners
        if type(fact) is not Refused and meta.actor.org not in owners:
            owners = (*owners, meta.actor.org)
        return Known(known.kind, meta.seq, offset, meta.recorded_at, cited, owners=owners)
    if type(fact) is Reported:
        known = replace(known, place=fact.place, text=fact.text, evidence=fact.evidence)
    elif type(fact) is Amended and fact.place is not None:
        known = replace(known, place=fact.place)
    row = rows.evolve(known.row or rows.NEW, meta, fact)
    return Known("case", meta.seq, offset, meta.recorded_at, cited, row, known.place, known.text, known.evidence)


def scope(known: Known, reference: Reference) -> Scope:
    """Who may see it. Raises NotReadYet."""
    row = known.row
    if row is None:
        return Scope(known.kind, owners=frozenset(known.owners))
    named = row.bearing.centre is not None or not row.bearing.reference
    return scope_of(row, None if named else centre_by_reference(row, reference))
