"""What time alone does to a case: before a claim is decided, or because somebody says that time has passed."""

from __future__ import annotations

from schemas.events import (
    Acknowledge,
    Actor,
    AskExtension,
    Close,
    Committed,
    ExtensionAsked,
    Filed,
    NoteTime,
    RanOut,
    Reported,
    Warned,
)
from streams.core.kind import Due
from tests.builders import DISPATCHED, MINUTE, NUMBER, SOURCE, T0, Given, given

CLOCKS = Actor("hub", "clocks")
STARTED = T0 + 4 * MINUTE
"""When the promise was made: it is fact number 4."""
END = STARTED + 100 * MINUTE
PROMISED = (*DISPATCHED, Committed(END, "charging shed"))
WARNING = Due(STARTED + 80 * MINUTE, Warned("closure", END))
RUN_OUT = Due(END, RanOut("closure", END))


def noted(at: int, case: Given | None = None) -> Given:
    """The case behind a claim that time has passed, which led to whatever it led to."""
    return (case or given(*PROMISED)).when(NoteTime(at), by=CLOCKS, at=at, occurrence=str(at)).after()


def test_what_fell_due_is_written_when_somebody_says_that_time_has_passed() -> None:
    early = given(*PROMISED).when(NoteTime(WARNING.at), by=CLOCKS).then(due=(WARNING,))
    early.when(NoteTime(END), by=CLOCKS, occurrence="2").then(due=(RUN_OUT,))


def test_said_once_late_both_are_written_with_their_true_moments() -> None:
    given(*PROMISED).when(NoteTime(END), by=CLOCKS).then(due=(WARNING, RUN_OUT))


def test_said_again_nothing_is_written() -> None:
    noted(END).when(NoteTime(END), by=CLOCKS, occurrence="again").then_nothing()


def test_a_moment_before_anything_is_due_writes_nothing() -> None:
    given(*PROMISED).when(NoteTime(WARNING.at - 1), by=CLOCKS).then_nothing()


def test_nobody_but_the_hub_says_that_time_has_passed() -> None:
    decided = given(*PROMISED).when(NoteTime(END), by=Actor("centre", "dispatcher"))
    decided.then_refused("NoteTime.role")


def test_before_any_claim_is_decided_what_fell_due_before_it_happened_is_written() -> None:
    taken = given(*PROMISED).when(Acknowledge("power"), at=END + MINUTE)
    assert taken.decision.due == (WARNING, RUN_OUT)


def test_a_claim_about_an_earlier_time_does_not_hurry_the_clock() -> None:
    taken = given(*PROMISED).when(Acknowledge("power"), at=STARTED + 10 * MINUTE)
    assert taken.decision.due == ()


def test_exactly_in_time_is_in_time() -> None:
    closed = given(*PROMISED).when(Close("recorded"), by=SOURCE, at=END, already_done=True)
    assert closed.decision.due == (WARNING,)


def test_more_time_is_not_asked_for_once_the_time_is_over() -> None:
    late = given(*DISPATCHED, Committed(END, "shed", "power"))
    late.when(AskExtension("power", "rain"), at=END + MINUTE).then_refused("AskExtension.over")
    late.when(AskExtension("power", "rain"), at=END - MINUTE).then(
        ExtensionAsked("power", "rain"), due=(Due(STARTED + 80 * MINUTE, Warned("disposal", END, "power")),)
    )


def test_a_partys_promise_before_the_first_reference_has_a_clock_too() -> None:
    late = given(*DISPATCHED, Committed(END, "shed", "power"))
    late.when(NoteTime(END), by=CLOCKS).then(
        due=(
            Due(STARTED + 80 * MINUTE, Warned("disposal", END, "power")),
            Due(END, RanOut("disposal", END, "power")),
        )
    )


def test_a_case_without_limits_remembers_nothing_for_clocks() -> None:
    assert given(*DISPATCHED).case.clocks.marks == ()
    assert [type(body) for body in DISPATCHED[:2]] == [Reported, Filed]
    assert DISPATCHED[1].number == NUMBER
