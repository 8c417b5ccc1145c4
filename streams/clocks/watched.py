"""What must be watched of one subject: its clocks or its planned visits, and when something falls due next. Pure.

The next moment is *history* when it had passed already as the last fact was recorded: a source is telling what was long
ago, and more of it may be on its way. Such a moment waits until the source has been quiet.
"""

from __future__ import annotations

import msgspec

from schemas import codec, ids
from schemas.events import ClaimMeta, FactMeta, NoteTime, Source, Subject, SubjectKindSymbol
from streams.core import households
from streams.core.clocks import NEW as NO_CLOCKS
from streams.core.clocks import Clocks, Next, evolve, next_due
from streams.core.clocks.from_reference import terms_of
from streams.core.clocks.state import Act
from streams.core.households import Household
from streams.core.reference import Reference
from streams.core.stamp import CLOCKS

SYSTEM = "clocks"
ENDING = frozenset({Act.CLOSED, Act.ENDED})
HISTORY_US = 60_000_000
"""A moment is history when it had passed by so much as the last fact was recorded."""


class Watched(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One subject. `source` told the last fact and `recorded_at` is when; 0 where the hub itself noticed something."""

    kind: SubjectKindSymbol
    clocks: Clocks = NO_CLOCKS
    household: Household | None = None
    recorded_at: int = 0
    source: str = ""

    @property
    def ended(self) -> bool:
        """True when nothing falls due any more unless something else happens to it."""
        if self.household is not None:
            return households.next_due(self.household) is None
        return any(mark.act in ENDING for mark in self.clocks.marks[-1:])


def after(before: Watched | None, meta: FactMeta, fact: object) -> Watched | None:
    """The subject after one more fact; None: there is nothing to watch."""
    kind = meta.subject.kind
    known = before or Watched(kind)
    clocks, household = known.clocks, known.household
    if kind == "case":
        clocks = evolve(clocks, meta, fact)
    elif kind == "household":
        household = households.evolve(household or households.NEW, meta, fact)
    if clocks is known.clocks and household is known.household:
        return before
    if meta.source.system == SYSTEM:
        return Watched(kind, clocks, household, 0, known.source)  # its past has begun to be told: no more waiting
    return Watched(kind, clocks, household, meta.recorded_at, meta.source.system)


def next_of(watched: Watched, reference: Reference) -> Next | None:
    """When something falls due next, if nothing else is said; None: never."""
    if watched.household is not None:
        at = households.next_due(watched.household)
        return None if at is None else Next(at, "visit", "")
    return next_due(watched.clocks, terms_of(reference))


def is_history(watched: Watched, moment: Next) -> bool:
    """Whether this moment belongs to what a source tells of the past."""
    return moment.at < watched.recorded_at - HISTORY_US


def note_time(kind: SubjectKindSymbol, subject: str, moment: Next) -> bytes:
    """The claim that this moment has come: the same bytes whoever notices it, and however often."""
    claim_id = ids.claim_id(SYSTEM, subject, f"NoteTime:{moment.clock}:{moment.party}", str(moment.at))
    meta = ClaimMeta(claim_id, Subject(kind, subject), moment.at, CLOCKS, Source(SYSTEM, subject))
    return codec.encode(meta, NoteTime(moment.at))
