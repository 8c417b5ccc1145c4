"""Whether documents fit together, and with what holds: codes that stand twice or nowhere, outlines, staffing.

A complaint that would make the reference contradict itself keeps a document out; the rest are warnings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ops.reference.coverage import gaps, overlaps
from ops.reference.documents import Document
from ops.reference.keys import key, said
from ops.reference.problems import Found
from ops.reference.standards.loading import changed
from ops.reference.subscriptions import unfit_subscriptions
from schemas import events
from streams.core.clocks import Kind
from streams.core.reference import EMPTY, InForce, Loaded, Reference, places

_FAR = 1 << 62


def check(reference: Reference, documents: Sequence[Document], now: int) -> list[Found]:
    """Every complaint about the documents, judged beside what holds at `now` (UTC µs) in their absence."""
    view = together(reference, documents, now)
    found = [one for document in documents for one in _twice(document)]
    for document in documents:
        found += _references(document, view)
        found += changed(reference, document)
        found += _edited_calendars(reference, document)
        found += unfit_subscriptions(document, view)
        found += _unknown_clocks(document)
        found += _unknown_calendars(document, view)
    found += _grids(documents, view, now)
    return found


def together(reference: Reference, documents: Sequence[Document], now: int) -> InForce:
    """What would hold if the documents were loaded and all had begun."""
    replaced = {(document.kind, document.name) for document in documents}
    kept = [load for load in reference.in_force(now).loads if load.document not in replaced]
    new = [_loaded(document) for document in documents]
    return InForce(reference.version, tuple(sorted([*kept, *new], key=lambda load: load.document)))


def _loaded(document: Document) -> Loaded:
    header = events.Load(0, document.kind, document.name, 0, b"", len(document.items), "", "", 0, document.edition)
    return Loaded(header, document.items)


def _twice(document: Document) -> Iterator[Found]:
    seen: set[Any] = set()
    for n, item in enumerate(document.items):
        if isinstance(item, events.GridPost) and item.person is None:
            continue  # several posts of a grid may be vacant
        if key(item) in seen:
            yield document.found(n, f"{said(key(item))} stands twice")
        seen.add(key(item))


def _edited_calendars(reference: Reference, document: Document) -> Iterator[Found]:
    """Calendars that are known in this version with other days: what was judged by them would change."""
    loaded = (item for load in reference.loads for item in load.items if isinstance(item, events.Calendar))
    known = {key(calendar): calendar for calendar in loaded}
    for n, item in enumerate(document.items):
        if isinstance(item, events.Calendar) and known.get(key(item), item) != item:
            what = (
                f"calendar {item.name} {item.version} is known with another content: give the new one another version"
            )
            yield document.found(n, what)


def _unknown_clocks(document: Document) -> Iterator[Found]:
    """Stages of policies for which there is no clock: their limit would be kept, and nobody would be late by it."""
    for n, item in enumerate(document.items):
        stages = item.stage_clocks if isinstance(item, events.Policy) else ()
        for one in stages:
            if one.stage not in set(Kind):
                yield document.found(n, f"there is no clock {one.stage}; there are {', '.join(Kind)}")


def _unknown_calendars(document: Document, view: InForce) -> Iterator[Found]:
    """Calendars that policies and regimes name and that are not there: no working clock could run by them."""
    known = {calendar.name for calendar in view.items(events.Calendar)}
    for n, item in enumerate(document.items):
        named = item.calendar if isinstance(item, (events.Policy, events.Regime)) else None
        if named is not None and named not in known:
            yield document.found(n, f"there is no calendar {named}")


Naming = Callable[[Any], Iterable[str | None]]
_ORG = "organisation"
_NAMED: dict[type, tuple[tuple[str, type, Naming], ...]] = {
    events.Organisation: ((_ORG, events.Organisation, lambda o: [o.commanded_by]),),
    events.OrganisationRelation: ((_ORG, events.Organisation, lambda r: [r.org, r.to]),),
    events.RoleGrant: ((_ORG, events.Organisation, lambda r: [r.org]),),
    events.Division: (("division", events.Division, lambda d: [d.parent]),),
    events.Grid: (("grid", events.Grid, lambda g: [g.parent]), (_ORG, events.Organisation, lambda g: [g.org])),
    events.GridPost: (("grid", events.Grid, lambda p: [p.grid]),),
    events.ChatGroup: (("grid", events.Grid, lambda c: [c.grid]),),
    events.ServicePlace: (
        (_ORG, events.Organisation, lambda s: [s.org]),
        ("grid", events.Grid, lambda s: [s.grid]),
    ),
    events.ResponsibilityItem: (
        (_ORG, events.Organisation, lambda i: _codes((i.lead, *i.assists, *i.informed))),
        ("grid", events.Grid, lambda i: i.grids),
    ),
    events.Asset: (
        (_ORG, events.Organisation, lambda a: [a.supervises, a.owns, a.maintains]),
        ("grid", events.Grid, lambda a: [a.grid]),
    ),
    events.Fallback: ((_ORG, events.Organisation, lambda f: [f.org]),),
    events.RegimeDeclaration: (
        ("regime", events.Regime, lambda d: [d.regime]),
        (_ORG, events.Organisation, lambda d: [d.declared_by, d.approved_by]),
    ),
    events.Duty: ((_ORG, events.Organisation, lambda d: [d.org]),),
    events.Subscription: ((_ORG, events.Organisation, lambda s: [s.owner]),),
}
"""Class → what its items name: word, class of what is named, codes."""


def _codes(answers: Iterable[str]) -> list[str]:
    return [code for code in answers if not code.startswith("@")]


def _references(document: Document, view: InForce) -> Iterator[Found]:
    for n, item in enumerate(document.items):
        for word, cls, names in _NAMED.get(type(item), ()):
            for code in names(item):
                if code is not None and view.coded(cls, code) is None:
                    yield document.found(n, f"there is no {word} {code}")


def _grids(documents: Sequence[Document], view: InForce, now: int) -> Iterator[Found]:
    """Overlaps, gaps and missing staff, where the documents say something about grids or posts."""
    where = {grid.code: (d, n) for d in documents for n, grid in enumerate(d.items) if isinstance(grid, events.Grid)}
    if where:
        grids = view.items(events.Grid)
        for code, what in [*overlaps(grids), *gaps(grids)]:
            if code in where:
                document, n = where[code]
                yield document.found(n, what, warning=True)
    if view.items(events.GridPost):
        posted = [d for d in documents if d.kind == "posts"]
        yield from _unstaffed(view, where, posted, now)


def _unstaffed(
    view: InForce, where: dict[str, tuple[Document, int]], posted: list[Document], now: int
) -> Iterator[Found]:
    for grid in view.items(events.Grid):
        if grid.level not in ("grid", "micro_grid") or places.workers(view, grid.code, now):
            continue
        document, n = where.get(grid.code, (posted[0], _FAR) if posted else (None, 0))
        if document is not None:
            yield document.found(n, f"nobody works on the grid {grid.code}", warning=True)


def check_alone(documents: Sequence[Document], now: int) -> list[Found]:
    """The same without a hub: the documents must say everything themselves."""
    return check(EMPTY, documents, now)
