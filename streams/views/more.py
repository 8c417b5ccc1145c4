"""What only some cases have: whistles, summonses, returns, extensions, links, appeals and the like.

Kept apart so that the row of a plain case stays small. Written to PostgreSQL as JSON: a name here is a name there.
Times are UTC µs, `seq` cites the fact.
"""

from __future__ import annotations

import msgspec


class Part(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One entry: it cites the fact that made it and says when that happened."""

    seq: int
    at: int


class WhistleRow(Part, frozen=True, gc=False, omit_defaults=True):
    """Who whistled, for what."""

    by: str = ""
    need: str = ""
    targets: tuple[str, ...] = ()


class SummonRow(Part, frozen=True, gc=False, omit_defaults=True):
    """Who was summoned, until when (null: the city's rule), and when it reported in; not `called`: unasked."""

    org: str = ""
    due_at: int | None = None
    reported_in_at: int | None = None
    reported_in_seq: int | None = None
    called: bool = True


class ReturnRow(Part, frozen=True, gc=False, omit_defaults=True):
    """Who gave the case back, and why."""

    party: str = ""
    reason: str = ""


class ExtensionRow(Part, frozen=True, gc=False, omit_defaults=True):
    """More time that a party asked for."""

    party: str = ""
    reason: str = ""
    approvals: int = 0
    outcome: str = "asked"


class SuspensionRow(Part, frozen=True, gc=False, omit_defaults=True):
    """Why and until when nothing can be done."""

    reason: str = ""
    until: int = 0


class LinkRow(Part, frozen=True, gc=False, omit_defaults=True):
    """Another case and what it is to this one.

    related, same_cause, follow_up · suspected (a duplicate), dismissed · merged (into it), absorbed (it)
    """

    other: str = ""
    kind: str = ""


class AppealRow(Part, frozen=True, gc=False, omit_defaults=True):
    """An appeal of a party, and what its reviews say."""

    party: str = ""
    ground: str = ""
    reviews: tuple[bool, ...] = ()


class CallBackRow(Part, frozen=True, gc=False, omit_defaults=True):
    """What the reporter said when called back."""

    contacted: bool = False
    solved: bool | None = None
    satisfied: bool | None = None


class HandOverRow(Part, frozen=True, gc=False, omit_defaults=True):
    """A hand-over to 110, 119 or 120."""

    service: str = ""
    org: str = ""
    accepted: bool | None = None
    reference: str | None = None
    justified_at: int | None = None


class AmendmentRow(Part, frozen=True, gc=False, omit_defaults=True):
    """What was put right."""

    reason: str = ""
    what: tuple[str, ...] = ()


class QuestionRow(Part, frozen=True, gc=False, omit_defaults=True):
    """A question that is answered by reference only. For the asking and the answering organisation alone."""

    by: str = ""
    party: str = ""
    purpose: str = ""
    outcome: str | None = None
    reference: str | None = None


class ClockRow(Part, frozen=True, gc=False, omit_defaults=True):
    """A clock that spoke up."""

    clock: str = ""
    party: str | None = None
    due_at: int = 0
    state: str = "warned"


class WordRow(Part, frozen=True, gc=False, omit_defaults=True):
    """Another system's own word for the state, where it is not the system that opened the case."""

    system: str = ""
    org: str = ""
    status: str = ""


class WorkRow(Part, frozen=True, gc=False, omit_defaults=True):
    """A step of the work that changes no stage: progress, deliberated, mediated, referred, verification …"""

    what: str = ""
    by: str = ""
    outcome: str | None = None


class More(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """All of it; an empty field has not happened."""

    asset: str | None = None
    asset_seq: int | None = None
    level: str | None = None
    level_org: str | None = None
    regime: str | None = None
    proposed: tuple[str, ...] = ()
    whistles: tuple[WhistleRow, ...] = ()
    summons: tuple[SummonRow, ...] = ()
    returns: tuple[ReturnRow, ...] = ()
    adjudication_called_at: int | None = None
    adjudicated_at: int | None = None
    extensions: tuple[ExtensionRow, ...] = ()
    suspension: SuspensionRow | None = None
    suspended: int = 0
    supervision: str | None = None
    urged: int = 0
    visible_to: tuple[str, ...] = ()
    restriction: str | None = None
    links: tuple[LinkRow, ...] = ()
    groups: tuple[str, ...] = ()
    appeals: tuple[AppealRow, ...] = ()
    exempted: tuple[str, ...] = ()
    call_backs: tuple[CallBackRow, ...] = ()
    first_answer_at: int | None = None
    hand_overs: tuple[HandOverRow, ...] = ()
    amendments: tuple[AmendmentRow, ...] = ()
    questions: tuple[QuestionRow, ...] = ()
    clocks: tuple[ClockRow, ...] = ()
    words: tuple[WordRow, ...] = ()
    work: tuple[WorkRow, ...] = ()
    forcing_proposed_by: str | None = None
    check_asked: str | None = None
    audit: str | None = None
    reopened: int = 0
    ended_because: str | None = None


NO_MORE = More()
