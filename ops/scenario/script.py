"""The script of a scenario, read strictly from TOML: who says what and when, what must come of it, how it must end.

A step has words (see connectors/desk), or none: then time passes in silence. `at` is a local time of the place or
`+90m`, `+2h`, `+1d` after the step before. `expect` names facts in order, each by its name or as a table with fields
that it must carry; `refused` the rule that must refuse. Twins go with the main script to one of its steps (`until`, by
its `id`) and then their own way. What time alone makes (a run-out, a warning, the end of a suspension) is expected of a
step without words: the hub may notice it before the next claim comes or with it, and both are right.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from connectors.desk.words import Word

_AHEAD = re.compile(r"\+(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_BY_ITSELF = {"RanOut", "Warned", "Resumed"}
Expected = str | dict[str, Any]


class BadScript(Exception):
    """A script that cannot be played; one sentence says what, where and what to do."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One moment of a script."""

    at: str
    about: str
    tell: str = ""
    claim: str | None = None
    load: str | None = None
    """A document of ops/demo/scenarios/loads that is loaded as reference data at this moment."""
    by: str = ""
    fields: dict[str, Any] = {}
    text: str | None = None
    files: tuple[str, ...] = ()
    reporter: str | None = None
    source: str | None = None
    expect: tuple[Expected, ...] = ()
    refused: str | None = None
    later: dict[str, tuple[Expected, ...]] = {}
    """What must follow on other subjects, in its own time: subject → facts."""
    id: str = ""

    @property
    def by_itself(self) -> list[str]:
        """Facts expected of its claim that nobody claims: time makes them (Resumed, unless its claim is Resume)."""
        names = (one if isinstance(one, str) else str(one.get("fact")) for one in self.expect)
        return [] if self.claim in {None, "Resume"} else [name for name in names if name in _BY_ITSELF]

    def word(self, number: int, moment: datetime) -> Word:
        """The words of a step that has some; equal words at two steps are two claims."""
        assert self.claim is not None
        return Word(
            claim=self.claim,
            about=self.about,
            by=self.by,
            at=moment.isoformat(),
            fields=self.fields,
            text=self.text,
            files=self.files,
            reporter=self.reporter,
            source=self.source,
            occurrence=f"step {number}",
        )


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a subject must have ended: keys of the three-cross view (see `threecross case --three-cross --json`)."""

    about: str
    view: dict[str, Any]


class Count(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an indicator must be in the end: `part` of `whole`, from one day (2026-07-01) to before another."""

    indicator: str
    start: str
    end: str
    part: int
    whole: int


class Twin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An unhappy twin: the main script up to a step, then its own steps and ending."""

    name: str
    title: str
    until: str
    steps: tuple[Step, ...]
    endings: tuple[Ending, ...]


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One place, whose reference data are those of ops/demo/places."""

    place: str
    chinese: str
    title: str
    starts: str
    division: str
    steps: tuple[Step, ...]
    endings: tuple[Ending, ...]
    zone: str = "Asia/Shanghai"
    twins: tuple[Twin, ...] = ()
    figures: tuple[Count, ...] = ()
    name: str = ""

    @property
    def called(self) -> str:
        """Its name: that of its place, unless it has one of its own."""
        return self.name or self.place

    def twin(self, name: str) -> Script:
        """The script of a twin. Raises BadScript."""
        for twin in self.twins:
            if twin.name == name:
                main = [step.id for step in self.steps]
                shared = self.steps[: main.index(twin.until) + 1]
                return msgspec.structs.replace(
                    self, title=twin.title, steps=(*shared, *twin.steps), endings=twin.endings, twins=(), figures=()
                )
        known = ", ".join(twin.name for twin in self.twins) or "none"
        raise BadScript(f'{self.place} has no twin "{name}"; it has {known}')

    def timed(self) -> Iterator[tuple[Step, datetime]]:
        """Each step with its moment, which never goes back. Raises BadScript."""
        zone = ZoneInfo(self.zone)
        now = datetime.fromisoformat(self.starts).replace(tzinfo=zone)
        for number, step in enumerate(self.steps, 1):
            moment = _moment(step.at, now, zone, f"{self.place}, step {number}")
            if moment < now:
                raise BadScript(f"{self.place}, step {number}: {step.at} lies before the step before it")
            now = moment
            yield step, moment


def _moment(at: str, now: datetime, zone: ZoneInfo, where: str) -> datetime:
    if ahead := _AHEAD.fullmatch(at):
        later = now.astimezone(UTC) + timedelta(**{_UNITS[ahead[2]]: int(ahead[1])})
        return later.astimezone(zone)
    try:
        return datetime.fromisoformat(at).replace(tzinfo=zone)
    except ValueError:
        raise BadScript(f'{where}: "{at}" is neither a local time like 2026-03-02T08:10 nor ahead like +90m') from None


def scripts() -> dict[str, Script]:
    """The script of each place that ships with the hub, by its name. Raises BadScript."""
    files = [file for file in resources.files("ops.demo.scenarios").iterdir() if file.name.endswith(".toml")]
    found = (read(file.read_text("utf-8"), file.name) for file in sorted(files, key=lambda file: file.name))
    return {script.place: script for script in found}


def load(name: str, more: Iterable[Script] = ()) -> Script:
    """A script by its name, in either language: that of a place, or one of `more`. Raises BadScript."""
    known = [*scripts().values(), *more]
    for script in known:
        if name == script.called or (len(name) > 1 and script.chinese.startswith(name)):
            return script
    names = ", ".join(f"{script.called} {script.chinese}" for script in known)
    raise BadScript(f'there is no scenario "{name}"; there are {names}')


def read(text: str, where: str) -> Script:
    """A script from TOML. Raises BadScript naming the key."""
    try:
        script = msgspec.convert(tomllib.loads(text), Script)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as wrong:
        raise BadScript(f"scenario {where}: {wrong}") from None
    ids = [step.id for step in script.steps if step.id]
    for twin in script.twins:
        if twin.until not in ids:
            raise BadScript(f'scenario {where}, twin {twin.name}: no step has the id "{twin.until}"')
    for step in (*script.steps, *(step for twin in script.twins for step in twin.steps)):
        if step.by_itself:
            raise BadScript(
                f"scenario {where}: {step.claim} at {step.at} expects {', '.join(step.by_itself)}, which time makes by"
                " itself: expect it of a step without words before this one"
            )
    return script
