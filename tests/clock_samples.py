"""Clocks of tests: facts of one case in words at local times, and terms written down for it.

Local times are Shanghai's, written `03-02 08:00`, of the year 2026 unless one stands before it; 2026-03-02 is a Monday.
Limits are written as `2wd`, `4wh`, `3ud`, `2uh`, `15um` (working days and hours, urgent days, hours and minutes), or
`odd`, which nobody can read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any, NamedTuple

import msgspec

from schemas import events, ids
from schemas.events import Actor, Assignment, FactMeta, Source, Subject, Versions
from streams.core.calendars import Calendar, CalendarData, Holiday, Window, Year, compile_calendar
from streams.core.clocks import NEW, Clock, Clocks, Moment, clocks, due_facts, evolve
from streams.core.clocks.terms import JUSTIFICATION, URGENT_MINUTES, Condition, Hours, Kind, Limit, Terms, Unreadable
from streams.core.working_time import Unit
from tests.builders import SYSTEM, reported

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SOURCE = Actor("upstream", "source")
"""A system that reports its history."""
PERSON = Actor("somebody", "handler")
CHINA = timezone(timedelta(hours=8))
OFFICE = (Window(480, 720), Window(840, 1080))

# ------------------------------------------------------------ times


def at(text: str) -> int:
    """UTC µs of a local time."""
    full = text if text.count("-") == 2 else f"2026-{text}"
    moment = datetime.fromisoformat(full).replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def local(moment: int | None) -> str:
    """A moment as tests write it; empty for none."""
    if moment is None:
        return ""
    told = datetime.fromtimestamp(moment / 1e6, CHINA)
    return told.strftime("%m-%d %H:%M" if told.year == 2026 else "%Y-%m-%d %H:%M")


# ------------------------------------------------------------ terms

FESTIVAL = tuple(f"2026-02-{day}" for day in range(15, 24))
NEW_YEAR = ("2026-01-01", "2026-01-02", "2026-01-03")


@cache
def office(*years: int, windows: tuple[Window, ...] = OFFICE, rest: tuple[int, ...] = (6, 7)) -> Calendar:
    """08:00–12:00 and 14:00–18:00 in Shanghai; holidays and make-up days of New Year and Spring Festival 2026."""

    def days(texts: tuple[str, ...], year: int) -> list[date]:
        return [date.fromisoformat(text) for text in texts if text.startswith(str(year))]

    make_up = ("2026-01-04", "2026-02-14", "2026-02-28")
    known = tuple(
        Year(
            y,
            tuple(map(Holiday, days(NEW_YEAR + FESTIVAL, y))),
            tuple(d for d in days(make_up, y) if d.isoweekday() in rest),
        )
        for y in sorted(years)
    )
    return compile_calendar(CalendarData("office", "1", "Asia/Shanghai", windows, rest, known))


WORKDAY = 8 * HOUR
ALL_DAY = Hours(office(2025, 2026, 2027, windows=(Window(0, 1440),), rest=()), "all-day 1", WORKDAY)
ORDINARY = Hours(office(2025, 2026, 2027), "office 1", WORKDAY)
UNTIL_2026 = Hours(office(2025, 2026), "office 1", WORKDAY)
"""The next year's holidays are not published yet."""
PUBLISHED = Hours(office(2025, 2026), "office 1", WORKDAY, office(2025, 2026, 2027), "office 2", at("11-01 09:00"))
"""They were, on the first of November."""

_UNITS = {
    "wd": Unit.WORKING_DAYS,
    "wh": Unit.WORKING_HOURS,
    "ud": Unit.URGENT_DAYS,
    "uh": Unit.URGENT_HOURS,
    "um": URGENT_MINUTES,
}


def stated(text: str) -> Limit | Unreadable | None:
    """A limit as tests write it."""
    if text == "odd":
        return Unreadable("condition odd", "15 working days in the planting season")
    found = re.fullmatch(r"(\d+)(w[dh]|u[dhm])", text)
    return Limit(int(found[1]), _UNITS[found[2]], f"condition {text}") if found else None


@dataclass(frozen=True)
class Sheet:
    """Terms as a test writes them down. A condition's code is its limit."""

    limits: Mapping[str, str] = field(default_factory=dict)
    calendars: Mapping[str, Hours] = field(default_factory=lambda: {"": ORDINARY})
    percents: Mapping[str, int] = field(default_factory=dict)
    bound: int | None = None

    def back_dating(self, _division: str, _version: int, _at: int) -> int | None:
        return self.bound

    def regime(self, _division: str, _version: int, _at: int) -> str:
        return ""

    def limit(
        self, kind: Kind, _division: str, condition: Condition, _version: int, _at: int, regime: str
    ) -> Limit | Unreadable | None:
        by_condition = kind in (Kind.DISPOSAL, Kind.CLOSURE) and condition
        found = stated(self.limits.get(kind, condition[-1] if by_condition else ""))
        if found is None and kind is Kind.JUSTIFICATION:
            return JUSTIFICATION
        percent = self.percents.get(regime, 100)
        return msgspec.structs.replace(found, percent=percent) if isinstance(found, Limit) else found

    def hours(self, _division: str, _version: int, _at: int, regime: str) -> Hours | None:
        return self.calendars.get(regime) or self.calendars.get("")


# ------------------------------------------------------------ facts in words


def _condition(code: str) -> events.Condition | None:
    return events.Condition("gb", "2026", code) if code else None


def _parties(words: Sequence[str]) -> tuple[Assignment, ...]:
    return tuple(Assignment(org, "assist" if n else "lead") for n, org in enumerate(words))


