"""A city that claims: seeded, all roles, mostly what could come next, sometimes anything, some of it twice or too late.

`City(seed).claim(desk)` is the next claim; it looks at the cases that the desk has, so that long lives come about.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from schemas import events as e
from schemas import ids
from schemas.events import Actor, Assignment
from streams.core.authority import Role, Stage
from streams.core.case.state import Case, lead_of
from tests.builders import CENTRE, DAY, MINUTE, SYSTEM, T0, Said, actor_of, claim
from tests.laws.casework.desk import BODIES, ORGS, Desk
from tests.samples import CONDITION, OTHER, PART, PHOTO, TEXT, report

WORKERS = ("power", "telecom", "gas", "water", "squad")
SERVICE = "police"
PEOPLE = (None, "00000000-0000-4000-8000-0000000000a1", "00000000-0000-4000-8000-0000000000a2")
Body = Any
Pick = Callable[[random.Random, Case, int], Body]


def _party(rng: random.Random, case: Case) -> str:
    """A party of the case, nearly always one that works."""
    able = [p.org for p in case.parties if p.works] or [p.org for p in case.parties]
    return rng.choice(able) if able and rng.random() < 0.95 else rng.choice(WORKERS)


def _parties(rng: random.Random) -> tuple[Assignment, ...]:
    lead, *others = rng.sample(WORKERS, rng.choice((1, 2, 3)))
    role: e.PartyRoleSymbol = "lead" if rng.random() < 0.95 else "assist"
    return (Assignment(lead, role), *(Assignment(org, rng.choice(("assist", "inform"))) for org in others))


def _hand_back(rng: random.Random, case: Case, _at: int) -> Body:
    """An assist first, then the lead, mostly."""
    open_ones = [p.org for p in case.parties if p.works and p.status != "handed_back" and not p.leads]
    lead = lead_of(case)
    last = lead.org if lead is not None else rng.choice(WORKERS)
    return e.HandBack(rng.choice(open_ones) if open_ones and rng.random() < 0.9 else last, TEXT, (PHOTO,))


def _extension(rng: random.Random, case: Case, _at: int) -> Body:
    """Asked for, and approved where it is."""
    asked = [one.org for one in case.more.extensions if one.asked]
    return e.ApproveExtension(asked[0]) if asked else e.AskExtension(_party(rng, case), "parts")


ANYWHERE: tuple[Pick, ...] = (
    lambda _r, _c, _a: e.Supplement(TEXT),
    lambda _r, _c, _a: e.AnswerReporter("phone"),
    lambda _r, _c, _a: e.Amend("wrong type", condition=CONDITION),
    lambda _r, _c, _a: e.HandOver("110", SERVICE, "danger"),
    lambda r, _c, _a: e.AnswerHandOver(SERVICE, r.random() < 0.5, "not-ours"),
    lambda _r, _c, _a: e.JustifyHandOver("a child"),
    lambda r, c, _a: e.Urge(_party(r, c)),
    lambda r, _c, a: e.Suspend("season", a + r.choice((1, 20, 400)) * DAY),
    lambda _r, _c, _a: e.Resume("funded"),
    lambda _r, _c, a: e.NoteTime(a),
    lambda _r, _c, _a: e.SuspectDuplicate(OTHER, 3.0, 60, "near-1"),
    lambda _r, _c, _a: e.AskReference(SERVICE, "identity"),
    lambda _r, _c, _a: e.AnswerReference(SERVICE, "identified", "P-1"),
    lambda _r, _c, _a: e.ProposeForcing("no owner"),
    lambda _r, _c, _a: e.Close("forced", "no owner"),
    lambda _r, _c, _a: e.Close("recorded"),
)
REPORTING: tuple[Pick, ...] = (
    *(lambda _r, _c, _a: e.File(CONDITION),) * 8,
    lambda _r, _c, _a: e.SelfHandle(TEXT, (PHOTO,)),
    lambda _r, _c, _a: e.AskLeadVerification("street"),
    lambda r, _c, _a: e.VerifyLead("street", r.random() < 0.8),
    lambda _r, _c, _a: e.RefuseFiling("not-ours"),
    lambda _r, _c, _a: e.Withdraw("settled"),
    lambda _r, _c, _a: e.Divide("two", (PART,)),
)
FILING: tuple[Pick, ...] = (
    *(lambda r, _c, _a: e.Dispatch(_parties(r), "list-7"),) * 6,
    lambda _r, _c, _a: e.Whistle("several-owners"),
    lambda _r, _c, _a: e.Void("by mistake"),
    lambda _r, _c, _a: e.Merge(OTHER, "the same"),
    lambda r, _c, _a: e.Summon(tuple(r.sample(WORKERS, 2)), 30),
    lambda r, c, _a: e.ReportIn(r.choice(c.more.summoned or WORKERS)),
    lambda r, c, _a: e.ReportIn(r.choice(c.more.summoned or WORKERS)),
)
WORKING: tuple[Pick, ...] = (
    *(_hand_back,) * 10,
    *(lambda r, c, _a: e.Acknowledge(_party(r, c)),) * 4,
    *(lambda r, c, _a: e.Return(_party(r, c), "not-ours"),) * 2,
    *(lambda r, c, _a: e.SendAgain(_party(r, c), "it is"),) * 2,
    *(lambda r, c, _a: e.Transfer(_party(r, c), r.choice(WORKERS), "owner"),) * 2,
    *(lambda r, _c, _a: e.Adjudicate("list-7", _parties(r)),) * 2,
    lambda r, _c, _a: e.AddParties((Assignment(r.choice(WORKERS), r.choice(("assist", "assist", "inform", "lead"))),)),
    lambda r, c, _a: e.ReleaseParty(_party(r, c), "not needed"),
    lambda r, c, _a: e.AppointLead(_party(r, c), "owner"),
    lambda r, c, a: e.Commit(a + r.choice((-1, 5)) * DAY, "promise", _party(r, c)),
    *(_extension,) * 4,
    lambda r, c, _a: e.RefuseExtension(_party(r, c), "no need"),
    lambda r, c, _a: e.Progress(_party(r, c)),
)
CHECKING: tuple[Pick, ...] = (
    *(lambda _r, _c, _a: e.Check("passed"),) * 3,
    lambda r, c, _a: e.Check("failed", rework=(_party(r, c),)),
    lambda _r, _c, _a: e.AskCheck("village"),
)
AFTER: tuple[Pick, ...] = (
    lambda _r, _c, _a: e.Reopen("again"),
    lambda _r, _c, _a: e.CallBack(True, True, True),
    lambda _r, _c, _a: e.Audit("passed"),
    lambda r, c, _a: e.Appeal(_party(r, c), "weather"),
    lambda r, c, _a: e.ReviewAppeal(_party(r, c), r.random() < 0.7, "typhoon"),
    lambda _r, _c, _a: e.Absorb(OTHER),
)
NEXT: dict[Stage, tuple[Pick, ...]] = {
    Stage.NONE: (lambda _r, _c, _a: report(),),
    Stage.REPORTED: REPORTING,
    Stage.FILED: FILING,
    Stage.DISPATCHED: WORKING,
    Stage.HANDED_BACK: CHECKING,
    Stage.CLOSED: AFTER,
    Stage.PASSED: (*(lambda _r, _c, _a: e.Close("checked"),) * 3, lambda _r, _c, _a: e.Reopen("again")),
}


class City:
    """Claims one after the other; `cases` are open at a time, and no case gets more than about `claims` claims."""

    def __init__(self, rng: random.Random, cases: int = 20, claims: int = 60) -> None:
        self.rng = rng
        self.minute = 0
        self.said: list[Said] = []
        self._cases = cases
        self._claims = claims

    def claim(self, desk: Desk) -> Said:
        """The next claim. One in twenty repeats an earlier one."""
        rng = self.rng
        self.minute += rng.choice((0, 1, 1, 1, 30, 600))
        if self.said and rng.random() < 0.05:
            return rng.choice(self.said[-200:])
        first = len(self.said) // self._claims
        number = str(first + rng.randrange(self._cases))
        case = desk.state.subjects.get(ids.case_id(SYSTEM, number), Case())
        said = self._about(case if isinstance(case, Case) else Case(), number)
        self.said.append(said)
        return said

    def _about(self, case: Case, number: str) -> Said:
        rng = self.rng
        at = T0 + (self.minute - (rng.randrange(3_000) if rng.random() < 0.05 else 0)) * MINUTE
        if rng.random() < 0.15:
            body = rng.choice(BODIES)
        else:
            picks = NEXT.get(case.stage, ANYWHERE) if rng.random() < 0.85 else ANYWHERE
            body = rng.choice(picks)(rng, case, at)
        actor = self._actor(body)
        already_done = actor.role == Role.SOURCE and rng.random() < 0.5
        return claim(
            body, by=actor, number=number, occurrence=str(len(self.said)), at=max(at, T0), already_done=already_done
        )

    def _actor(self, body: Body) -> Actor:
        """Mostly who may; two approvers and two reviewers; now and then anybody, or a source."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.03:
            return Actor(rng.choice(ORGS), rng.choice((*Role, "passer-by")), rng.choice(PEOPLE))
        if draw < 0.05:
            return Actor("upstream", Role.SOURCE)
        actor = actor_of(body)
        if isinstance(body, e.ApproveExtension | e.ReviewAppeal | e.ProposeForcing) and rng.random() < 0.6:
            org = rng.choice(("centre", "district"))
            return Actor(org, actor.role, rng.choice(PEOPLE))
        return CENTRE if isinstance(body, e.Withdraw) and rng.random() < 0.2 else actor
