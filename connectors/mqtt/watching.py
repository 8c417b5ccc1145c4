"""One sensor, watched: when an alarm begins and ends, when the sensor is lost and back. Pure; the time is an argument.

Promise: what flaps is one alarm, what was read before changes nothing, and what falls due between two readings is
judged as of its own moment, whenever it is asked. Times are UTC µs.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

What = Literal["raised", "cleared", "lost", "back"]
SECOND = 1_000_000


class Patience(NamedTuple):
    """How long an alarm lasts before it is one, how long it must be quiet, how long a sensor may be away; µs."""

    hold: int
    quiet: int
    away: int


class Happening(NamedTuple):
    """What happened at `at`; `since` names the alarm or the absence that it belongs to, by when that began."""

    what: What
    at: int
    since: int
    value: float | str | None = None


class Watch(msgspec.Struct, frozen=True):
    """`at`: the newest reading. `alarm` as it was judged last, unchanged since `turned`. `raised`, `lost`: when the
    alarm, the absence that was reported began; 0: none. `away`: when the sensor went away; 0: it is there."""

    at: int = 0
    alarm: bool = False
    turned: int = 0
    raised: int = 0
    away: int = 0
    lost: int = 0
    value: float | str | None = None

    @property
    def waiting(self) -> bool:
        """Whether time alone can make something happen."""
        return self.alarm == (self.raised == 0) or (self.away != 0 and self.lost == 0)


Step = tuple[Watch, list[Happening]]


def read(watch: Watch, at: int, alarm: bool | None, value: float | str, patience: Patience) -> Step:
    """A reading of `at`; `alarm` None: between the limits, so as before."""
    if at <= watch.at:
        return watch, []
    watch, before = passed(watch, at, patience)
    now = watch.alarm if alarm is None else alarm
    turned = at if now != watch.alarm else watch.turned
    watch, after = passed(replace(watch, at=at, alarm=now, turned=turned, value=value), at, patience)
    return watch, before + after


def seen(watch: Watch, at: int, there: bool, patience: Patience) -> Step:
    """The sensor, or its last will, says at `at` whether it is there."""
    if there == (watch.away == 0):
        return watch, []
    if not there:
        return passed(replace(watch, away=at), at, patience)
    watch, before = passed(watch, at, patience)
    back = [Happening("back", at, watch.lost)] if watch.lost else []
    return replace(watch, away=0, lost=0), before + back


def passed(watch: Watch, now: int, patience: Patience) -> Step:
    """What time alone has brought about until `now`."""
    found: list[Happening] = []
    if watch.alarm and not watch.raised and now - watch.turned >= patience.hold:
        watch = replace(watch, raised=watch.turned)
        found.append(Happening("raised", watch.turned, watch.turned, watch.value))
    elif not watch.alarm and watch.raised and now - watch.turned >= patience.quiet:
        found.append(Happening("cleared", watch.turned, watch.raised, watch.value))
        watch = replace(watch, raised=0)
    if watch.away and not watch.lost and now - watch.away >= patience.away:
        watch = replace(watch, lost=watch.away)
        found.append(Happening("lost", watch.away, watch.away))
    return watch, found
