"""The clocks processor without Kafka, beside a casework without Kafka: silence is noticed, once."""

from __future__ import annotations

from typing import Any

from schemas import codec
from schemas.events import Calendar, ClaimMeta, Close, Commit, File, NoteTime, Window
from streams.clocks.partition import PATIENCE, QUIET, Partition
from streams.core.reference import EMPTY
from tests.builders import MINUTE, SOURCE, T0, Record, Said, claim, claim_record, dispatch, report
from tests.laws.casework.desk import Desk
from tests.reference_samples import load

END = T0 + 100 * MINUTE
YELLOW = T0 + 80 * MINUTE


class Town:
    """Casework and clocks at work on one partition; `told` is how many facts clocks have seen."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.clocks = Partition(EMPTY)
        self.claims: list[Record] = []
        self.told = 0

    def say(self, *said: Said) -> None:
        self._work([claim_record(one, len(self.claims) + n) for n, one in enumerate(said)])

    def _work(self, records: list[Record]) -> None:
        self.claims += records
        self.desk.work(records)

    def read(self, now: int) -> None:
        """Clocks read what casework has written."""
        facts = [(offset, *pair) for offset, pair in enumerate(self.desk.facts())][self.told :]
        self.told += len(facts)
        for subject in self.clocks.fold(facts):
            self.clocks.look(subject, now)

    def tick(self, now: int, *, lost: bool = False) -> int:
        """Clocks claim what is due, casework decides it unless it gets lost; how many claims it was."""
        self.read(now)
        found = list(self.clocks.claims(now, 1_000))
        self.desk.clock = max(self.desk.clock, now)
        if not lost:
            base = len(self.claims)
            self._work([Record("t.claims", 0, base + n, s.encode(), value) for n, (s, value) in enumerate(found)])
        self.read(now)
        return len(found)

    def noticed(self) -> list[tuple[str, int]]:
        names = ("Warned", "RanOut", "RunOutWithdrawn", "Resumed")
        return [(type(b).__name__, m.occurred_at) for m, b in self.desk.facts() if type(b).__name__ in names]


def promised(number: str = "1", **how: Any) -> list[Said]:
    """A case with a promise, told as it happens."""
    return [
        claim(body, number=number, at=T0, **how)
        for body in (report(), File(), dispatch(), Commit(END, "charging shed"))
    ]


def town(*said: Said, clock: int = T0) -> Town:
    made = Town()
    made.desk.clock = clock
    made.say(*(said or promised()))
    return made


def test_what_falls_due_in_silence_is_noticed_at_its_moment() -> None:
    hub = town()
    assert hub.tick(YELLOW - 1) == 0
    assert hub.tick(YELLOW) == 1
    assert hub.noticed() == [("Warned", YELLOW)]
    assert hub.tick(END) == 1
    assert hub.noticed() == [("Warned", YELLOW), ("RanOut", END)]
    assert hub.tick(END + 10 * PATIENCE) == 0


def test_after_a_pause_of_any_length_each_moment_is_noticed_once_with_its_true_time() -> None:
    hub = town()
    for _ in range(5):
        hub.tick(END + 1_000 * MINUTE)
    assert hub.noticed() == [("Warned", YELLOW), ("RanOut", END)]


def test_a_restart_in_between_changes_nothing() -> None:
    hub = town()
    hub.tick(YELLOW)
    hub.clocks, hub.told = Partition(EMPTY), 0
    hub.tick(YELLOW + 1)
    hub.tick(END)
    assert hub.noticed() == [("Warned", YELLOW), ("RanOut", END)]


def test_two_that_notice_the_same_moment_write_it_once() -> None:
    hub = town()
    other = Town()
    other.desk, other.claims = hub.desk, hub.claims
    hub.read(T0)
    other.read(T0)
    first = list(hub.clocks.claims(YELLOW, 10))
    assert first == list(other.clocks.claims(YELLOW, 10))
    hub.desk.clock = YELLOW
    hub._work([Record("t.claims", 0, 4 + n, subject.encode(), value) for n, (subject, value) in enumerate(first * 2)])
    assert hub.noticed() == [("Warned", YELLOW)]


def test_a_claim_that_got_lost_is_made_again_in_the_same_bytes() -> None:
    hub = town()
    assert hub.tick(YELLOW, lost=True) == 1
    assert hub.clocks.oldest_unanswered() == YELLOW
    assert hub.tick(YELLOW + PATIENCE - 1) == 0
    assert hub.tick(YELLOW + PATIENCE) == 1
    assert hub.noticed() == [("Warned", YELLOW)]
    assert hub.clocks.oldest_unanswered() is None


def test_the_claim_is_the_hubs_own_and_says_the_moment() -> None:
    hub = town()
    hub.read(T0)
    ((subject, value),) = hub.clocks.claims(YELLOW, 10)
    meta, body = codec.decode(value)
    assert isinstance(meta, ClaimMeta)
    assert (meta.subject.id, meta.actor.role, meta.occurred_at, body) == (subject, "clocks", YELLOW, NoteTime(YELLOW))


def test_a_case_that_is_closed_in_time_is_left_alone() -> None:
    hub = town()
    hub.read(T0)
    hub.say(claim(Close("recorded"), by=SOURCE, at=T0 + MINUTE, already_done=True))
    assert hub.tick(END + MINUTE) == 0
    assert hub.noticed() == []


def test_what_a_source_tells_of_the_past_waits_until_it_is_quiet() -> None:
    """An import: the case ran out long ago; whether it was closed in time is told next."""
    later = END + 1_000 * MINUTE
    hub = town(clock=later)
    assert hub.tick(later) == 0
    assert hub.clocks.held == 1
    hub.say(claim(Close("recorded"), by=SOURCE, at=T0 + MINUTE, already_done=True))
    assert hub.tick(later + 2 * QUIET) == 0
    assert hub.noticed() == []


def test_and_is_said_when_the_import_is_over() -> None:
    later = END + 1_000 * MINUTE
    hub = town(clock=later)
    hub.tick(later)
    assert hub.tick(later + QUIET) == 1
    hub.tick(later + QUIET)
    assert hub.noticed() == [("Warned", YELLOW), ("RanOut", END)]


def test_a_case_without_limits_is_not_watched() -> None:
    hub = town(*promised()[:3])
    hub.read(T0)
    assert hub.clocks.watched == {}
    assert len(hub.clocks.timers) == 0


def test_when_a_calendar_arrives_every_open_case_is_looked_at_again() -> None:
    hub = town()
    hub.read(T0)
    office = Calendar("china", "1", "Asia/Shanghai", (Window(480, 720),), (6, 7), ())
    with_calendar = EMPTY.after([load(1, "calendars", [office])])
    assert hub.clocks.refer_to(with_calendar) == list(hub.clocks.watched)
    assert hub.clocks.refer_to(with_calendar) == []
    assert hub.clocks.reference is with_calendar


def test_other_reference_data_let_cases_be() -> None:
    hub = town()
    hub.read(T0)
    assert hub.clocks.refer_to(EMPTY.after([load(1, "organisations", [])])) == []


def test_whoever_moves_the_clock_can_tell_when_everything_is_noticed() -> None:
    hub = town()
    hub.read(T0)
    assert hub.clocks.settled(YELLOW - 1)
    assert not hub.clocks.settled(YELLOW)
    hub.tick(YELLOW)
    assert hub.clocks.settled(YELLOW)
