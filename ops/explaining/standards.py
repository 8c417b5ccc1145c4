"""The filing condition behind a limit: how its cell was read, when a case is filed and closed, who is named for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ops.explaining.speaker import Speaker
from ops.explaining.words import LANGUAGES
from streams.core.clocks.from_reference import ReferenceTerms
from streams.core.clocks.verdicts import Clock
from streams.core.standards import Condition, condition_of, reading


def stating(terms: ReferenceTerms, clock: Clock) -> Condition | None:
    """The filing condition that the limit rests on, as the version that judges the clock has it; None without one."""
    found = terms.stating(clock.condition, clock.reference, clock.opened_at)
    return condition_of(found) if found is not None else None


def in_words(stated: Condition, speaker: Speaker) -> Iterator[str]:
    """What the table says, a line each; what it leaves empty has none."""
    yield speaker.say("reading", reading=reading(stated.limit, speaker.lang))
    yield speaker.say("filed_when", filing=stated.filing)
    if stated.closing:
        yield speaker.say("closed_when", closing=stated.closing)
    for key, bodies in (("disposers", stated.disposers), ("supervisors", stated.supervisors)):
        if bodies:
            yield speaker.say(key, names="、".join(body.name for body in bodies))


def plain(stated: Condition) -> dict[str, Any]:
    """For programs; `reading` in each language."""
    return {**msgspec.to_builtins(stated), "reading": {lang: reading(stated.limit, lang) for lang in LANGUAGES}}
