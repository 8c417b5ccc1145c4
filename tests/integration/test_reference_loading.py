"""Reference data on a real Kafka: a load is a transaction and the next version, whoever else loads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from kafka import KafkaProducer

import ops.demo
from ops.demo.places.grids import YICHENG, write
from ops.embedded.problem import ServerProblem
from ops.provision import provision
from ops.reference import documents, loading
from ops.reference.documents import Document
from ops.reference.loading import By, Outcome, load
from ops.reference.stored import stored
from schemas.codec import encode_hub
from schemas.events import Grid, Organisation, ScoredPart
from schemas.wire.clients import loader_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.core import standards
from streams.core.reference import BadLoad, Reference
from streams.runtime.reference import ReferenceReader
from tests.builders import T0
from tests.command_line import Run, runner
from tests.reference_samples import DAY, org

BY = By("centre", "steward")


class Loader:
    """A hub with its topics, and what loads into it."""

    def __init__(self, kafka: KafkaSettings, hub: HubSettings) -> None:
        self.kafka, self.hub = kafka, hub
        provision(kafka, hub, T0)

    def load(self, *documents: Document, now: int = T0) -> list[Outcome]:
        return load(self.kafka, self.hub, documents, BY, now)

    def stored(self) -> Reference:
        return stored(self.kafka, self.hub)


@pytest.fixture
def loader(kafka_settings: KafkaSettings, hub_settings: HubSettings) -> Loader:
    return Loader(kafka_settings, hub_settings)


def orgs(*codes: str, name: str = "yicheng", valid_from: int | None = None) -> Document:
    return Document("organisations", name, tuple(org(code) for code in codes), valid_from=valid_from)


def versions(outcomes: Sequence[Outcome]) -> list[tuple[int, bool]]:
    return [(one.version, one.new) for one in outcomes]


def test_each_document_is_the_next_version_and_again_changes_nothing(loader: Loader) -> None:
    first, second = orgs("a"), orgs("b", name="zhongyuan")
    assert versions(loader.load(first, second)) == [(1, True), (2, True)]
    assert versions(loader.load(second, first, now=T0 + DAY)) == [(2, False), (1, False)]
    assert versions(loader.load(orgs("a", "c"), now=T0 + DAY)) == [(3, True)]
    reference = loader.stored()
    assert [one.header.version for one in reference.loads] == [1, 2, 3]
    assert [item.code for item in reference.in_force(T0).items(Organisation)] == ["a", "b"]
    assert [item.code for item in reference.in_force(T0 + DAY).items(Organisation)] == ["a", "c", "b"]


def test_another_day_for_the_same_words_is_a_load(loader: Loader) -> None:
    loader.load(orgs("a", valid_from=T0))
    assert versions(loader.load(orgs("a", valid_from=T0))) == [(1, False)]
    assert versions(loader.load(orgs("a", valid_from=T0 - DAY))) == [(2, True)]


def test_two_at_once_never_both_write_a_version(loader: Loader) -> None:
    def attempt(n: int) -> str:
        try:
            loader.load(orgs(f"o{n}", name=f"d{n}"))
        except ServerProblem as problem:
            return str(problem)
        return ""

    with ThreadPoolExecutor(4) as pool:
        refused = [sentence for sentence in pool.map(attempt, range(4)) if sentence]
    assert all(sentence.startswith("Somebody else has begun to load") for sentence in refused)
    held = loader.stored()
    assert held.version == 4 - len(refused) >= 1
    assert [one.header.version for one in held.loads] == list(range(1, held.version + 1))


def test_a_loader_that_was_overtaken_is_refused_and_leaves_nothing(loader: Loader) -> None:
    slow = KafkaProducer(**loader_arguments(loader.kafka, loader.hub.group(loading.LOADER)))
    slow.init_transactions()
    slow.begin_transaction()
    slow.send(loader.hub.topic("reference"), value=encode_hub(org("half")), partition=0)
    slow.flush()
    assert versions(loader.load(orgs("a"))) == [(1, True)]
    with pytest.raises(Exception, match=r"Epoch|Fenced|epoch|fenced"):
        slow.commit_transaction()
    slow.close(timeout=1)
    assert loader.stored().version == 1


def test_an_item_that_no_record_can_hold_is_refused_before_anything_is_written(loader: Loader) -> None:
    large = ScoredPart("department", 1, "power", "disposal", 40, 0, 30_000, 0, against=("x" * 36,) * 30_000)
    with pytest.raises(ServerProblem, match="too large for a record"):
        loader.load(orgs("a"), Document("evaluations", "2026-10", (large,)), orgs("b", name="other"))
    assert [load.header.kind for load in loader.stored().loads] == ["organisations"]
    assert versions(loader.load(orgs("b", name="other"))) == [(2, True)]


def test_a_reader_reads_all_before_it_is_ready_and_waits_for_what_it_has_not_read(loader: Loader) -> None:
    loader.load(orgs("a"))

    async def read() -> list[int]:
        reader = ReferenceReader(loader.kafka, loader.hub)
        await reader.start()
        seen = [reader.reference.version]
        waiting = asyncio.create_task(reader.wait_for(2))
        await asyncio.sleep(0)
        assert not waiting.done()
        await asyncio.to_thread(loader.load, orgs("b"))
        seen.append((await waiting).version)
        await asyncio.to_thread(loader.load, orgs("c"))
        seen.append((await reader.catch_up()).version)
        await reader.stop()
        return seen

    assert asyncio.run(read()) == [1, 2, 3]


def test_a_reader_never_skips_what_it_cannot_read(loader: Loader) -> None:
    producer = KafkaProducer(**loader_arguments(loader.kafka, loader.hub.group(loading.LOADER)))
    producer.init_transactions()

    async def read() -> tuple[list[BaseException], int]:
        told: list[BaseException] = []
        reader = ReferenceReader(loader.kafka, loader.hub, told.append)
        await reader.start()
        producer.begin_transaction()
        producer.send(loader.hub.topic("reference"), value=encode_hub(org("stray")), partition=0)
        producer.commit_transaction()
        with pytest.raises(BadLoad):
            await reader.wait_for(1)
        await reader.stop()
        return told, reader.reference.version

    told, version = asyncio.run(read())
    producer.close()
    assert ([type(one) for one in told], version) == ([BadLoad], 0)
    with pytest.raises(ServerProblem, match="where a Load should begin"):
        loader.stored()


@pytest.fixture
def threecross(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, loader: Loader) -> Iterator[Run]:
    """Runs `threecross reference …` on the loader's hub."""
    where = ("--bootstrap", loader.kafka.bootstrap, "--namespace", loader.hub.namespace)
    with runner(capsys, monkeypatch) as run:
        yield lambda *words: run("reference", *words, *where)


