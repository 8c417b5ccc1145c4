"""No name, phone or free text leaves the vault, whatever inlet it came through and whatever went wrong with it.

One hub with its own servers, real processes: words are planted at every inlet, everything that it wrote is searched.
What a Kafka client itself puts into `claims` stands there and nowhere else; the dead letters of it are sealed.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer
from sqlalchemy import Engine

from ops import deadletters
from ops.database import engine
from ops.embedded.datadir import DataDir
from ops.lag import waiting
from ops.provision import read_epoch
from ops.queries import next_offsets
from ops.vault import TooLarge, Vault, open_vault
from schemas.wire.clients import producer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import claim, report
from tests.integration import haystacks, planted
from tests.integration.haystacks import Haystack, Search
from tests.integration.planted import ADDRESS, BAD_ROWS, DESK, NAME, NEEDLES, STORY, SYSTEM, Rubbish, phone, words
from tests.integration.up import ROOT, Up, environment, up

HUB = HubSettings(partitions=2)
EACH = """
import json, sys
from ops.cli import main
for command in json.loads(sys.argv[1]):
    code = main(command)
    print(f"exit code {code}", end=chr(0), flush=True)
"""


@dataclass
class Hub:
    """A running hub, its vault; what was sent past the edge, by place; what commands said that may be seen by all."""

    up: Up
    engine: Engine
    vault: Vault
    kafka: KafkaSettings
    epoch: int
    past_the_edge: set[str] = field(default_factory=set)
    said: list[Haystack] = field(default_factory=list)
    opened: list[Haystack] = field(default_factory=list)

    def threecross(self, *commands: Sequence[object]) -> list[str]:
        """Run commands, one after the other in one process: what each said, errors and exit code included."""
        given = json.dumps([[*map(str, command), "--data-dir", str(self.up.data_dir)] for command in commands])
        done = subprocess.run(
            [sys.executable, "-c", EACH, given],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
            cwd=ROOT,
            env=environment(),
        )
        return done.stdout.split("\0")[:-1]

    def remember(self, source: str, *said: str) -> None:
        """Let it be searched with all else."""
        self.said.append(Haystack(f"output of {source}", "\n".join(said).encode()))

    def open_dead_letters(self) -> None:
        """What is sealed in them, as their operator sees it."""
        with self.engine.connect() as connection:
            letters = deadletters.on_kafka(self.kafka, HUB, lambda _done, _all: None)
            letters += deadletters.of_connectors(connection)
        viewer = {"who": "test", "role": "operator", "purpose": "repair"}
        self.opened += [Haystack(one.id, self.vault.open_dead_letter(one.sealed, **viewer)) for one in letters]

    def settle(self) -> None:
        """Wait until casework and views have nothing left to do."""
        left = None
        while left is None or left.claims + left.facts:
            with self.engine.connect() as connection:
                offsets = next_offsets(connection)
            left = waiting(self.kafka, HUB, self.epoch, offsets)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub at whose inlets everything has been planted, and which has dealt with it."""
    folder = tmp_path_factory.mktemp("privacy")
    with up(folder / "hub", "--partitions", "2") as running:
        told = DataDir(running.data_dir).running()
        assert told is not None
        kafka = KafkaSettings(told.bootstrap)
        epoch = read_epoch(kafka, HUB)
        assert epoch is not None
        bound = engine(told.dsn, HUB.sql_schema)
        made = Hub(running, bound, open_vault(bound, running.data_dir / "vault.key"), kafka, epoch.epoch)
        plant_in_the_vault_and_a_file(made, folder)
        plant_on_kafka(made)
        made.settle()
        yield made
        bound.dispose()


# ------------------------------------------------------------ planting


def plant_in_the_vault_and_a_file(hub: Hub, folder: Path) -> None:
    """Columns with names, phones and text, rows that are wrong; looks with and without permission, at a phone too."""
    mapping, file = folder / "people.toml", folder / "export.csv"
    mapping.write_text(planted.MAPPING, "utf-8")
    (folder / f"{NAME}.txt").write_text(words(0), "utf-8")
    file.write_bytes("\n".join([planted.HEADER, *planted.ROWS, *BAD_ROWS, ""]).encode("gb18030"))
    ref, bring_in, viewer = put(hub), ["import", file, "--mapping", mapping], ["--role", "party", "--purpose"]
    refused, taken, seen, not_allowed, no_reference, looks = hub.threecross(
        bring_in,
        [*bring_in, "--skip-bad-rows"],
        ["vault", "get", ref, *viewer, "disposal"],
        ["vault", "get", ref, *viewer, "audit"],
        ["vault", "get", phone(15), *viewer, "disposal"],
        ["vault", "looks", ref],
    )
    assert "Nothing was sent" in refused
    assert "8 rows · 6 claims · 6 sent · 5 rows into the dead letters" in taken
    assert words(11) in seen
    assert "may not look" in not_allowed
    hub.remember("import", taken)
    hub.remember("vault", not_allowed, no_reference, looks)


