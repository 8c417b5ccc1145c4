"""One campaign: a hub under constant load, faults by plan, then the judge."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from ops import lag
from ops.database import engine
from ops.embedded.problem import ServerProblem
from schemas.wire.settings import KafkaSettings
from tests.faults import figures, journal, plan
from tests.faults.disk import small_disk
from tests.faults.figures import Arrivals, Happened
from tests.faults.hub import BACK_SECONDS, FaultHub, running_hub, start_program
from tests.faults.kinds import KINDS, Scene
from tests.faults.plan import Plan
from tests.faults.workers import wait_until

PARTITIONS = 6
"""Faust gives no worker more than its share rounded up: of four partitions a third worker would get none."""
WARM_UP = 3.0
"""Seconds of quiet load before the first fault."""
NEW_FACTS = 3
"""So many new facts show that a partition is worked on."""
JUDGE_SECONDS = 600.0

Say = Callable[[str], None]


class Program:
    """A program of the campaign that prints numbers now and then."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._module = module
        self._process = start_program(module, *arguments)
        self.numbers = [0]
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.numbers = [int(word) for word in line.split()]

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        assert self._process.poll() is None, f"{self._module} has ended with code {self._process.poll()}"
        print(line, file=self._process.stdin, flush=True)

    def end(self) -> None:
        """Returns when it has done all it has to."""
        self.tell("stop")
        code = self._process.wait(BACK_SECONDS)
        assert code == 0, f"{self._module} has ended with code {code}"

    def kill(self) -> None:
        assert self._process.stdin is not None
        self._process.kill()
        self._process.wait()
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._ear.join(10)


@dataclass
class Campaign:
    """The campaign while it runs."""

    seed: int
    minutes: float
    claims: int
    hub: FaultHub
    load: Program
    watch: Program
    scene: Scene
    say: Say
    planned: Plan
    happened: list[Happened] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def run(self) -> None:
        """Every fault of the plan, then as many claims as wanted. Fails when the hub does not become whole again."""
        wait_until(lambda: self.load.numbers[0] > 0, "the load to begin", BACK_SECONDS)
        time.sleep(WARM_UP)
        ends = time.monotonic() + self.minutes * 60 - WARM_UP
        lanes = [
            threading.Thread(target=self._lane, args=(self._in_a_row, self.planned.engine, ends)),
            threading.Thread(target=self._lane, args=(self._spread, self.planned.database, ends)),
            threading.Thread(target=self._lane, args=(self._spread, self.planned.load, ends)),
        ]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        for failure in self.failures:
            raise failure
        wait_until(lambda: self.load.numbers[0] >= self.claims, "enough claims", self.minutes * 60 + BACK_SECONDS)

    def _lane(self, inflict_all: Callable[[tuple[str, ...], Random, float], None], *given: Any) -> None:
        kinds, ends = given
        try:
            inflict_all(kinds, Random(f"lane {self.seed} {kinds}"), ends)
        except BaseException as error:  # noqa: BLE001 told by `run`
            self.failures.append(error)

    def _in_a_row(self, kinds: tuple[str, ...], random: Random, ends: float) -> None:
        """One after the other; where time is left then, from the beginning again."""
        for i, kind in enumerate(cycle(kinds)):
            if self.failures or (i >= len(kinds) and time.monotonic() > ends):
                return
            self._inflict(kind)
            self._wait(random.uniform(1.0, 7.0))

    def _spread(self, kinds: tuple[str, ...], random: Random, ends: float) -> None:
        """At even distances."""
        if not kinds:
            return
        began = time.monotonic()
        step = (ends - began) / len(kinds)
        for i, kind in enumerate(kinds):
            at = began + (i + random.uniform(0.2, 0.8)) * step
            self._wait(max(0.0, at - time.monotonic()))
            self._inflict(kind)

    def _wait(self, seconds: float) -> None:
        time.sleep(0 if self.failures else seconds)

    def _inflict(self, kind: str) -> None:
        if self.failures:
            return
        if kind == "worker killed":  # as in life: the last fault is long past, the supervisor has a spare again
            self.hub.wait_for_spare()
        began = time.monotonic()
        partitions = KINDS[kind](self.scene)
        if kind not in plan.LOAD:
            self._wait_for_facts()
        ended = time.monotonic()
        self.happened.append(Happened(kind, began, ended, frozenset(partitions)))
        self.say(f"{kind}, whole again after {ended - began:.1f} s, {self.load.numbers[0]:,} claims")

    def _wait_for_facts(self) -> None:
        """Returns when the hub is whole and new facts have come in every partition."""
        self.hub.wait_whole()
        before = list(self.watch.numbers)

        def flows() -> bool:
            return all(new >= old + NEW_FACTS for old, new in zip(before, self.watch.numbers, strict=True))

        wait_until(lambda: self.failures or flows(), "new facts in every partition", BACK_SECONDS)


