"""Laws of clocks, for any history of a case, likely or not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import Committed, Resumed, Suspended
from streams.core.clocks import NO_TERMS, Clock, Clocks, clocks, due_facts, next_due
from streams.core.clocks.terms import Terms
from tests.clock_samples import (
    ALL_DAY,
    DAY,
    HOUR,
    MINUTE,
    ORDINARY,
    PUBLISHED,
    UNTIL_2026,
    WORDS,
    Hub,
    Said,
    Sheet,
    at,
)

START = at("03-02 08:00")
LIMITS = {
    "acceptance": "15um",
    "lead_verification": "30um",
    "dispatch": "15um",
    "check": "30um",
    "report_in": "30um",
    "first_answer": "24uh",
}
SHEET = Sheet(LIMITS, {"": ORDINARY, "typhoon": ALL_DAY}, {"halved": 50})
ORGS = ("power", "water")
CODES = ("1wd", "2wh", "4uh", "3ud", "odd", "")

DISPATCHES = ("dispatch power water", "dispatch power")
CASE = (
    *(f"amend {code}" for code in CODES if code),
    *(f"regime {code}" for code in ("typhoon", "halved", "normal")),
    "resume",
    "answer",
    "passed",
    "failed",
    "close",
    "close forced",
    "reopen",
    "void",
    "justify",
    "handover fire",
    "declined fire",
    "rework power water",
    "adjudicate power",
    "adjudicate water power",
    "summon - power water",
    "summon 5 water",
    "transfer power water",
    "transfer water power",
)
PARTY = ("return", "again", "back", "back", "extend", "exempt", "lead", "add", "release", "look", "looked", "in")
PHRASES = (*DISPATCHES, *CASE, *(f"{word} {org}" for word in PARTY for org in ORGS))


def _body(phrase: str) -> object:
    word, *rest = phrase.split()
    return WORDS[word](*rest)


def _dated(phrase: str, when: int) -> object:
    """What says a moment of its own: a promise or a suspension, some time ahead."""
    word, days = phrase.split(":")
    until = when + int(days) * 6 * HOUR
    return Suspended("season", until) if word == "suspend" else Committed(until, "shed", None if word == "*" else word)


dated = st.builds("{}:{}".format, st.sampled_from(("suspend", "*", *ORGS)), st.integers(0, 20))
phrases = st.one_of(st.sampled_from(PHRASES), dated)
gaps = st.one_of(st.integers(0, 120), st.integers(0, 4 * 24 * 60))
openings = st.tuples(st.just(0), st.sampled_from([f"file {code}".strip() for code in CODES]))
steps = st.builds(lambda first, rest: [first, *rest], openings, st.lists(st.tuples(gaps, phrases), max_size=12))
"""Minutes since the last fact, and what happened."""


def history(wanted: Sequence[tuple[int, str]]) -> list[Said]:
    """Facts in the order in which they happened, told at once; the first two open the case."""
    told, when = [], START
    for gap, phrase in [(0, "report"), *wanted]:
        when += gap * MINUTE
        told.append(Said(when, when, _dated(phrase, when) if ":" in phrase else _body(phrase)))
    return told


def worked(facts: Sequence[Said], ticks: Sequence[int] = (), terms: Terms = SHEET) -> Hub:
    """A hub that was told these facts and looked at these moments in between."""
    hub = Hub(terms)
    waiting = sorted(ticks)
    for one in facts:
        while waiting and waiting[0] <= one.told:
            hub.tick(waiting.pop(0))
        hub.say(one)
    for tick in waiting:
        hub.tick(tick)
    return hub


def end_of(facts: Sequence[Said]) -> int:
    return max(one.told for one in facts) + 40 * DAY


def facts_of(hub: Hub) -> list[tuple[str, ...]]:
    return sorted(hub.told())


def verdicts(hub: Hub, when: int) -> list[Clock]:
    """What every clock says, whatever its marks are called: facts have other numbers where more was written between."""
    return [_plain(clock) for clock in clocks(hub.state, hub.terms, when)]


def _plain(clock: Clock) -> Clock:
    return msgspec.structs.replace(clock, opened_by=0, closed_by=None, segments=())


ticks = st.lists(st.integers(0, 60 * 24 * 60), max_size=12)


def moments(minutes: Sequence[int]) -> list[int]:
    return [START + minute * MINUTE for minute in minutes]


@given(steps, ticks)
def test_a_hub_that_looks_often_and_one_that_looks_once_write_the_same(
    wanted: list[tuple[int, str]], minutes: list[int]
) -> None:
    facts = history(wanted)
    end = end_of(facts)
    often, once = worked(facts, [*moments(minutes), end]), worked(facts, [end])
    assert facts_of(often) == facts_of(once)
    assert verdicts(often, end) == verdicts(once, end)


@given(steps, ticks, st.lists(st.integers(0, 2 * 24 * 60), min_size=15, max_size=15))
def test_whoever_looks_and_whatever_is_told_late_verdicts_are_the_same(
    wanted: list[tuple[int, str]], minutes: list[int], delays: list[int]
) -> None:
    facts = [
        Said(one.happened, one.told + delay * MINUTE, one.body)
        for one, delay in zip(history(wanted), delays, strict=False)
    ]
    facts = facts[:2] + sorted(facts[2:], key=lambda one: one.told)
    end = end_of(facts)
    often, once = worked(facts, [*moments(minutes), end]), worked(facts, [end])
    assert verdicts(often, end) == verdicts(once, end)


@given(steps, st.integers(1, 20), st.integers(0, 72), st.integers(0, 72))
def test_an_end_of_a_suspension_that_is_told_late_counts_whether_its_end_date_was_noticed_or_not(
    wanted: list[tuple[int, str]], days: int, sooner: int, later: int
) -> None:
    facts = history([step for step in wanted if "suspend" not in step[1] and step[1] != "resume"])
    begins = facts[-1].happened
    ends = begins + days * DAY
    facts.append(Said(begins, begins, Suspended("season", ends)))
    resumed = Said(min(ends - 1, begins + sooner * HOUR), ends + later * HOUR, Resumed("funded"))
    noticed, silent = worked(facts, [ends + 1]), worked(facts)
    for hub in (noticed, silent):
        hub.say(resumed)
    end = end_of(facts) + 60 * DAY
    assert verdicts(noticed, end) == verdicts(silent, end)


@given(steps, ticks)
def test_run_outs_told_and_not_taken_back_are_the_clocks_that_are_overdue(
    wanted: list[tuple[int, str]], minutes: list[int]
) -> None:
    facts = history(wanted)
    end = end_of(facts)
    hub = worked(facts, [*moments(minutes), end])
    told = [m.body for m in hub.written]
    out = sum(type(body).__name__ == "RanOut" for body in told)
    back = sum(type(body).__name__ == "RunOutWithdrawn" for body in told)
    assert out - back == sum(clock.overdue_at is not None for clock in clocks(hub.state, SHEET, end))


@given(steps, st.integers(0, 60 * 24 * 60))
def test_a_repeated_tick_is_silent(wanted: list[tuple[int, str]], minute: int) -> None:
    facts = history(wanted)
    hub = worked(facts, [end_of(facts) + minute * MINUTE])
    before = len(hub.written)
    hub.tick(end_of(facts) + minute * MINUTE)
    hub.tick(at("12-31 00:00"))
    hub.tick(at("12-31 00:00"))
    again = due_facts(hub.state, SHEET, at("12-31 00:00"))
    assert again == ()
    assert len(hub.written) >= before


@given(steps, st.lists(st.integers(0, 90 * 24 * 60), min_size=2, max_size=6))
def test_used_time_never_decreases(wanted: list[tuple[int, str]], minutes: list[int]) -> None:
    state = worked(history(wanted)).state
    told = [clocks(state, SHEET, end_of(history(wanted)) + m * MINUTE) for m in sorted(minutes)]
    for earlier, later in pairwise(told):
        assert all(a.used_us <= b.used_us for a, b in zip(earlier, later, strict=True))


@given(steps, st.integers(0, 14))
def test_pause_and_resume_at_one_instant_change_nothing(wanted: list[tuple[int, str]], place: int) -> None:
    facts = history(wanted)
    place = min(place, len(facts) - 1)
    if _suspended(facts[: place + 1]):
        return
    when = facts[place].told
    pause = [Said(when, when, _dated("suspend:4", when)), Said(when, when, _body("resume"))]
    plain, paused = worked(facts), worked([*facts[: place + 1], *pause, *facts[place + 1 :]])
    end = end_of(facts)
    assert verdicts(plain, end) == verdicts(paused, end)


def _suspended(facts: Sequence[Said]) -> bool:
    """Whether a suspension may be under way behind these facts."""
    return any(type(one.body).__name__ == "Suspended" for one in facts)


@given(steps, st.integers(2, 14))
def test_an_interval_that_is_split_adds_up(wanted: list[tuple[int, str]], place: int) -> None:
    """A change to the regime that is in force splits every running interval, and changes nothing."""
    facts = [one for one in history(wanted) if type(one.body).__name__ != "RegimeChanged"]
    place = min(place, len(facts))
    when = facts[place - 1].told
    split = [*facts[:place], Said(when, when, _body("regime normal")), *facts[place:]]
    end = end_of(facts)
    assert verdicts(worked(facts), end) == verdicts(worked(split), end)


@given(steps)
def test_a_later_calendar_never_changes_the_past(wanted: list[tuple[int, str]]) -> None:
    facts = history(wanted)
    known = Sheet(LIMITS, {"": UNTIL_2026, "typhoon": ALL_DAY}, {"halved": 50})
    later = Sheet(LIMITS, {"": PUBLISHED, "typhoon": ALL_DAY}, {"halved": 50})
    when = min(end_of(facts), at("12-31 23:00"))
    before, after = worked(facts, [when], known), worked(facts, [when], later)
    assert facts_of(before) == [line for line in facts_of(after) if line[1] != "DueRecomputed"]
    for old, new in zip(verdicts(before, when), verdicts(after, when), strict=True):
        assert (old.used_us, old.overdue_at, old.verdict) == (new.used_us, new.overdue_at, new.verdict)


@given(steps)
def test_what_is_packed_and_unpacked_is_the_same(wanted: list[tuple[int, str]]) -> None:
    state = worked(history(wanted)).state
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=Clocks) == state


@given(steps)
def test_following_the_timers_misses_nothing(wanted: list[tuple[int, str]]) -> None:
    """A clocks processor that claims the next moment, again and again, ends where one late look ends."""
    facts = history(wanted)
    end = end_of(facts)
    once, followed = worked(facts, [end]), worked(facts)
    for _ in range(200):
        ahead = next_due(followed.state, SHEET)
        if ahead is None or ahead.at >= end:
            break
        before = len(followed.written)
        followed.tick(ahead.at + 1)
        assert len(followed.written) > before, ahead
    assert facts_of(followed) == facts_of(once)


OF_ONE_PARTY = ("return", "again", "back", "extend", "rework", "exempt")
of_one = st.lists(
    st.tuples(gaps, st.sampled_from([f"{word} {org}" for word in OF_ONE_PARTY for org in ORGS])), max_size=12
)


@given(of_one)
def test_what_one_party_does_leaves_the_clock_of_another_as_it_is(wanted: list[tuple[int, str]]) -> None:
    opening = [(0, "file 1wd"), (5, "dispatch power water")]
    facts = history([*opening, *wanted])
    alone = [one for one in facts if "power" not in (getattr(one.body, "party", ""), *getattr(one.body, "parties", ()))]
    end = end_of(facts)

    def water(told: Sequence[Said]) -> list[Clock]:
        return [clock for clock in verdicts(worked(told), end) if clock.party == "water"]

    assert water(facts) == water(alone)


class Restless(Hub):
    """A hub that goes through the marks of a case even when the case says that nothing can be due."""

    def tick(self, when: int) -> None:
        self.state = Clocks(self.state.marks)
        super().tick(when)


@given(st.integers(0, 30), st.lists(st.tuples(gaps, phrases), max_size=8), ticks)
def test_a_case_that_calls_itself_quiet_is(days: int, wanted: list[tuple[int, str]], minutes: list[int]) -> None:
    """Of a hub without reference data, where nothing but promises and suspensions has a limit."""
    opening = _dated(f"{'*' if days % 2 else 'suspend'}:{days}", START)
    facts = [Said(START, START, opening), *history(wanted)[1:]]
    end = end_of(facts)
    hubs = [kind(NO_TERMS, version=0) for kind in (Hub, Restless)]
    for hub in hubs:
        for one in facts:
            for tick in sorted(moments(minutes)):
                if tick <= one.told:
                    hub.tick(tick)
            hub.say(one)
        hub.tick(end)
    assert facts_of(hubs[0]) == facts_of(hubs[1])


told_late = st.tuples(gaps, st.integers(0, 3 * 24 * 60), phrases)
"""Minutes since the last fact was told, minutes between happening and telling, and what happened."""


@given(dated, st.lists(told_late, max_size=12))
def test_nothing_falls_due_before_the_moment_until_which_a_case_is_quiet(
    first: str, more: list[tuple[int, int, str]]
) -> None:
    """However many promises follow each other, sooner ones behind later ones, and told in whatever order."""
    hub, when = Hub(NO_TERMS, version=0), START
    for gap, late, phrase in [(0, 0, first), *more]:
        when += gap * MINUTE
        hub.tick(when)
        hub.say(Said(when - late * MINUTE, when, _dated(phrase, when) if ":" in phrase else _body(phrase)))
        fallen = due_facts(Clocks(hub.state.marks), NO_TERMS, hub.state.quiet)
        assert [one for one in fallen if type(one.body) is not Resumed] == []  # a case ends its suspensions itself
