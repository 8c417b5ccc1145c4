"""Local times of a source become UTC microseconds.

A time zone that changes its clocks has two awkward hours a year. A time that happens twice is read as the first of
the two unless the mapping says otherwise; a time that never happens is refused unless the mapping says `forward`
(then it is read with the offset before the change, so 02:30 becomes 03:30). Both are the source's own rule, hence data.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_DIRECTIVES = {
    "Y": r"(\d{4})",
    "m": r"(\d{1,2})",
    "d": r"(\d{1,2})",
    "H": r"(\d{1,2})",
    "I": r"(\d{1,2})",
    "M": r"(\d{2})",
    "S": r"(\d{2})",
    "f": r"(\d{1,6})",
    "p": r"([AaPp][Mm])",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SAMPLE = datetime(2018, 6, 26, 22, 58, 54, tzinfo=UTC)
_AFTERNOON = frozenset({"PM", "pm", "Pm", "pM"})
AMBIGUOUS = ("first", "second", "refuse")
NONEXISTENT = ("refuse", "forward")


def compile_format(pattern: str) -> tuple[re.Pattern[str], str]:
    """The pattern as an expression, and the letters of its groups in order. Raises ValueError naming the directive."""
    letters: list[str] = []

    def group(found: re.Match[str]) -> str:
        letter = found[1]
        if letter not in _DIRECTIVES or letter in letters:
            raise ValueError(f"%{letter} is unknown or stands twice; use each of %Y %m %d %H %I %M %S %f %p once")
        letters.append(letter)
        return _DIRECTIVES[letter]

    expression = re.sub(r"%(.)", group, re.sub(r"([^\w%\s])", r"\\\1", pattern))
    missing = [letter for letter in "Ymd" if letter not in letters]
    if missing or ("I" in letters) != ("p" in letters) or ("I" in letters and "H" in letters):
        raise ValueError("a format needs %Y, %m and %d, and either %H or both %I and %p")
    return re.compile(expression), "".join(letters)


class _Slots:
    """Where the parts of a clock time stand among a format's groups; -1 for a part that it has not."""

    def __init__(self, letters: str) -> None:
        self.hour, self.twelve, self.half = letters.find("H"), letters.find("I"), letters.find("p")
        self.minute, self.second, self.micro = letters.find("M"), letters.find("S"), letters.find("f")

    def clock(self, parts: tuple[str, ...]) -> tuple[int, int, int, int]:
        """Hour, minute, second, microsecond. Raises ValueError."""
        h = int(parts[self.hour]) if self.hour >= 0 else 0
        if self.twelve >= 0:
            h = int(parts[self.twelve])
            if not 1 <= h <= 12:
                raise ValueError("the hour of a 12-hour clock is 1 to 12")
            h = h % 12 + (12 if parts[self.half] in _AFTERNOON else 0)
        m = int(parts[self.minute]) if self.minute >= 0 else 0
        s = int(parts[self.second]) if self.second >= 0 else 0
        if h > 23 or m > 59 or s > 59:
            raise ValueError("hours go to 23, minutes and seconds to 59")
        return h, m, s, int(parts[self.micro].ljust(6, "0")) if self.micro >= 0 else 0


def reader(pattern: str, zone: ZoneInfo, ambiguous: str = "first", nonexistent: str = "refuse") -> Callable[[str], int]:
    """A function from local time text to UTC microseconds. It raises ValueError with the reason, without the text."""
    expression, letters = compile_format(pattern)
    match, clock = expression.fullmatch, _Slots(letters).clock
    year, month, day = (letters.index(letter) for letter in "Ymd")
    like = f"is not a time like {_SAMPLE.strftime(pattern)}"
    midnight = lru_cache(maxsize=4_096)(lambda y, m, d: _even_midnight(int(y), int(m), int(d), zone))

    @lru_cache(maxsize=16_384)
    def read(text: str) -> int:
        found = match(text)
        if found is None:
            raise ValueError(like)
        parts = found.groups()
        try:
            start = midnight(parts[year], parts[month], parts[day])
            h, m, s, us = clock(parts)
        except ValueError as wrong:
            raise ValueError(f"{like}: {wrong}") from None
        if start is not None:
            return start + (h * 3600 + m * 60 + s) * 1_000_000 + us
        moment = datetime(int(parts[year]), int(parts[month]), int(parts[day]), h, m, s, us, tzinfo=zone)
        return _micros(_settled(moment, ambiguous, nonexistent))

    return read


def _even_midnight(year: int, month: int, day: int, zone: ZoneInfo) -> int | None:
    """UTC microseconds of a day's midnight; None where the offset changes in the course of the day."""
    first = datetime(year, month, day, tzinfo=zone)
    last = datetime(year, month, day, 23, 59, 59, 999_999, tzinfo=zone)
    offsets = {moment.replace(fold=fold).utcoffset() for moment in (first, last) for fold in (0, 1)}
    return _micros(first) if len(offsets) == 1 else None


def _settled(local: datetime, ambiguous: str, nonexistent: str) -> datetime:
    """The one of the two readings of a local time (PEP 495) that the source means. Raises ValueError."""
    other = local.replace(fold=1)
    first, second = local.utcoffset() or timedelta(0), other.utcoffset() or timedelta(0)
    if first < second and nonexistent == "refuse":
        raise ValueError(f"never happened in {local.tzinfo}: the clocks were put forward over it")
    if first > second and ambiguous == "refuse":
        raise ValueError(f"happened twice in {local.tzinfo}: the clocks were put back over it")
    return other if first > second and ambiguous == "second" else local


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def iso(microseconds: int) -> str:
    """UTC microseconds for people and tests: 2018-06-26T14:58:54+00:00."""
    return (_EPOCH + timedelta(microseconds=microseconds)).isoformat()