def test_a_district_is_checked_compared_loaded_and_shown(threecross: Run, tmp_path: Path) -> None:
    write(YICHENG, tmp_path)
    assert threecross("check", tmp_path, "--json").json == {"documents": 2, "items": 11_562, "wrong": []}
    assert len(threecross("diff", tmp_path, "--json").json["changes"]) == 11_562
    loaded = threecross("load", tmp_path, "--json").json["loaded"]
    assert [(one["kind"], one["items"], one["version"], one["new"]) for one in loaded] == [
        ("grids", 2_900, 1, True),
        ("posts", 8_662, 2, True),
    ]
    assert {one["new"] for one in threecross("load", tmp_path, "--json").json["loaded"]} == {False}
    assert "Nothing would change" in threecross("diff", tmp_path).out
    shown = threecross("show", "grids", "yicheng", "--json").json["documents"][0]
    assert len(shown["items"]) == 2_900
    assert threecross("show", "grids", "--as-of", "2025-12-31", "--json").json["documents"] == []
    assert threecross("show", "posts", "--version", "1", "--json").json["documents"] == []
    assert "2 " in threecross("show").out
    (found,) = threecross("where", 113.9502, 32.8671, "--system", "GCJ-02", "--json").json["grids"]
    assert found["code"].startswith("411702")
    assert found["workers"]
    assert (
        threecross("where", 113.9502, 32.8671, "--system", "WGS-84", "--json").json["grids"][0]["code"] != found["code"]
    )
    assert threecross("where", 0, 0).code == 1
    assert threecross("where", 0, 0, "--system", "Mars").code == 2


def test_where_one_document_is_wrong_nothing_is_loaded(threecross: Run, tmp_path: Path, loader: Loader) -> None:
    head = 'kind = "{kind}"\nname = "x"\nitems = [\n{items}\n]\n'
    good = head.format(kind="organisations", items='{ code = "a", name = "甲", kind = "street" },')
    (tmp_path / "a.toml").write_text(good, "utf-8")
    (tmp_path / "b.toml").write_text(head.format(kind="fallbacks", items='{ org = "nobody" },'), "utf-8")
    refused = threecross("load", tmp_path)
    assert (refused.code, refused.out) == (1, "b.toml, line 4: there is no organisation nobody\n")
    (tmp_path / "b.toml").write_text(head.format(kind="fallbacks", items="{ unit = 1 },"), "utf-8")
    refused = threecross("load", tmp_path)
    assert refused.code == 1
    assert refused.out.startswith("b.toml, line 4, key unit: is not known here")
    assert loader.stored().version == 0
    assert threecross("show", "horoscopes").code == 2
    assert threecross("show", "grids", "--version", "7").err.startswith("Version 7 of the reference has not been read")


def test_what_is_loaded_comes_back_as_it_was(loader: Loader) -> None:
    grid = Grid(code="g", scheme="yc", kind="dedicated", level="micro_grid", name="春晓街市场")
    loader.load(Document("grids", "yicheng", (grid,), edition="2026"))
    (load,) = loader.stored().loads
    assert load.items == (grid,)
    assert (load.header.edition, load.header.org, load.header.items) == ("2026", "centre", 1)


def test_a_workbook_of_filing_conditions_is_loaded_as_a_version_and_again_changes_nothing(loader: Loader) -> None:
    document = documents.read(Path(ops.demo.__file__).parent / "standards.xlsx")
    assert versions(loader.load(document)) == [(1, True)]
    assert versions(loader.load(document)) == [(1, False)]
    (standard,) = standards.known(loader.stored().in_force(1 << 62)).values()
    assert (standard.name, len(standard.conditions)) == ("zhongyuan-standard 2026.1", 70)
    assert [standards.condition_of(item) for item in document.items] == list(standard.conditions.values())
