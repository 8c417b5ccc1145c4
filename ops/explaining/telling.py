"""Ledgers of clocks in plain words: why a due time is what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import msgspec

from ops.explaining.speaker import Speaker
from ops.explaining.standards import in_words, plain
from ops.replay import Told
from streams.core.clocks import NEW, Clocks, evolve
from streams.core.clocks.ledger import Interval, Ledger
from streams.core.clocks.spells import Judged
from streams.core.clocks.terms import PROMISE, Limit, Unreadable
from streams.core.clocks.verdicts import Clock
from streams.core.standards import Condition
from streams.core.working_time import Day

MOST_DAYS = 3
"""So many days that counted alike are said one by one."""


def clocks_of(facts: Sequence[Told]) -> Clocks:
    """The clocks after these facts of a case."""
    state = NEW
    for told in facts:
        state = evolve(state, told.meta, told.fact)
    return state


def title(ledger: Ledger, speaker: Speaker) -> str:
    """Which clock it is."""
    clock = ledger.clock
    kind = speaker.word(clock.clock)
    return speaker.say("of", clock=kind, party=clock.party) if clock.party else speaker.say("own", clock=kind)


def lines(ledger: Ledger, speaker: Speaker, stated: Condition | None = None) -> Iterator[str]:
    """The ledger, a sentence a line; lines of days are indented. `stated`: the filing condition that has the limit."""
    clock = ledger.clock
    yield speaker.say("opened", fact=speaker.fact(clock.opened_by))
    yield from (_earlier(one, speaker) for one in ledger.earlier)
    yield _limit(clock, speaker)
    if stated is not None:
        yield from (f"    {line}" for line in in_words(stated, speaker))
    if clock.extensions:
        yield speaker.say("extensions", n=clock.extensions)
    named = speaker.say("calendar", name=clock.calendar) if clock.calendar else ""
    yield speaker.say("versions", version=clock.reference, calendar=named)
    if not clock.calendar and not clock.trouble:
        yield speaker.say("round")
    for interval in ledger.intervals:
        yield _interval(interval, speaker)
        yield from (f"    {line}" for line in _days(interval.days, speaker))
    yield from _end(clock, speaker)


def _limit(clock: Clock, speaker: Speaker) -> str:
    if clock.amount is None:
        return speaker.say("unreadable", basis=_basis(clock.basis, clock.condition, speaker), why=clock.trouble)
    return _stated(Limit(clock.amount, clock.unit, clock.basis, clock.percent, clock.condition), speaker)


def _stated(limit: Limit, speaker: Speaker) -> str:
    if limit.unit == PROMISE:
        return speaker.say("promise", basis=limit.basis)
    share = speaker.say("percent", percent=limit.percent) if limit.percent != 100 else ""
    basis = _basis(limit.basis, limit.condition, speaker)
    return speaker.say("limit", amount=limit.amount, unit=speaker.word(limit.unit), basis=basis) + share


def _basis(basis: str, condition: Sequence[str], speaker: Speaker) -> str:
    """On what a limit rests, in the speaker's language where it is a condition or a policy."""
    if condition:
        return speaker.say("condition", code=" ".join(condition))
    return speaker.say("policy", area=area) if (area := basis.removeprefix("policy of ")) != basis else basis


def _earlier(one: Judged, speaker: Speaker) -> str:
    """What it was judged by before a regime, an amendment or a promise."""
    limit = one.limit
    if isinstance(limit, Unreadable):
        said = speaker.say("unreadable", basis=_basis(limit.basis, limit.condition, speaker), why=limit.reason)
    else:
        said = _stated(limit, speaker)
    named = speaker.say("calendar", name=one.calendar) if one.calendar else ""
    at, fact = speaker.time(one.until), speaker.fact(one.by)
    return speaker.say("earlier", at=at, fact=fact, version=one.reference, calendar=named, limit=said)


def _interval(one: Interval, speaker: Speaker) -> str:
    values = {
        "start": speaker.time(one.start),
        "end": speaker.time(one.end) if one.end is not None else "",
        "used": speaker.span(one.used_us),
        "opened": speaker.fact(one.opened_by),
        "closed": speaker.fact(one.closed_by),
    }
    if one.ran:
        return speaker.say("runs" if one.end is None else "ran", **values)
    return speaker.say("pauses" if one.end is None else "paused_from", **values)


def _days(days: Sequence[Day], speaker: Speaker) -> Iterator[str]:
    """Each day that counted, and why others did not; neighbours that are alike in this are said together."""
    for (kind, name, counted), group in groupby(days, lambda day: (day.kind, day.name, day.clock_us)):
        run = list(group)
        ends = {"first": run[0].date, "last": run[-1].date, "kind": f"{speaker.word(kind)} {name}".strip()}
        if not counted and len(run) > 1:
            yield speaker.say("days", **ends)
        elif len(run) > MOST_DAYS:
            yield speaker.say("days_each", **ends, used=speaker.span(counted))
        else:
            for day in run:
                used = speaker.span(counted) if counted else speaker.say("none")
                yield speaker.say("day", date=day.date, kind=ends["kind"], name="", used=used)


def _end(clock: Clock, speaker: Speaker) -> Iterator[str]:
    used = speaker.span(clock.used_us)
    if clock.limit_us is None or clock.left_us is None:
        yield speaker.say("used", used=used)
    else:
        yield speaker.say("total", used=used, limit=speaker.span(clock.limit_us), left=speaker.span(clock.left_us))
    for key in ("yellow_at", "not_before", "overdue_at"):
        moment = getattr(clock, key)
        if moment is not None:
            yield speaker.say(key, at=speaker.time(moment))
    if clock.due_at is not None and clock.overdue_at is None:
        yield speaker.say("due", at=speaker.time(clock.due_at))
    verdict = speaker.word(clock.verdict)
    if clock.light:
        yield speaker.say("verdict", verdict=verdict, light=speaker.word(clock.light))
    else:
        yield speaker.say("verdict_only", verdict=verdict)


def document(ledger: Ledger, stated: Condition | None = None) -> dict[str, Any]:
    """The ledger for programs: fields of the clock, its intervals with every day, what it was judged by before, and
    the filing condition that states its limit, with how its cell was read."""
    clock = msgspec.to_builtins(ledger.clock)
    clock.pop("segments")
    intervals = [msgspec.to_builtins(interval) for interval in ledger.intervals]
    earlier = [{**one._asdict(), "limit": msgspec.to_builtins(one.limit)} for one in ledger.earlier]
    return {**clock, "standard": stated and plain(stated), "earlier": earlier, "intervals": intervals}
