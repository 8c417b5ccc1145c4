"""What must hold for every subject after every fact, whatever was claimed: a judge that sees facts and states."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from schemas.events import Actor, Close, FactMeta
from streams.core import blocking
from streams.core.authority import Stage
from streams.core.case.state import Case, PartyStatus, working
from streams.core.decisions import decide
from streams.core.kind import Context
from streams.core.subjects import kind_of
from tests.builders import AUTHORITY, claim
from tests.laws.casework.desk import Desk

UNCHECKED = {"forced", "recorded", "self_handled"}
"""Closings that may leave work open, and say so."""


class Judge:
    """Sees every fact once; `kept(desk)` goes through the new ones, and through the states that they led to."""

    def __init__(self) -> None:
        self._seqs: dict[str, int] = defaultdict(int)
        self._irregular: set[str] = set()
        self._closing: dict[str, str] = {}
        self._seen = 0

    def kept(self, desk: Desk) -> None:
        touched = {}
        for meta, body in desk.facts_from(self._seen):
            self._fact(meta, body)
            touched[meta.subject.id] = meta
        self._seen = len(desk.log)
        for subject, meta in touched.items():
            state = desk.state.subjects[subject]
            assert state.seq == self._seqs[subject]
            if isinstance(state, Case):
                self._case(subject, state)
                blocks_exactly_what_is_refused(state, meta.occurred_at)

    def _fact(self, meta: FactMeta, body: Any) -> None:
        subject = meta.subject.id
        self._seqs[subject] += 1
        assert meta.seq == self._seqs[subject]
        if meta.irregular:
            self._irregular.add(subject)
        if type(body).__name__ == "Closed":
            self._closing[subject] = body.kind
        if type(body).__name__ == "ExtensionGranted":
            assert body.times <= 2 or subject in self._irregular

    def _case(self, subject: str, case: Case) -> None:
        if subject in self._irregular:
            return
        orgs = [party.org for party in case.parties]
        assert len(set(orgs)) == len(orgs)
        open_work = [p for p in working(case) if p.status is not PartyStatus.HANDED_BACK]
        if case.stage is Stage.CLOSED and self._closing[subject] not in UNCHECKED:
            assert not open_work
        leads = sum(party.leads for party in case.parties)
        assert leads <= 1
        assert leads == 1 or case.stage is not Stage.DISPATCHED
        if case.stage in (Stage.HANDED_BACK, Stage.PASSED):
            assert leads == 1
            assert not open_work
        if case.stage is Stage.CLOSED and self._closing[subject] == "checked":
            assert leads == 1


def blocks_exactly_what_is_refused(case: Case, at: int) -> None:
    """The sentence is empty exactly where a rightful actor may close the case after its check."""
    at = max(at, case.reported_at)
    rightful = [org for org in (case.filing_org, case.reporting_org) if org and org not in _workers(case)]
    if not rightful and case.stage is not Stage.NONE:
        return
    said = claim(Close("checked"), by=Actor((rightful or ["centre"])[0], "dispatcher"), at=at, occurrence="blocks?")
    context = Context(AUTHORITY, str, at)
    (fact,) = decide(kind_of(case), case, said.meta, said.body, said.digest, context).facts
    accepted = type(fact).__name__ == "Closed"
    assert accepted is (blocking.sentence(case, at) == "")
    assert accepted is (blocking.sentence_zh(case, at) == "")


def _workers(case: Case) -> set[str]:
    return {party.org for party in case.parties if party.works}
