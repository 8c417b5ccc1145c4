"""Says moments, durations and facts in a language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ops.explaining.words import FACTS, LANGUAGES, SENTENCES, WORDS
from ops.replay import Told

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
HOUR_US, MINUTE_US = 3_600_000_000, 60_000_000


@dataclass(frozen=True)
class Speaker:
    """Says ledgers in a language, with times of a zone, naming facts by their number."""

    facts: Mapping[int, Told]
    zone: str
    lang: str = "en"

    def word(self, key: str) -> str:
        pair = WORDS.get(key)
        return pair[LANGUAGES.index(self.lang)] if pair else key

    def say(self, key: str, **values: Any) -> str:
        return SENTENCES[key][LANGUAGES.index(self.lang)].format(**values)

    def time(self, at: int) -> str:
        return datetime.fromtimestamp(at / 1e6, ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")

    def span(self, us: int) -> str:
        """A duration: hours and minutes, seconds where there are any."""
        hours, rest = divmod(us, HOUR_US)
        minutes, rest = divmod(rest, MINUTE_US)
        signs = ("h", "min", "s") if self.lang == "en" else ("小时", "分", "秒")
        parts = [f"{n} {sign}" for n, sign in zip((hours, minutes, rest // 1_000_000), signs, strict=True) if n]
        return " ".join(parts) or f"0 {signs[1]}"

    def fact(self, seq: int | None) -> str:
        """A fact by its number."""
        told = self.facts.get(seq or 0)
        if told is None:
            return self.say("by_itself")
        name, actor = type(told.fact).__name__, told.meta.actor
        plain = FACTS.get(name, name) if self.lang == "zh" else _CAPITAL.sub(" ", name).lower()
        return self.say("fact", seq=seq, name=plain, by=actor.org, at=self.time(told.meta.occurred_at))
