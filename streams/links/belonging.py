"""Cases that belong together: what one says of the other is said to the other, too.

Promise: merging is told to the case that goes on, linking and unlinking to the other side (once, without echo); each
part of a divided case becomes a case of its own, on behalf of whoever reported, linked in both directions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas import ids
from schemas.events import Absorb, Divided, FactMeta, Link, Linked, LinkKind, Merged, Report, Source, Unlink, Unlinked
from streams.links.known import Known
from streams.links.saying import ROLE, Said, cause, say


def claims(known: Known, meta: FactMeta, fact: Any) -> Iterator[Said]:
    """What a fact of a case means for others; `known` has taken the fact in."""
    case_id, why = meta.subject.id, cause(meta)
    match fact:
        case Merged():
            yield say(why, "case", fact.into, Absorb(case_id))
        case Linked() if meta.actor.role != ROLE:
            yield say(why, "case", fact.other, Link(case_id, fact.kind))
        case Unlinked() if meta.actor.role != ROLE:
            yield say(why, "case", fact.other, Unlink(case_id, fact.reason))
        case Divided():
            yield from _divided(known, meta, fact)


def _divided(known: Known, meta: FactMeta, fact: Divided) -> Iterator[Said]:
    case_id, why = meta.subject.id, cause(meta)
    case = known.case(case_id)
    for number, part in enumerate(fact.parts, case.parts - len(fact.parts) + 1):
        part_id = ids.part_id(case_id, number)
        source = Source(f"division:{case_id}", str(number))
        report = Report(
            part.category, part.place, "division", part.text, reporter=case.reporter, restricted=case.restricted
        )
        yield say(why, "case", part_id, report, org=case.org, source=source)
        yield say(why, "case", part_id, Link(case_id, LinkKind.RELATED))
        yield say(why, "case", case_id, Link(part_id, LinkKind.RELATED), occurrence=f"{meta.fact_id}:{number}")
