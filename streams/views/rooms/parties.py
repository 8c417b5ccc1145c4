"""Who works on the case: whistle, summons, report-in, and every change of the parties after the dispatch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from schemas.events import (
    Adjudicated,
    AdjudicationCalled,
    Assignment,
    DispatchProposed,
    Escalated,
    FactMeta,
    HandedOver,
    HandOverAnswered,
    HandOverJustified,
    LeadAppointed,
    PartiesAdded,
    PartyReleased,
    PartyRole,
    PartyRoleSymbol,
    ReportedIn,
    Returned,
    SentAgain,
    Summoned,
    Supervised,
    Transferred,
    Urged,
    Whistled,
)
from streams.views.more import NO_MORE, HandOverRow, More, ReturnRow, SummonRow, WhistleRow
from streams.views.shape import ENDED, GONE, Bearing, CaseRow, PartyRow, settled, with_more, with_party

MINUTE = 60_000_000


def bears(row: CaseRow, meta: FactMeta) -> Bearing:
    """The three-cross rule goes by this fact, too."""
    return replace(row.bearing, seq=meta.seq, at=meta.occurred_at, reference=meta.versions.reference)


def _more(row: CaseRow) -> More:
    return row.more or NO_MORE


def _joined(parties: Iterable[PartyRow], meta: FactMeta, new: Iterable[Assignment]) -> tuple[PartyRow, ...]:
    """The parties with new ones; who was gone, or stands there with another role, begins anew."""
    found = {p.org: p for p in parties}
    for one in new:
        before = found.get(one.org)
        if before is None or before.status in GONE or before.role != one.role:
            found[one.org] = PartyRow(one.org, one.role, dispatched_at=meta.occurred_at, seq=meta.seq)
    return tuple(found.values())


def _lead(parties: Iterable[PartyRow]) -> str | None:
    return next((p.org for p in parties if p.role == PartyRole.LEAD and p.status not in GONE), None)


def _with_parties(row: CaseRow, meta: FactMeta, parties: tuple[PartyRow, ...], **changes: Any) -> CaseRow:
    return replace(row, parties=parties, lead=_lead(parties), bearing=bears(row, meta), **changes)


def _goes_on(row: CaseRow) -> str:
    """The stage of a case for which the centre has named who acts; one that has ended stays so."""
    return row.stage if row.stage in ENDED else "dispatched"


def _whistled(row: CaseRow, meta: FactMeta, fact: Whistled) -> CaseRow:
    blown = WhistleRow(meta.seq, meta.occurred_at, meta.actor.org, fact.need, fact.targets)
    row = replace(row, bearing=bears(row, meta))
    return with_more(row, whistles=(*_more(row).whistles, blown))


def _summoned(row: CaseRow, meta: FactMeta, fact: Summoned) -> CaseRow:
    due = meta.occurred_at + fact.minutes * MINUTE if fact.minutes is not None else None
    called = {s.org: s for s in _more(row).summons}
    called |= {org: SummonRow(meta.seq, meta.occurred_at, org, due) for org in fact.orgs}
    return with_more(row, summons=tuple(called.values()))


def _reported_in(row: CaseRow, meta: FactMeta, fact: ReportedIn) -> CaseRow:
    called = {s.org: s for s in _more(row).summons}
    mine = called.get(fact.party) or SummonRow(meta.seq, meta.occurred_at, fact.party, called=False)
    called[fact.party] = replace(mine, reported_in_at=meta.occurred_at, reported_in_seq=meta.seq)
    return with_more(row, summons=tuple(called.values()))


def _lead_appointed(row: CaseRow, meta: FactMeta, fact: LeadAppointed) -> CaseRow:
    def role(party: PartyRow) -> PartyRoleSymbol:
        if party.org == fact.org:
            return "lead"
        return "assist" if party.role == PartyRole.LEAD else party.role

    stays = [p if p.status in GONE else replace(p, role=role(p)) for p in row.parties]
    dispatched = row.dispatched_at or meta.occurred_at
    parties = _joined(stays, meta, [Assignment(fact.org, PartyRole.LEAD)])
    return _with_parties(row, meta, parties, stage=_goes_on(row), dispatched_at=dispatched)


def _parties_added(row: CaseRow, meta: FactMeta, fact: PartiesAdded) -> CaseRow:
    return _with_parties(row, meta, _joined(row.parties, meta, fact.parties))


def _party_released(row: CaseRow, meta: FactMeta, fact: PartyReleased) -> CaseRow:
    parties = with_party(row, fact.party, status="released", gone_at=meta.occurred_at)
    return settled(_with_parties(row, meta, parties), meta)


def _transferred(row: CaseRow, meta: FactMeta, fact: Transferred) -> CaseRow:
    role: PartyRoleSymbol = next(
        (p.role for p in row.parties if p.org == fact.party and p.status not in GONE), "assist"
    )
    gone = with_party(row, fact.party, status="transferred", gone_at=meta.occurred_at)
    return _with_parties(row, meta, _joined(gone, meta, [Assignment(fact.to, role)]))


def _returned(row: CaseRow, meta: FactMeta, fact: Returned) -> CaseRow:
    parties = with_party(row, fact.party, status="returned", returned_at=meta.occurred_at)
    back = ReturnRow(meta.seq, meta.occurred_at, fact.party, fact.reason)
    return with_more(replace(row, parties=parties), returns=(*_more(row).returns, back))


def _sent_again(row: CaseRow, _meta: FactMeta, fact: SentAgain) -> CaseRow:
    return replace(row, parties=with_party(row, fact.party, status="dispatched"))


def _adjudication_called(row: CaseRow, meta: FactMeta, _fact: AdjudicationCalled) -> CaseRow:
    return with_more(row, adjudication_called_at=meta.occurred_at)


def _adjudicated(row: CaseRow, meta: FactMeta, fact: Adjudicated) -> CaseRow:
    stay = {a.org for a in fact.parties}
    left = [
        p if p.org in stay or p.status in GONE else replace(p, status="released", gone_at=meta.occurred_at)
        for p in row.parties
    ]
    again = [replace(p, status="dispatched") if p.org in stay and p.status == "returned" else p for p in left]
    row = _with_parties(row, meta, _joined(again, meta, fact.parties), stage=_goes_on(row))
    return with_more(settled(row, meta), adjudicated_at=meta.occurred_at)


def _handed_over(row: CaseRow, meta: FactMeta, fact: HandedOver) -> CaseRow:
    role: PartyRoleSymbol = "assist" if _lead(row.parties) else "lead"
    there = any(p.org == fact.org and p.status not in GONE and p.role != PartyRole.INFORM for p in row.parties)
    parties = row.parties if there else _joined(row.parties, meta, [Assignment(fact.org, role)])
    if row.stage not in ENDED:
        dispatched = row.dispatched_at or meta.occurred_at
        row = _with_parties(row, meta, parties, stage="dispatched", dispatched_at=dispatched)
    over = HandOverRow(meta.seq, meta.occurred_at, fact.service, fact.org)
    return with_more(row, hand_overs=(*_more(row).hand_overs, over))


def _answered(row: CaseRow, meta: FactMeta, fact: HandOverAnswered) -> CaseRow:
    answered = [
        replace(h, accepted=fact.accepted, reference=fact.reference) if h.org == fact.org and h.accepted is None else h
        for h in _more(row).hand_overs
    ]
    row = with_more(row, hand_overs=tuple(answered))
    mine = next((p for p in row.parties if p.org == fact.org), None)
    if fact.accepted and mine is not None and mine.status != "dispatched":
        return row
    if fact.accepted:
        return replace(row, parties=with_party(row, fact.org, status="acknowledged", acknowledged_at=meta.occurred_at))
    parties = with_party(row, fact.org, status="released", gone_at=meta.occurred_at)
    stage = "filed" if row.stage == "dispatched" and not _lead(parties) else row.stage
    return settled(_with_parties(row, meta, parties, stage=stage), meta)


def _justified(row: CaseRow, meta: FactMeta, _fact: HandOverJustified) -> CaseRow:
    return with_more(
        row,
        hand_overs=tuple(
            replace(h, justified_at=meta.occurred_at) if h.justified_at is None else h for h in _more(row).hand_overs
        ),
    )


def _proposed(row: CaseRow, _meta: FactMeta, fact: DispatchProposed) -> CaseRow:
    return with_more(row, level=fact.level, proposed=tuple(f"{a.role} {a.org}" for a in fact.parties))


def _escalated(row: CaseRow, _meta: FactMeta, fact: Escalated) -> CaseRow:
    return with_more(row, level=fact.level, level_org=fact.org)


def _supervised(row: CaseRow, _meta: FactMeta, fact: Supervised) -> CaseRow:
    return with_more(row, supervision=fact.level)


def _urged(row: CaseRow, _meta: FactMeta, _fact: Urged) -> CaseRow:
    return with_more(row, urged=_more(row).urged + 1)


EVOLVE: dict[type, Callable[[CaseRow, FactMeta, Any], CaseRow]] = {
    Whistled: _whistled,
    Summoned: _summoned,
    ReportedIn: _reported_in,
    LeadAppointed: _lead_appointed,
    PartiesAdded: _parties_added,
    PartyReleased: _party_released,
    Transferred: _transferred,
    Returned: _returned,
    SentAgain: _sent_again,
    AdjudicationCalled: _adjudication_called,
    Adjudicated: _adjudicated,
    HandedOver: _handed_over,
    HandOverAnswered: _answered,
    HandOverJustified: _justified,
    DispatchProposed: _proposed,
    Escalated: _escalated,
    Supervised: _supervised,
    Urged: _urged,
}
