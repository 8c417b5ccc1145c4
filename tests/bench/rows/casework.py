"""The hub's own casework: real claims, real rules, transactions; and Kafka Streams' figure from the same session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.provision import provision
from schemas.wire.settings import HubSettings
from tests.bench.claims import T0
from tests.bench.figures import Row, row
from tests.bench.rows.engine import UNIT, Contest, Sample, fill, rates
from tests.bench.stage import Plan, Stage


@contextmanager
def filled(stage: Stage, cases: int) -> Iterator[tuple[str, int]]:
    """(namespace, claims) of a hub with the claims of so many cases."""
    namespace = stage.name("hub")
    provision(stage.kafka, HubSettings(namespace=namespace), T0)
    found = stage.helper("fill-claims", "--topic", f"{namespace}.claims", "--cases", cases)
    yield namespace, found["records"]
    stage.delete(*(f"{namespace}.{t}" for t in ("claims", "facts", "positions", "deadletters", "hub")))


def forget_facts(stage: Stage, namespace: str) -> None:
    """Lets casework decide the same claims anew."""
    stage.delete(f"{namespace}.facts", f"{namespace}.positions")
    provision(stage.kafka, HubSettings(namespace=namespace), T0)


def decided(stage: Stage, namespace: str, records: int, compiled: Path | None) -> Sample:
    """One run of casework over all claims."""
    options: list[Any] = ["--namespace", namespace, "--records", records]
    return stage.worker("casework", *options, *(["--compiled", compiled] if compiled else []))


def casework_vs_kafka_streams(stage: Stage, plan: Plan) -> list[Row]:
    """Our real job against the peer's simpler one, in turns."""
    peer = stage.streams_jar
    contest = Contest(stage, stage.name("bench.claims"))
    fill(stage, contest.claims, plan.count(100_000))
    python, compiled, theirs = [], [], []
    with filled(stage, plan.count(100_000)) as (namespace, records):
        for _ in range(plan.runs):
            python.append(decided(stage, namespace, records, None))
            forget_facts(stage, namespace)
            if stage.compiled:
                compiled.append(decided(stage, namespace, records, stage.compiled))
                forget_facts(stage, namespace)
            if peer:
                theirs.append(contest.kafka_streams(peer))
    stage.delete(contest.claims)
    name = "Kafka Streams 4.3.1, in memory, its own job"
    note = f"{records:,} claims of {plan.count(100_000):,} cases, rules, one transaction a batch, local copy written"
    rows = []
    if compiled:
        rows.append(
            row("casework_vs_kafka_streams", UNIT, rates(compiled), rates(theirs), name, note=f"compiled codec; {note}")
        )
    label = "casework_python_codec_vs_kafka_streams" if compiled else "casework_vs_kafka_streams"
    rows.append(row(label, UNIT, rates(python), rates(theirs), name, note=f"codec as Python; {note}"))
    return rows
