"""One step on its way to one destination. Pure.

Promise: intent → attempted → acknowledged → confirmed. An attempt is written down before it is made, so that whoever
comes after a fault knows that there is doubt. A failure has one of four kinds, each with its own rule: *data* fails for
good; *conflict* asks the other side what it holds, and fails for good after a few; *busy* took nothing and waits as
long as it was told; *down* leaves doubt and tries again, for ever, under the same key. What has failed for good parks
the later steps of its case, and no others.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from connectors.contract import BadData, Busy, Conflict, Down, Receipt, Undelivered
from connectors.delivery.patience import Patience, wait


class State(StrEnum):
    """How far a delivery has come."""

    INTENT = "intent"
    ATTEMPTED = "attempted"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    DEAD = "dead"
    PARKED = "parked"
    GIVEN_UP = "given-up"
    CALLED_OFF = "called-off"


OPEN = frozenset({State.INTENT, State.ATTEMPTED, State.PARKED, State.DEAD})
"""States in which the department has not got it."""


NOTHING_TO_DO = "nothing-to-do"
"""Why a step that was acknowledged cannot be found there."""


class Obligation(NamedTuple):
    """What decides about a delivery. `attempts` made so far; `failures` and `conflicts` since it last went on;
    `doubt`: an earlier attempt may have been taken; `in_flight`: so may the last one, of which nothing is known yet;
    `wait`: seconds before the next one; `why` the code of the last failure."""

    state: State = State.INTENT
    attempts: int = 0
    failures: int = 0
    conflicts: int = 0
    doubt: bool = False
    in_flight: bool = False
    wait: float = 0.0
    why: str = ""
    detail: str = ""


class Move(StrEnum):
    """What is done next with it."""

    DELIVER = "deliver"
    READ_BACK = "read-back"
    NOTHING = "nothing"


def next_move(now: Obligation, reads_back: bool) -> Move:
    """Ask first where an earlier attempt may have been taken and the other side can say so; else try."""
    if now.state not in (State.INTENT, State.ATTEMPTED):
        return Move.NOTHING
    return Move.READ_BACK if (now.doubt or now.in_flight) and reads_back else Move.DELIVER


def attempted(now: Obligation) -> Obligation:
    """It is about to be tried."""
    return now._replace(state=State.ATTEMPTED, attempts=now.attempts + 1, in_flight=True, wait=0.0)


def taken(now: Obligation, receipt: Receipt) -> Obligation:
    """The other side has said that it has taken it."""
    why = NOTHING_TO_DO if receipt.nothing else ""
    return now._replace(
        state=State.ACKNOWLEDGED, doubt=False, in_flight=False, wait=0.0, why=why, detail=receipt.detail
    )


def found(now: Obligation, receipt: Receipt | None) -> Obligation:
    """Read back. What is there is confirmed; what is not there, was not taken."""
    now = now._replace(in_flight=False)
    if receipt is not None:
        return now._replace(state=State.CONFIRMED, doubt=False, wait=0.0, why="", detail=receipt.detail)
    if now.state is State.ACKNOWLEDGED:
        return now._replace(why="not-found", detail="It was acknowledged, but reading back did not find it.")
    return now._replace(doubt=False)


def failure(now: Obligation, wrong: Undelivered, patience: Patience, chance: float, reads_back: bool) -> Obligation:
    """What a failed attempt, or a failed reading back, makes of it."""
    failures = now.failures + 1
    told = now._replace(why=code(wrong), detail=str(wrong), failures=failures, in_flight=False)
    pause = wait(patience, told.failures, chance)
    match wrong:
        case Busy():
            return told._replace(wait=max(pause, wrong.retry_after or 0.0), failures=now.failures)
        case Conflict():
            return _conflicting(told, patience, pause, reads_back)
        case Down():
            return told._replace(wait=pause, doubt=True)
        case _:
            return told._replace(state=State.DEAD, doubt=False)


def _conflicting(told: Obligation, patience: Patience, pause: float, reads_back: bool) -> Obligation:
    told = told._replace(conflicts=told.conflicts + 1, wait=pause, doubt=True)
    if not reads_back or told.conflicts >= patience.conflicts:
        return told._replace(state=State.DEAD, doubt=False)
    return told


def broken(now: Obligation, kind: str) -> Obligation:
    """The connector itself failed, in a way that nobody foresaw: an error of ours, which no waiting mends."""
    detail = f"The connector ended this delivery with {kind}, which is an error in it."
    return now._replace(state=State.DEAD, in_flight=False, why="broken", detail=detail)


def again(now: Obligation) -> Obligation:
    """Somebody wants it tried anew; what was counted counts no more, the doubt stays."""
    return Obligation(State.INTENT, now.attempts, doubt=now.attempts > 0)


def code(wrong: Undelivered) -> str:
    """The kind of a failure, as tables, metrics and headers name it."""
    match wrong:
        case Busy():
            return "busy"
        case Conflict():
            return "conflict"
        case Down():
            return "down"
        case BadData():
            return "data"
        case _:
            return "data"
