"""The judge of a campaign: what producers were told, what Kafka holds, what a reader saw on the way, what views say.

    python -m tests.faults.witness FOLDER BOOTSTRAP DSN NAMESPACE

A program of its own that knows nothing of the hub but its contract: kafka-python, fastavro with the schemas as
released, plain SQL. Prints a verdict as JSON. What it looks for:

lost        a claim that was acknowledged, or stands in Kafka, without a fact or dead letter; a missing fact number
duplicated  a fact id, a fact number, a dead letter or a whole decision that stands there twice
reordered   facts of a subject or a partition that do not stand in the order of their claims
stale       a fact that a reader saw and that is not there any more; a row that is not the fold of the facts
misjudged   a good claim as dead letter, rubbish as a fact, a fact that names a claim that says something else
"""

from __future__ import annotations

import json
import struct
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

from tests.faults import journal
from tests.faults.journal import Acknowledged, Sighting
from tests.faults.reading import decode, records
from tests.faults.retelling import Tables, as_found, differences

KINDS = ("lost", "duplicated", "reordered", "stale", "misjudged")
EXAMPLES = 5

_POSITION = struct.Struct(">IQHh")
"""Of a fact's header: epoch, offset of its claim, number of facts of that claim, index of this one."""

Place = tuple[int, int]
"""Partition and offset."""
Content = tuple[str, bytes]
"""Claim id and SHA-256 of the claim's bytes."""


