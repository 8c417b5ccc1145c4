"""The demo: a hub of its own, real requests and a district's month, every figure twice, and the same file once more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from itertools import count
from typing import Any, Protocol

from kafka import KafkaConsumer
from sqlalchemy import Engine

from connectors import runner
from connectors.csvfile import mapping as mappings
from connectors.runner import ImportResult
from ops import deadletters, queries
from ops.brokers import reader
from ops.cli.common import CannotRun
from ops.cli.imports import outlets
from ops.clock import utc_now
from ops.demo import figures
from ops.demo.reading import Reading, ends, read_claims
from ops.embedded.datadir import Running
from ops.finding import Found
from ops.hub import Hub
from ops.processors import PROCESSORS
from ops.provision import read_epoch
from ops.scenario import stage
from ops.scenario.perform import Performance, perform
from ops.scenario.script import Script, scripts
from ops.settings import Settings
from ops.stop import Stop
from ops.wires import perform as wires
from ops.wires.script import Play, plays

STANDSTILL_SECONDS = 60.0
"""Without any progress for so long, something is wrong."""


class DemoProblem(CannotRun):
    """Why the demo could not go on, in one sentence."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the demo: its key in build/demo.json, its mapping, its system."""

    key: str
    file: str
    mapping: str
    system: str


SOURCES = (
    Source("nyc311", "nyc311.csv", "nyc311", "nyc311"),
    Source("zhongyuan", "district_month.csv", "zhongyuan_month", "zhongyuan-grid"),
)


class Screen(Protocol):
    """What the demo tells people while it works."""

    def step(self, what: str) -> None: ...
    def done(self, what: str, seconds: float) -> None: ...
    def progress(self, done: int, total: int) -> None: ...


