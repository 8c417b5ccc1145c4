"""One performance from beginning to end: servers, namespace, reference data, processors, desk, script, ending."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Engine

from connectors.desk.desk import open_desk
from connectors.desk.words import moment, subject
from ops import crossings
from ops.brokers import reader
from ops.cli.common import database
from ops.cli.imports import outlets
from ops.demo.places.made import documents
from ops.finding import Found
from ops.queries import CaseFile, case_file
from ops.reference import loading
from ops.reference.documents import Document, read_all
from ops.reference.loading import By
from ops.scenario.clock import SimulatedClock
from ops.scenario.counting import Counted, counted
from ops.scenario.facts import PATIENCE, Facts
from ops.scenario.play import Ended, Play, Played, View, ended
from ops.scenario.script import Script
from ops.scenario.stage import Processors
from streams.core.subjects import KINDS


class Performance(NamedTuple):
    """What a performance came to."""

    namespace: str
    script: Script
    played: list[Played]
    endings: list[Ended]
    figures: list[Counted]

    @property
    def right(self) -> bool:
        """Every step, every ending and every figure as expected."""
        told = not any(one.problem for one in self.played) and not any(one.differences for one in self.endings)
        return told and all(one.right for one in self.figures)

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {
            "place": self.script.called,
            "title": self.script.title,
            "namespace": self.namespace,
            "right": self.right,
            "steps": [_step(number, one) for number, one in enumerate(self.played, 1)],
            "endings": [_ending(one) for one in self.endings],
            "figures": [one.document() for one in self.figures],
        }


def _step(number: int, played: Played) -> dict[str, Any]:
    step = played.step
    said = {"claim": step.claim, "by": step.by} if step.claim else {}
    facts = [{"seq": fact.meta.seq, "fact": fact.name} for fact in played.facts]
    document = {"step": number, "at": played.at, "about": step.about, **said, "facts": facts}
    return {**document, "problem": played.problem or None}


def _ending(end: Ended) -> dict[str, Any]:
    wrong = {key: {"expected": end.ending.view[key], "found": found} for key, found in end.differences.items()}
    return {"about": end.ending.about, "differences": wrong, "view": dict(end.view)}


def perform(
    found: Found,
    script: Script,
    watch: Callable[[Played], None],
) -> Performance:
    """Play a script in a namespace that has just been made. `watch` sees each step as soon as it is played."""
    zone = ZoneInfo(script.zone)
    clock = SimulatedClock(moment(script.starts, zone))

    def load(said: Sequence[Document]) -> None:
        steward = By(f"{script.place}-centre", "steward")
        loading.load(found.kafka, found.settings.hub, said, steward, clock())

    load(documents(script.place))
    with ExitStack() as stack:
        engine = stack.enter_context(database(found))
        processors = stack.enter_context(Processors(found, clock))

        def load_further(name: str) -> None:
            load(_further(name))
            processors.catch_up()

        folder = Path(stack.enter_context(resources.as_file(resources.files("ops.demo").joinpath("evidence"))))
        desk = stack.enter_context(open_desk(outlets(found, engine), zone, folder, f"desk-{script.place}"))
        facts = Facts(stack.enter_context(reader(found.kafka)), found.settings.hub)
        played = []
        for one in Play(desk, facts, clock, load_further).steps(script):
            watch(one)
            played.append(one)
        endings = list(ended(script, view_of(engine, facts)))
        figures = list(counted(engine, facts, script, clock()))
    return Performance(found.settings.hub.namespace, script, played, endings, figures)


def _further(name: str) -> list[Document]:
    """A document that is loaded in the middle of a scenario."""
    with resources.as_file(resources.files("ops.demo.scenarios").joinpath("loads", name)) as path:
        return read_all([path])


def view_of(engine: Engine, facts: Facts) -> View:
    """Cases as the views show them once they have every fact of the case, other subjects as the fold of their facts."""

    def shown(name: str) -> Mapping[str, Any]:
        about = subject(name)
        told = facts.of(about.id)
        if about.kind == "case":
            file = _case_file(engine, about.id, len(told))
            return {} if file is None else crossings.document(file)
        kind = KINDS[about.kind]
        state = kind.new
        for fact in told:
            state = kind.evolve(state, fact.meta, fact.body)
        return {name: value for name, value in _plain(state).items() if name != "claims"}

    return shown


def _plain(value: Any) -> Any:
    """Structs as dictionaries, tuples as lists."""
    match value:
        case msgspec.Struct():
            return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
        case tuple() | list():
            return [_plain(one) for one in value]
    return value


def _case_file(engine: Engine, case_id: str, seq: int) -> CaseFile | None:
    """The case once the views have its fact `seq`; after PATIENCE as they have it."""
    end = time.monotonic() + PATIENCE
    while True:
        with engine.connect() as connection:
            file = case_file(connection, case_id)
        if (file.case["seq"] if file else 0) >= seq or time.monotonic() > end:
            return file
        time.sleep(0.02)
