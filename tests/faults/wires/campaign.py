"""One storm from its beginning to the verdict, and its figures."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ops.embedded.kafka import EmbeddedKafka
from ops.embedded.postgres import EmbeddedPostgres
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.faults.oracle import Seen, read
from tests.faults.wires.books import Verdict, judge, twice
from tests.faults.wires.storm import Storm
from tests.faults.wires.town import Town, town

WRONG = ("lost", "duplicated", "reordered", "stale")
EXAMPLES = 5
CALM_SECONDS = 240.0
NAMESPACE = "storm"
WITHOUT_REASON = {
    "intent": "not tried yet",
    "attempted": "being tried",
    "parked": "waits behind one that failed",
    "dead": "nobody says why",
    "given-up": "given up",
}
Say = Callable[[str], None]


class Servers(NamedTuple):
    """Where a storm takes place."""

    kafka: KafkaSettings
    hub: HubSettings
    dsn: str


def run(servers: Servers, folder: Path, seed: int, minutes: float, say: Say) -> dict[str, Any]:
    """The figures of a storm of so many minutes. Fails where it does not become calm afterwards."""
    with town(servers.kafka, servers.hub, servers.dsn, folder) as made:
        made.start()
        storm = Storm(made, seed, say)
        began = time.monotonic()
        storm.blow(minutes * 60)
        before = Judged(made, _facts(servers))
        say(f"the storm is over, {sum(before.owed.values())} steps are owed; waiting for calm")
        storm.calm(CALM_SECONDS + minutes * 60)
        seconds = time.monotonic() - began
        say("judging")
        after = Judged(made, _facts(servers))
        return _figures(storm, before, after) | {"seed": seed, "minutes": minutes, "seconds": round(seconds, 1)}


def _facts(servers: Servers) -> list[Seen]:
    return read(servers.kafka.bootstrap, servers.hub.topic("facts"))


class Judged:
    """What stands in the books at one moment, beside the facts and beside what the hub says that it owes.

    What a department has not got must be owed visibly: its step stands there, or its feed is known to be unread.
    """

    def __init__(self, made: Town, facts: list[Seen]) -> None:
        undone, self.facts = made.undone(), facts
        self.owed = Counter(row["destination"] for row in undone)
        self.reasons = Counter(row["why"] or WITHOUT_REASON[row["state"]] for row in undone)
        self.silent = [row for row in undone if row["state"] in ("dead", "parked") and not _reason(row, undone)]
        self.by_side: dict[str, Verdict] = {}
        for side in made.everybody:
            mine = Counter(row["case"] for row in undone if row["destination"] == side.name)
            self.by_side[side.name] = judge(facts, side.reading, side.book(), mine)
        self.stale = [*made.unread(), *made.app.stale()]

    def wrong(self) -> dict[str, list[str]]:
        """Everything that is wrong when there is calm, by its kind."""
        verdicts = self.by_side.values()
        return {
            "lost": [each for verdict in verdicts for each in verdict.lost],
            "duplicated": [*twice(self.facts), *(each for verdict in verdicts for each in verdict.duplicated)],
            "reordered": [each for verdict in verdicts for each in verdict.reordered],
            "stale": self.stale,
        }


def _reason(row: Any, undone: list[Any]) -> bool:
    """A step says itself why it is undelivered, or waits behind one of its case that does."""
    return any(other["why"] and other["detail"] for other in undone if other["case"] == row["case"])


def _figures(storm: Storm, before: Judged, after: Judged) -> dict[str, Any]:
    wrong = after.wrong()
    wrong["lost"] += [f"{row['destination']} has no {row['step']}, nobody says why" for row in before.silent]
    met = storm.town.linked.rows("SELECT outcome, count(*) AS n FROM delivery_attempts GROUP BY 1 ORDER BY 1")
    delivered = storm.town.linked.rows("SELECT count(*) AS n FROM deliveries WHERE done_at IS NOT NULL")
    told = sum(len(side.book().told) for side in storm.town.everybody)
    said = sum(len(side.book().said) for side in storm.town.everybody)
    return {
        "faults": dict(sorted(storm.happened.items())),
        "kills": sum(count for what, count in storm.happened.items() if "killed" in what),
        "claims": storm.load.claims + said,
        "cases": sum(map(len, storm.load.cases.values())) + storm.town.app.reports,
        "facts": len(after.facts),
        "delivered": delivered[0]["n"],
        "told": told,
        "said": said,
        "attempts": {row["outcome"]: row["n"] for row in met},
        "undelivered": {"in the storm": dict(before.reasons), "replayed": storm.replayed, "left": dict(after.reasons)},
        **{kind: len(found) for kind, found in wrong.items()},
        "examples": {kind: found[:EXAMPLES] for kind, found in wrong.items() if found},
    }


@contextmanager
def servers_in(folder: Path) -> Iterator[Servers]:
    """A Kafka and a PostgreSQL for a storm alone."""
    kafka, postgres = EmbeddedKafka(folder / "kafka"), EmbeddedPostgres(folder / "postgres", fsync=False)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda server: server.__enter__(), (kafka, postgres)))
        try:
            yield Servers(KafkaSettings(kafka.bootstrap), HubSettings(namespace=NAMESPACE, partitions=2), postgres.dsn)
        finally:
            list(pool.map(lambda server: server.stop(), (kafka, postgres)))
