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
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_SAMPLE = datetime(2018, 6, 26, 22, 58, 54)
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


def reader(
    pattern: str, zone: ZoneInfo, ambiguous: str = "first", nonexistent: str = "refuse"
) -> Callable[[str], int]:
    """A function from local time text to UTC microseconds. It raises ValueError with the reason, without the text."""
    expression, letters = compile_format(pattern)
    match = expression.fullmatch
    sample = _SAMPLE.strftime(pattern)

    @lru_cache(maxsize=16_384)
    def read(text: str) -> int:
        found = match(text)
        if found is None:
            raise ValueError(f"is not a time like {sample}")
        local = _datetime(dict(zip(letters, found.groups(), strict=True)), sample)
        return (local - _offset(local, zone, ambiguous, nonexistent) - _EPOCH) // _MICROSECOND

    return read


def _datetime(parts: dict[str, str], sample: str) -> datetime:
    hour = int(parts.get("H", 0))
    if "I" in parts:
        twelve = int(parts["I"])
        if not 1 <= twelve <= 12:
            raise ValueError(f"is not a time like {sample}: the hour of a 12-hour clock is 1 to 12")
        hour = twelve % 12 + (12 if parts["p"] in ("PM", "pm", "Pm", "pM") else 0)
    micro = int(parts.get("f", "0").ljust(6, "0"))
    clock = (hour, int(parts.get("M", 0)), int(parts.get("S", 0)), micro)
    try:
        return datetime(int(parts["Y"]), int(parts["m"]), int(parts["d"]), *clock)
    except ValueError as wrong:
        raise ValueError(f"is not a time like {sample}: {wrong}") from None


def _offset(local: datetime, zone: ZoneInfo, ambiguous: str, nonexistent: str) -> timedelta:
    first, second = _utcoffset(local, zone, 0), _utcoffset(local, zone, 1)
    if first == second:
        return first
    if first < second and nonexistent == "refuse":
        raise ValueError(f"never happened in {zone.key}: the clocks were put forward over it")
    if first > second and ambiguous == "refuse":
        raise ValueError(f"happened twice in {zone.key}: the clocks were put back over it")
    return second if first > second and ambiguous == "second" else first


def _utcoffset(local: datetime, zone: ZoneInfo, fold: int) -> timedelta:
    offset = local.replace(tzinfo=zone, fold=fold).utcoffset()
    if offset is None:  # a ZoneInfo always knows its offset
        raise ValueError(f"has no offset in {zone.key}")
    return offset


def iso(microseconds: int) -> str:
    """UTC microseconds for people and tests: 2018-06-26T14:58:54+00:00."""
    return (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)).isoformat()