class Witness:
    """Collects what there is, then judges. Records are those of kafka-python, each partition in order."""

    def __init__(self) -> None:
        self.wrong: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self.tables = Tables()
        self.facts = 0
        self._claims: dict[Place, Content] = {}
        self._answers: dict[Content, set[Place]] = defaultdict(set)
        self._dead: Counter[Place] = Counter()
        self._digests: dict[Place, bytes] = {}
        self._ids: set[str] = set()
        self._numbers: dict[str, list[int]] = defaultdict(list)
        self._homes: dict[str, int] = {}
        self._indexes: dict[Place, tuple[int, set[int]]] = {}
        self._last: dict[int, tuple[tuple[int, int], Any]] = {}

    # ------------------------------------------------------------ what Kafka holds

    def see_claim(self, record: Any) -> None:
        """A record of claims: a claim or anything else."""
        value = record.value or b""
        try:
            claim_id = str(decode(value)[1]["meta"]["claim_id"])
        except Exception:  # noqa: BLE001 rubbish may break a decoder in any way
            claim_id = ""
        self._claims[record.partition, record.offset] = (claim_id, sha256(value).digest())

    def see_dead_letter(self, record: Any) -> None:
        """A record of dead letters."""
        told = dict(record.headers)
        at = int(told["__connect.errors.partition"]), int(told["__connect.errors.offset"])
        self._dead[at] += 1

    def see_fact(self, record: Any) -> None:
        """A committed record of facts."""
        self.facts += 1
        name, event = decode(record.value)
        self._digests[record.partition, record.offset] = sha256(record.value).digest()
        _, claim_offset, count, index = _POSITION.unpack(dict(record.headers)["position"])
        meta, origin = event["meta"], (record.partition, claim_offset)
        subject = str(meta["subject"]["id"])
        self._see_id(str(meta["fact_id"]), record)
        self._see_place(subject, record, origin, index, meta)
        self._numbers[subject].append(meta["seq"])
        content = (str(meta["claim_id"]), meta["claim_digest"])
        self._answers[content].add(origin)
        self._indexes.setdefault(origin, (count, set()))[1].add(index)
        if self._claims.get(origin) != content:
            self._accuse("misjudged", f"fact at {_at(record)} names a claim that does not stand at {origin}")
        self.tables.tell(record.partition, record.offset, name, event)

    def _see_id(self, fact_id: str, record: Any) -> None:
        if fact_id in self._ids:
            self._accuse("duplicated", f"fact {fact_id} stands again at {_at(record)}")
        self._ids.add(fact_id)

    def _see_place(self, subject: str, record: Any, origin: Place, index: int, meta: dict[str, Any]) -> None:
        """Order within the partition, which is that of its claims, and of what was recorded when."""
        p = record.partition
        here = (origin[1], index)
        before, recorded_at = self._last.get(p, ((-1, -1), None))
        if here <= before or (recorded_at is not None and meta["recorded_at"] <= recorded_at):
            self._accuse("reordered", f"fact at {_at(record)} from claim {here} stands behind one from {before}")
        self._last[p] = (max(here, before), meta["recorded_at"])
        if record.key != subject.encode() or self._homes.setdefault(subject, p) != p:
            self._accuse("reordered", f"fact at {_at(record)} does not stand where its subject {subject} lives")

    def _accuse(self, kind: str, what: str) -> None:
        self.wrong[kind].append(what)

    # ------------------------------------------------------------ judging

    def judge_acknowledged(self, told: Iterable[Acknowledged]) -> Counter[str]:
        """What producers were told must stand there; how many records of each kind."""
        count: Counter[str] = Counter()
        for one in told:
            count[one.kind] += 1
            at = (one.partition, one.offset)
            if self._claims.get(at, ("", b""))[1] != one.digest:
                self._accuse("lost", f"the {one.kind} acknowledged at {at} does not stand there")
            if one.kind == "poison" and at in self._indexes:
                self._accuse("misjudged", f"the poison at {at} has led to a fact")
            if one.kind != "poison" and at in self._dead:
                self._accuse("misjudged", f"the {one.kind} at {at} has become a dead letter")
        return count

    def judge_claims(self) -> None:
        """Every record of claims has led to something, once and wholly."""
        for at, content in self._claims.items():
            if at not in self._dead and content not in self._answers:
                self._accuse("lost", f"the claim at {at} has led to nothing")
        for content, origins in self._answers.items():
            if len(origins) > 1:
                self._accuse("duplicated", f"claim {content[0]} was decided at {sorted(origins)}")
        for at, n in self._dead.items():
            if n > 1:
                self._accuse("duplicated", f"the claim at {at} has {n} dead letters")
        for at, (count, indexes) in self._indexes.items():
            if indexes != set(range(count)):
                self._accuse("lost", f"of the {count} facts of the claim at {at} only {sorted(indexes)} are there")

    def judge_numbers(self) -> None:
        """Facts of a subject are numbered 1, 2, 3 …, each once, in this order."""
        for subject, numbers in self._numbers.items():
            for number, n in Counter(numbers).items():
                if n > 1:
                    self._accuse("duplicated", f"subject {subject} has {n} facts with number {number}")
            if missing := set(range(1, max(numbers) + 1)) - set(numbers):
                self._accuse("lost", f"subject {subject} has no facts with the numbers {sorted(missing)}")
            if numbers != sorted(numbers):
                self._accuse("reordered", f"facts of subject {subject} stand in the order {numbers}")

    def judge_sightings(self, seen: Iterable[Sighting]) -> None:
        """What a reader of committed facts has seen on the way is there still, and it has seen it once."""
        count: Counter[Place] = Counter()
        for one in seen:
            at = (one.partition, one.offset)
            count[at] += 1
            if self._digests.get(at, b"")[: journal.HEAD] != one.head:
                self._accuse("stale", f"a reader saw another fact at {at} than stands there")
        for at, n in count.items():
            if n > 1:
                self._accuse("duplicated", f"a reader saw the fact at {at} {n} times")
        for at in self._digests.keys() - count.keys():
            self._accuse("lost", f"a reader never saw the fact at {at}")

    def judge_views(self, found: Tables, broken: Iterable[str]) -> None:
        """The tables say what the facts say."""
        for what in differences(self.tables, found):
            self._accuse("stale", what)
        for subject in broken:
            self._accuse("stale", f"the views have given up on {subject}")

    def verdict(self, count: Counter[str]) -> dict[str, Any]:
        """Figures, and examples of what is wrong."""
        return {
            "claims": count["claim"],
            "repeated": count["again"],
            "poison": count["poison"],
            "facts": self.facts,
            "cases": len(self._numbers),
            "refused": len(self.tables.refusals),
            "dead_letters": len(self._dead),
            **{kind: len(self.wrong[kind]) for kind in KINDS},
            "examples": {kind: found[:EXAMPLES] for kind, found in self.wrong.items() if found},
        }


def _at(record: Any) -> Place:
    return record.partition, record.offset


def judge(folder: Path, bootstrap: str, dsn: str, namespace: str) -> dict[str, Any]:
    """The verdict on a hub at rest."""
    witness = Witness()
    for topic, see in (
        ("claims", witness.see_claim),
        ("deadletters", witness.see_dead_letter),
        ("facts", witness.see_fact),
    ):
        for record in records(bootstrap, f"{namespace}.{topic}"):
            see(record)
    count = witness.judge_acknowledged(journal.read_acknowledged(folder))
    witness.judge_claims()
    witness.judge_numbers()
    witness.judge_sightings(journal.read_sightings(folder))
    with psycopg.connect(dsn, options=f"-c search_path={namespace.replace('-', '_')} -c timezone=UTC") as connection:
        broken = connection.execute("SELECT jsonb_object_keys(broken) FROM partitions").fetchall()
        witness.judge_views(as_found(connection), [subject for (subject,) in broken])
    return witness.verdict(count)


def main() -> None:
    """Entry point."""
    folder, bootstrap, dsn, namespace = sys.argv[1:]
    print(json.dumps(judge(Path(folder), bootstrap, dsn, namespace)))


if __name__ == "__main__":
    main()
