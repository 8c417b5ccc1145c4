"""The card of a case: how it stands after a fact, in what a department needs to know at a glance. Pure.

Ends of limits are those that the clocks tell by the version of the reference that the fact cites, so that a card is
the same whenever it is made.
"""

from __future__ import annotations

from functools import lru_cache

from schemas.events import Category, FeedCard, FeedParty, FeedSummons, Source
from streams.core.blocking import sentence
from streams.core.clocks import Clock, clocks
from streams.core.clocks.from_reference import terms_of
from streams.core.reference import Reference
from streams.outbox.known import Known
from streams.views.shape import CaseRow, PartyRow

NOTHING = FeedCard()
"""Of a subject that is no case."""


def card(known: Known, reference: Reference) -> FeedCard:
    """The card; `reference` is the version that the last fact cites. Raises NotReadYet."""
    row = known.row
    if row is None:
        return NOTHING
    told = clocks(row.case.clocks, terms_of(reference), known.recorded_at) if row.case.clocks.marks else ()
    yellow, due = (row.yellow_at, row.due_at) if row.due_at is not None else _end(told, "closure")
    more = row.more
    return FeedCard(
        number=row.number,
        stage=row.stage,
        category=_category(row),
        condition=row.condition,
        place=known.place,
        asset=more.asset if more else None,
        inlet=row.inlet,
        lead=row.lead,
        parties=tuple([_party(one, told) for one in row.parties]),
        summons=tuple(FeedSummons(s.org, s.at, s.due_at, s.reported_in_at) for s in more.summons) if more else (),
        opened_at=row.opened_at,
        filed_at=row.filed_at,
        closed_at=row.closed_at,
        closing_kind=row.closing_kind,
        due_at=due,
        yellow_at=yellow,
        restricted=row.restricted,
        reporting_org=row.reporting_org,
        source=Source(row.system, row.source_number),
        text=known.text,
        evidence=known.evidence,
        blocks="" if row.case.ended else sentence(row.case, known.recorded_at),
    )


def gone(known: Known) -> FeedCard:
    """What is told of a subject that has left the feed: the number by which its reader knows it."""
    return FeedCard(number=known.row.number) if known.row is not None else NOTHING


@lru_cache(maxsize=10_000)
def _category_of(scheme: str, version: str, code: str) -> Category:
    return Category(scheme, version, code)


def _category(row: CaseRow) -> Category | None:
    if row.category_scheme is None or row.category_version is None or row.category_code is None:
        return None
    return _category_of(row.category_scheme, row.category_version, row.category_code)


def _party(party: PartyRow, told: tuple[Clock, ...]) -> FeedParty:
    yellow, due = _end(told, "disposal", party.org)
    if due is None:
        yellow, due = party.yellow_at, party.due_at
    return FeedParty(
        party.org,
        party.role,
        party.status,
        party.dispatched_at,
        party.acknowledged_at,
        party.handed_back_at,
        party.returned_at,
        due,
        yellow,
    )


def _end(told: tuple[Clock, ...], clock: str, party: str = "") -> tuple[int | None, int | None]:
    """(yellow_at, due_at) of the clock opened last."""
    for one in reversed(told):
        if one.clock == clock and (one.party or "") == party:
            return one.yellow_at, one.due_at
    return None, None