def put(hub: Hub) -> str:
    """A person, a text (its reference is returned), a file, a number made from a phone, a text that is too large."""
    person = hub.vault.person("12345", {"name": NAME, "phone": phone(10)})
    hub.vault.put_file(words(12).encode(), "text/plain", person)
    hub.vault.alias("12345", phone(13))
    with pytest.raises(TooLarge) as told:
        hub.vault.put_text(words(14) * 50_000)
    hub.remember("a text that is too large", str(told.value))
    return hub.vault.put_text(words(11), person).ref


def plant_on_kafka(hub: Hub) -> None:
    """What no connector would send: bytes that cannot be read, and claims that are refused."""
    first, topic = claim(report(), number="1"), HUB.topic("claims")
    records = [Rubbish(said.key, said.value) for said in planted.refused_claims()]
    with closing(KafkaProducer(**producer_arguments(hub.kafka))) as producer:
        producer.send(topic, key=first.key, value=first.value).get(30)
        for record in [*records, *planted.unreadable_claims()]:
            sent = producer.send(topic, key=record.key, value=record.value, headers=list(record.headers)).get(30)
            hub.past_the_edge.add(f"topic claims, partition {sent.partition}, offset {sent.offset}")


# ------------------------------------------------------------ searching


@pytest.fixture(scope="module")
def left(hub: Hub) -> list[Haystack]:
    """Everything that the hub has written or says, while it runs and after it has ended."""
    listed, *others = hub.threecross(*([command, "--json"] for command in ("deadletters", "cases", "doctor", "topics")))
    hub.remember("deadletters", listed)
    hub.remember("commands", *others)
    found = [*haystacks.records(hub.kafka, HUB), *haystacks.tables(hub.engine), *haystacks.pages(hub.up.ready["http"])]
    hub.open_dead_letters()
    hub.engine.dispose()
    assert hub.up.stop() == 0
    found.append(Haystack("output of up", hub.up.log.read_bytes()))
    return [*found, *hub.said, *haystacks.files(hub.up.data_dir, unless=lambda path: ".claims-" in path.parent.name)]


def test_what_was_planted_stands_only_where_a_client_wrote_it_past_the_edge(hub: Hub, left: list[Haystack]) -> None:
    found = Search(*NEEDLES)(left)
    assert {where.rpartition(": ")[0] for where in found} == hub.past_the_edge, "\n".join(found)


PUBLIC = {
    "topic claims": ADDRESS,
    "topic facts": ADDRESS,
    "table claim_store": ADDRESS,
    "table cases": SYSTEM,
    "file kafka": ADDRESS,
    "file postgres": ADDRESS,
    "file state": DESK,
    "file log/hub": "process ready",
    "file log/casework": "partition taken over",
    "file log/views": "partition taken over",
    "metrics of casework": "Report.stage",
    "output of deadletters": "key-mismatch",
    "output of commands": SYSTEM,
    "output of up": "ready",
}
"""A public word that stands in each kind of haystack."""


@pytest.mark.parametrize("where", PUBLIC)
def test_the_same_search_finds_what_is_public(where: str, left: list[Haystack]) -> None:
    assert Search(PUBLIC[where])(hay for hay in left if hay.where.startswith(where)), sorted(hay.where for hay in left)


@pytest.mark.usefixtures("left")
def test_every_dead_letter_holds_what_was_planted_in_it(hub: Hub) -> None:
    assert len(hub.opened) == 7 + len(BAD_ROWS)
    assert len(Search(NAME)(hub.opened)) == len(hub.opened)


@pytest.mark.parametrize("code", ["utf-8", "gb18030", "utf-16-le"])
@pytest.mark.parametrize("spell", [bytes, bytes.hex, base64.b64encode, repr])
def test_a_text_is_found_however_it_is_spelt(code: str, spell: Callable[[bytes], Any]) -> None:
    raw = f"… {words(1)} …".encode(code)
    written = spell(raw)
    hay = Haystack("log", written if isinstance(written, bytes) else written.encode())
    assert set(Search(*NEEDLES)([hay])) >= {f"log: {NAME}", f"log: {STORY}"}