WORDS: dict[str, Callable[..., Any]] = {
    "report": reported,
    "look": events.LeadVerificationAsked,
    "looked": lambda org: events.LeadVerified(org, True),
    "file": lambda code="": events.Filed("n", _condition(code)),
    "refuse": lambda: events.FilingRefused("not-ours"),
    "void": lambda: events.Voided("mistake"),
    "dispatch": lambda *orgs: events.Dispatched(_parties(orgs)),
    "add": lambda org: events.PartiesAdded((Assignment(org, "assist"),)),
    "adjudicate": lambda *orgs: events.Adjudicated("centre", _parties(orgs)),
    "lead": lambda org: events.LeadAppointed(org, "knows-it"),
    "release": lambda org: events.PartyReleased(org, "not-needed"),
    "transfer": lambda org, to: events.Transferred(org, to, "not-ours"),
    "return": lambda org: events.Returned(org, "not-ours"),
    "again": lambda org: events.SentAgain(org, "is-yours"),
    "back": events.HandedBack,
    "rework": lambda *orgs: events.ReworkOrdered(orgs),
    "summon": lambda minutes, *orgs: events.Summoned(orgs, None if minutes == "-" else int(minutes)),
    "in": events.ReportedIn,
    "answer": lambda: events.ReporterAnswered("phone"),
    "handover": lambda org: events.HandedOver("119", org, "danger"),
    "declined": lambda org: events.HandOverAnswered(org, False, "not-ours"),
    "justify": lambda: events.HandOverJustified("danger"),
    "extend": lambda org: events.ExtensionGranted(org, 1),
    "promise": lambda org, *due: events.Committed(at(" ".join(due)), "shed", None if org == "*" else org),
    "suspend": lambda *until: events.Suspended("season", at(" ".join(until))),
    "resume": lambda: events.Resumed("weather"),
    "amend": lambda code: events.Amended("wrong-type", condition=_condition(code)),
    "regime": lambda code: events.RegimeChanged(code, 1),
    "passed": lambda: events.Checked("passed"),
    "failed": lambda: events.Checked("failed"),
    "close": lambda kind="checked": events.Closed(kind),
    "reopen": lambda: events.Reopened("not-solved"),
    "exempt": lambda org: events.Exempted(org, "flood"),
}
"""What a test may say happened."""


class Said(NamedTuple):
    """One fact of a test: when it happened, when it was told, what."""

    happened: int
    told: int
    body: Any


_LINE = re.compile(r"((?:\d{4}-)?\d\d-\d\d \d\d:\d\d) (.+?)(?: \(told ((?:\d{4}-)?\d\d-\d\d \d\d:\d\d)\))?")


def said(line: str) -> Said:
    """`03-02 09:00 back power (told 03-03 10:00)`."""
    found = _LINE.fullmatch(line)
    assert found, f"not understood: {line}"
    word, *rest = found[2].split()
    happened = at(found[1])
    return Said(happened, at(found[3]) if found[3] else happened, WORDS[word](*rest))


def meta(seq: int, happened: int, told: int, by: Actor = PERSON, version: int = 1) -> FactMeta:
    claim_id = ids.claim_id(SYSTEM, "1", f"fact-{seq}", "1")
    subject = Subject("case", ids.case_id(SYSTEM, "1"))
    return FactMeta(
        fact_id=ids.fact_id(claim_id, 0),
        subject=subject,
        seq=seq,
        occurred_at=happened,
        recorded_at=told,
        actor=by,
        source=Source(SYSTEM, "1"),
        claim_id=claim_id,
        claim_digest=hashlib.sha256(claim_id.encode()).digest(),
        versions=Versions(version),
        case_id=subject.id,
    )


def fold(*lines: str, by: Actor = PERSON) -> Clocks:
    """The clocks after these facts, if casework never looked in between."""
    state = NEW
    for seq, line in enumerate(lines, 1):
        one = said(line)
        state = evolve(state, meta(seq, one.happened, one.told, by), one.body)
    return state


class Hub:
    """Casework as far as clocks are concerned: before each fact, and at each tick, it writes what fell due."""

    def __init__(self, terms: Terms, by: Actor = PERSON, version: int = 1) -> None:
        self.terms, self.by, self.version = terms, by, version
        self.state, self.seq = NEW, 0
        self.written: list[Moment] = []

    def tick(self, when: int) -> None:
        """Whatever fell due up to this moment becomes a fact."""
        for moment in due_facts(self.state, self.terms, when):
            self.written.append(moment)
            self._fold(moment.at, max(when, moment.at), moment.body)

    def say(self, one: Said) -> None:
        """One fact; what was told late takes back at once what it shows not to have been."""
        until = min(one.happened, one.told)
        self.tick(until)
        self._fold(one.happened, one.told, one.body)
        self.tick(until)

    def _fold(self, happened: int, told: int, body: Any) -> None:
        self.seq += 1
        self.state = evolve(self.state, meta(self.seq, happened, told, self.by, self.version), body)

    def told(self) -> list[tuple[str, str, str, str]]:
        """What was written: moment, fact, clock, party."""
        return [
            (local(m.at), type(m.body).__name__, getattr(m.body, "clock", ""), getattr(m.body, "party", None) or "")
            for m in self.written
        ]


def hub(terms: Terms, *lines: str, until: str = "", by: Actor = PERSON) -> Hub:
    """A hub that was told these facts, and looked once more at the end."""
    made = Hub(terms, by)
    for line in lines:
        made.say(said(line))
    if until:
        made.tick(at(until))
    return made


def clock_of(state: Clocks, terms: Terms, when: str, kind: str, party: str = "") -> Clock:
    """The last clock of this kind and party as of a local time."""
    every = clocks(state, terms, at(when))
    found = [one for one in every if one.clock == kind and (one.party or "") == party]
    assert found, f"no {kind} clock of {party or 'the case'} among {[(one.clock, one.party) for one in every]}"
    return found[-1]