@dataclass(slots=True)
class Outcome:
    """What came out: figures by source, from facts and from views; growth at the second import; times."""

    facts: dict[str, figures.Figures] = field(default_factory=dict)
    views: dict[str, figures.Figures] = field(default_factory=dict)
    losses: dict[str, dict[str, int]] = field(default_factory=dict)
    grown: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    places: list[Performance] = field(default_factory=list)
    wires: list[wires.Outcome] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Equal from both sides, nothing lost, nothing grown, every place as its script says, over the wires too."""
        nothing_lost = all(losses["lost"] == 0 for losses in self.losses.values())
        as_told = all(one.right for one in self.places) and all(one.right for one in self.wires)
        return self.facts == self.views and nothing_lost and not any(self.grown.values()) and as_told

    def document(self) -> dict[str, Any]:
        """What build/demo.json holds."""
        by_source = {key: {**found, **self.losses[key]} for key, found in self.facts.items()}
        again = {"facts_grown": self.grown["facts"], "claims_grown": self.grown["claims"]}
        equal = self.facts == self.views
        places = [performance.document() for performance in self.places]
        whole = {
            "equal": equal,
            "imported_again": again,
            "places": places,
            "wires": [outcome.document() for outcome in self.wires],
            "right": self.right,
            "seconds": self.seconds,
        }
        return {**by_source, **whole}


@contextmanager
def running(settings: Settings, stop: Stop, say: Callable[[str], None]) -> Iterator[tuple[Hub, Running]]:
    """A hub, ready; at the end nothing of it is left. Raises ServerProblem, DemoProblem."""
    hub = Hub(settings, list(PROCESSORS), say)
    supervisor = hub.supervisor
    say(hub.opening())
    thread = threading.Thread(target=supervisor.run, args=(stop,), name="supervisor")
    thread.start()
    try:
        while not supervisor.all_ready.wait(0.05):
            if not thread.is_alive():
                raise supervisor.problem or DemoProblem("The hub was stopped before it was ready.")
        yield hub, hub.announce_ready()
    finally:
        stop.requested.set()
        thread.join()


class Demo:
    """The work, on a hub that runs."""

    def __init__(self, found: Found, engine: Engine, consumer: KafkaConsumer, stop: Stop, screen: Screen) -> None:
        self._found = found
        self._hub = found.settings.hub
        self._engine = engine
        self._consumer = consumer
        self._stop = stop
        self._screen = screen
        epoch = read_epoch(found.kafka, self._hub)
        assert epoch is not None
        self._epoch = epoch.epoch
        self._reading = Reading(consumer, self._hub)
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """All of it. Raises DemoProblem, KeyboardInterrupt, and what an import raises."""
        for source in SOURCES:
            self._timed(f"import_{source.key}", f"importing {source.file}", partial(self._import, source))
        self._timed("decided", "casework decides the claims", self._wait_for_casework)
        self._timed("noticed", "clocks notice what has run out", self._wait_for_clocks)
        self._timed("folded", "views fold the facts", self._wait_for_views)
        self._timed("figures", "counting everything twice", self._count)
        self._timed("again", f"importing {SOURCES[0].file} once more", self._again)
        for place, script in scripts().items():
            self._timed(f"place_{place}", f"playing {script.chinese}", partial(self._play, script))
        self._timed("wires", "playing over the wires", partial(self._play_over_wires, list(plays().values())))
        return self.outcome

    def _timed(self, key: str, what: str, work: Callable[[], str]) -> None:
        self._screen.step(what)
        began = time.monotonic()
        said = work()
        seconds = time.monotonic() - began
        self.outcome.seconds[key] = round(seconds, 2)
        self._screen.done(said, seconds)

    def _import(self, source: Source) -> str:
        result = self._imported(source)
        known = f", {result.already_known:,} of them known" if result.already_known else ""
        return f"{source.file}: {result.rows:,} rows, {result.claims:,} claims{known}"

    def _imported(self, source: Source) -> ImportResult:
        with resources.as_file(resources.files("ops.demo")) as folder:
            mapping = mappings.load(source.mapping)
            out = outlets(self._found, self._engine)
            return runner.import_file(folder / source.file, mapping, out, progress=self._progress)

    def _progress(self, done: int, total: int) -> None:
        if self._stop.requested.is_set():
            raise KeyboardInterrupt
        self._screen.progress(done, total)

    # ------------------------------------------------------------ waiting

    def _wait_for_casework(self) -> str:
        claim_ends = ends(self._consumer, self._hub, "claims")
        total = sum(claim_ends.values())
        moved = time.monotonic()
        while left := self._reading.decided.waiting_claims(claim_ends, self._epoch):
            self._progress(total - left, total)
            moved = time.monotonic() if self._reading.poll() else moved
            self._check_standstill("casework", moved)
        return f"casework has decided all {total:,} claims: {len(self._reading.cases):,} cases"

    def _wait_for_clocks(self) -> str:
        """An import is over for clocks when its source has been quiet for a while."""
        now, moved = utc_now(), time.monotonic()
        total = self._reading.unnoticed(now)
        while left := self._reading.unnoticed(now):
            self._progress(total - left, total)
            moved = time.monotonic() if self._reading.poll() else moved
            self._check_standstill("clocks", moved)
        return f"{total} promises of open cases have run out, each a fact with its true moment"

    def _wait_for_views(self) -> str:
        total = sum(newest + 1 for newest in self._reading.decided.newest_facts.values())
        moved, before = time.monotonic(), total
        while left := self._facts_before_views():
            self._progress(total - left, total)
            moved, before = (time.monotonic(), left) if left < before else (moved, before)
            self._check_standstill("views", moved)
            self._stop.requested.wait(0.02)
        return "the views have folded all facts"

    def _facts_before_views(self) -> int:
        with self._engine.connect() as connection:
            return self._reading.decided.waiting_facts(queries.next_offsets(connection))

    def _check_standstill(self, processor: str, moved: float) -> None:
        if time.monotonic() - moved > STANDSTILL_SECONDS:
            log = self._found.settings.data.logs / f"{processor}.jsonl"
            raise DemoProblem(f"{processor} has not moved for {STANDSTILL_SECONDS:.0f} s: see {log}")

    # ------------------------------------------------------------ figures

    def _count(self) -> str:
        dead = deadletters.on_kafka(self._found.kafka, self._hub, lambda _done, _total: None)
        with reader(self._found.kafka) as consumer:
            claims = read_claims(consumer, self._hub)
        with self._engine.connect() as connection:
            for source in SOURCES:
                theirs = claims[source.system]
                known = figures.acknowledged(connection, source.mapping)
                rows = [one for one in deadletters.of_connectors(connection) if one.stage == source.mapping]
                self.outcome.facts[source.key] = figures.from_facts(self._reading.of(source.system))
                self.outcome.views[source.key] = figures.from_views(connection, source.system)
                self.outcome.losses[source.key] = {
                    "dead_letters": len(rows) + sum(one.key in theirs.subjects for one in dead),
                    "lost": figures.lost(known, theirs, self._reading.claim_ids, dead),
                }
        return "every figure from the facts on Kafka, and from the views in PostgreSQL"

    def _again(self) -> str:
        before = {topic: self._total(topic) for topic in ("claims", "facts")}
        result = self._imported(SOURCES[0])
        self._wait_for_casework()
        self.outcome.grown = {topic: self._total(topic) - count for topic, count in before.items()}
        if any(self.outcome.grown.values()):
            return f"imported again: claims and facts have grown by {self.outcome.grown}"
        return f"{SOURCES[0].file} once more: {result.sent} claims sent, facts has not grown by a byte"

    def _namespace(self, name: str, division: str) -> Found:
        addressed = {"bootstrap": self._found.kafka.bootstrap, "dsn": self._found.dsn}
        return stage.namespace(self._found.settings.model_copy(update=addressed), name, division)

    def _play(self, script: Script) -> str:
        found = self._namespace(f"scenario-{script.place}", script.division)
        steps = len(script.steps)
        done = count(1)
        performance = perform(found, script, lambda _step: self._progress(next(done), steps))
        self.outcome.places.append(performance)
        how = "as expected" if performance.right else "NOT as expected"
        return f"{script.chinese}: {script.title.partition(':')[0]}, {steps} steps, {how}"

    def _play_over_wires(self, chosen: Sequence[Play]) -> str:
        """Beside each other: a play mostly waits for its programs, and has a namespace of its own."""
        stages = [self._namespace(f"wires-{play.place}", play.division) for play in chosen]
        steps, done = sum(len(play.steps) for play in chosen), count(1)

        def perform(found: Found, play: Play) -> wires.Outcome:
            return wires.perform(found, play, lambda _step: self._progress(next(done), steps))

        with ThreadPoolExecutor(len(stages)) as pool:
            self.outcome.wires = list(pool.map(perform, stages, chosen))
        members = sum(len(play.members) for play in chosen)
        how = "every book agrees" if all(one.right for one in self.outcome.wires) else "NOT as expected"
        return f"{', '.join(play.chinese for play in chosen)} over the wires: {members} programs of departments, {how}"

    def _total(self, topic: str) -> int:
        return sum(ends(self._consumer, self._hub, topic).values())


def examples(engine: Engine) -> Mapping[str, str]:
    """Cases that are worth a look, as arguments of `threecross case`."""
    wanted = {"late": queries.Wanted(system="nyc311", late=True, limit=1), "looped": queries.Wanted(limit=1)}
    with engine.connect() as connection:
        found = {key: queries.list_cases(connection, one)[1] for key, one in wanted.items()}
    return {key: f"{rows[0]['system']}:{rows[0]['source_number']}" for key, rows in found.items() if rows}