def run(
    folder: Path, seed: int, minutes: float, claims: int, say: Say, only: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The figures of a campaign on servers of its own in a folder of its own."""
    planned = plan.plan(seed, minutes, only)
    with ExitStack() as stack:
        has_small_disk = "disk full" in planned.engine and stack.enter_context(small_disk(folder / "state" / "2"))
        hub = stack.enter_context(running_hub(folder, PARTITIONS))
        say(f"hub runs in {folder}")
        topic, count = hub.settings.hub.topic, str(PARTITIONS)
        watch = stack.enter_context(_program("watch", str(folder), hub.bootstrap, topic("facts"), count))
        rate = claims / minutes / 60
        arguments = (str(folder), hub.bootstrap, topic("claims"), count, f"{rate:.1f}", str(seed))
        load = stack.enter_context(_program("load", *arguments))
        scene = Scene(hub, load.tell, has_small_disk, Random(f"scene {seed}"))
        campaign = Campaign(seed, minutes, claims, hub, load, watch, scene, say, planned)
        began = time.monotonic()
        campaign.run()
        load.end()
        seconds = time.monotonic() - began
        say(f"load ends after {seconds:.0f} s, waiting for rest")
        hub.wait_whole()
        wait_until(lambda: _at_rest(hub), "every claim to be decided and every fact to be folded", 4 * BACK_SECONDS)
        watch.end()
        say("judging")
        verdict = _judge(hub)
    return _figures(folder, campaign, verdict, {"seconds": round(seconds, 1), "rate": round(rate, 1)})


@contextmanager
def _program(name: str, *arguments: str) -> Iterator[Program]:
    program = Program(f"tests.faults.{name}", *arguments)
    try:
        yield program
    finally:
        program.kill()


def _at_rest(hub: FaultHub) -> bool:
    """Casework has decided every claim and the views have folded every fact."""
    kafka, settings = KafkaSettings(hub.bootstrap), hub.settings.hub
    bound = engine(hub.dsn, settings.sql_schema)
    try:
        with bound.connect() as connection:
            rows = connection.exec_driver_sql("SELECT partition, next_offset FROM partitions").fetchall()
        left = lag.waiting(kafka, settings, 1, {row.partition: row.next_offset for row in rows})
    except ServerProblem:
        return False
    finally:
        bound.dispose()
    return left.claims == left.facts == 0


def _judge(hub: FaultHub) -> dict[str, Any]:
    arguments = (str(hub.folder), hub.bootstrap, hub.dsn, hub.settings.hub.namespace)
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.faults.witness", *arguments]
    told = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, check=True, timeout=JUDGE_SECONDS)
    return dict(json.loads(told.stdout))


def _figures(folder: Path, campaign: Campaign, verdict: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    arrivals, happened = Arrivals(journal.read_sightings(folder)), campaign.happened
    count = Counter(fault.kind for fault in happened)
    undisturbed = figures.alone(happened, plan.ENGINE.keys() | {"database restarted", "database killed"})
    moved = [fault for fault in undisturbed if fault.kind in plan.ENGINE]
    return {
        "seed": campaign.seed,
        "minutes": campaign.minutes,
        **more,
        "partitions": PARTITIONS,
        "faults": dict(sorted(count.items())),
        "kills": count["worker killed"] + count["worker killed soon"] + 2 * count["both workers killed"],
        "zombies": count["worker frozen"],
        **verdict,
        "takeover_seconds": figures.takeovers(arrivals, moved),
        "unaffected_pauses": figures.unaffected(arrivals, [f for f in moved if f.partitions], range(PARTITIONS)),
        "timeline": figures.timeline(arrivals, (f for f in happened if f.kind not in plan.LOAD), range(PARTITIONS)),
    }
