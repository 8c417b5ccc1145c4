"""The yardstick job: our engine beside Kafka Streams, stock Faust and Quix, same topic, same bytes, equal output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.figures import Row, row
from tests.bench.stage import BUILD, PEER, Plan, Stage, run

PER_CASE = 20
UNIT = "records per CPU s"
BATCH = 8_000
"""Records of a batch at full load."""
PEER_SECONDS = 900
"""A peer that takes longer has stopped: an agent of stock Faust that has crashed waits for ever."""

Sample = dict[str, Any]


def fill(stage: Stage, topic: str, cases: int) -> None:
    """The peer's own generator, unchanged."""
    stage.create(topic)
    command = [sys.executable, str(PEER / "generate.py"), "--bootstrap", stage.kafka.bootstrap]
    run([*command, "--topic", topic, "--cases", str(cases), "--open", str(cases)], stage.worker_core)


class Contest:
    """Runs workers over one input; each must write what the first one wrote."""

    def __init__(self, stage: Stage, claims: str) -> None:
        self.stage = stage
        self.claims = claims
        self._expected: Any = None

    def _checked(self, facts: str, who: str) -> None:
        found = self.stage.helper("checksum", "--topic", facts)
        self._expected = self._expected or found
        if found != self._expected:
            raise RuntimeError(f"{who} wrote other facts: {found}, expected {self._expected}")
        self.stage.delete(facts)

    def _facts(self) -> str:
        facts = self.stage.name("bench.facts")
        self.stage.create(facts)
        return facts

    def ours(self, compiled: Path | None) -> Sample:
        facts = self._facts()
        options = ["--topic", self.claims.removeprefix("bench."), "--facts", facts.removeprefix("bench.")]
        options += ["--max-records", str(BATCH)] + (["--compiled", str(compiled)] if compiled else [])
        sample = self.stage.worker("engine", *options)
        self._checked(facts, "our engine")
        return sample

    def kafka_streams(self, built: Path) -> Sample:
        facts, app = self._facts(), self.stage.name("streams")
        options = ["--in", self.claims, "--out", facts, "--store", "memory", "--threads", "1", "--app", app]
        java = ["java", "-Xms2g", "-Xmx2g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"]
        classes = f"{built}/target/classes:{built}/target/libs/*"
        command = [*java, "-cp", classes, "bench.CaseBench", "--bootstrap", self.stage.kafka.bootstrap, *options]
        sample = run(command, self.stage.worker_core)[0]
        self._checked(facts, "Kafka Streams")
        return sample

    def python_peer(self, python: str, script: list[str], records: int) -> Sample:
        facts = self._facts()
        options = ["--bootstrap", self.stage.kafka.bootstrap, "--claims", self.claims, "--facts", facts]
        options += ["--group", self.stage.name("peer"), "--records", str(records)]
        sample = run([python, *script, *options], self.stage.worker_core, timeout=PEER_SECONDS)[-1]
        self._checked(facts, script[-1])
        return sample


def rates(samples: list[Sample], key: str = "cpu_s_per_M") -> list[float]:
    """Records per CPU second of the worker process."""
    return [1e6 / sample[key] for sample in samples]


def engine_vs_kafka_streams(stage: Stage, plan: Plan) -> list[Row]:
    """The peer's own job, taken in turns with it."""
    peer = stage.streams_jar
    contest = Contest(stage, "bench.claims")
    fill(stage, contest.claims, plan.count(100_000))
    python, compiled, theirs = [], [], []
    for _ in range(plan.runs):
        python.append(contest.ours(None))
        if stage.compiled_job:
            compiled.append(contest.ours(stage.compiled_job))
        if peer:
            theirs.append(contest.kafka_streams(peer))
    stage.delete(contest.claims)
    name = "Kafka Streams 4.3.1, in memory"
    facts = f"{contest._expected['count']:,} facts, checksums of all partitions equal in every run"
    same = f"{facts}; no transactions, acks=all, as the peer"
    rows = []
    if compiled:
        rows.append(
            row("engine_vs_kafka_streams", UNIT, rates(compiled), rates(theirs), name, note=f"compiled codec; {same}")
        )
        warm, warm_peer = (rates(s, "half2_cpu_s_per_M") for s in (compiled, theirs))
        rows.append(
            row("engine_vs_kafka_streams_warm", UNIT, warm, warm_peer, name, note="second half of the records only")
        )
    label = "engine_python_codec_vs_kafka_streams" if compiled else "engine_vs_kafka_streams"
    rows.append(row(label, UNIT, rates(python), rates(theirs), name, note=f"codec as Python; {same}"))
    return rows


def _against(
    stage: Stage, plan: Plan, name: str, peer_name: str, python: str, script: list[str], cases: int
) -> list[Row]:
    contest = Contest(stage, stage.name("bench.claims"))
    count = plan.count(cases)
    fill(stage, contest.claims, count)
    ours, theirs = [], []
    for _ in range(plan.runs):
        ours.append(contest.ours(stage.compiled_job))
        theirs.append(contest.python_peer(python, script, count * PER_CASE))
    stage.delete(contest.claims)
    note = f"{count * PER_CASE:,} records, output equal; our codec {'compiled' if stage.compiled_job else 'as Python'}"
    return [row(name, UNIT, rates(ours), rates(theirs), peer_name, note=note)]


def engine_vs_stock_faust(stage: Stage, plan: Plan) -> list[Row]:
    """One event at a time, fastavro."""
    script = ["-m", "tests.bench.peers.stock_faust"]
    peer = "stock Faust 0.15.3 with fastavro"
    return _against(stage, plan, "engine_vs_stock_faust", peer, sys.executable, script, 5_000)


def engine_vs_quix(stage: Stage, plan: Plan) -> list[Row]:
    """Quix Streams in an environment of its own: its dependencies are not ours."""
    python = BUILD / "quix" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(BUILD / "quix")], check=True)
        install = [str(python), "-m", "pip", "install", "-q", "quixstreams==3.28.1", "fastavro"]
        subprocess.run(install, check=True)
    script = ["tests/bench/peers/quix.py"]
    return _against(stage, plan, "engine_vs_quix", "Quix Streams 3.28.1 with fastavro", str(python), script, 10_000)
