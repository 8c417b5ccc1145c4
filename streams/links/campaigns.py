"""What a campaign finds from door to door becomes a report of its own, on behalf of the campaign's organisation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas import ids
from schemas.events import FactMeta, Report, Source, TargetVisited
from streams.links.known import Known
from streams.links.saying import Said, cause, say


def claims(known: Known, meta: FactMeta, fact: Any) -> Iterator[Said]:
    """The report that a visit leads to; its number is that of the fact within the campaign."""
    if type(fact) is not TargetVisited or fact.finding is None:
        return
    found, source = fact.finding, Source(f"campaign:{meta.subject.id}", str(meta.seq))
    report = Report(found.category, found.place, "campaign", found.text)
    org = known.group(meta.subject.id).org or meta.actor.org
    yield say(cause(meta), "case", ids.case_id(source.system, source.number), report, org=org, source=source)
