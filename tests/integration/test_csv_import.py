"""Importing CSV files into a real Kafka through a real PostgreSQL: each claim once, in order, whatever happens."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from kafka import KafkaConsumer, TopicPartition
from prometheus_client import CollectorRegistry

from connectors.contract import BadFile, Refused
from connectors.csvfile.mapping import Mapping, parse
from connectors.metrics import ConnectorMetrics
from connectors.runner import ImportResult, Outlets, import_file
from connectors.store import opened
from connectors.tables import claim_store, connector_dead_letters, positions
from ops.database import engine, migrate
from ops.provision import provision
from ops.vault import Vault, open_vault
from schemas import codec
from schemas.events import ClaimMeta, Report, SelfHandle
from schemas.wire import sealing
from schemas.wire.clients import consumer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import T0
from tests.csv_samples import (
    CITY_TOML,
    MONTH,
    NYC,
    PHONE,
    TEXT,
    city,
    city_file,
    drafts,
    long_text,
    month,
    nyc,
    nyc_lines,
    written,
)


class Hub:
    """A hub of its own: topics, schema, vault; and what came to stand on its claims topic."""

    def __init__(self, kafka: KafkaSettings, dsn: str, settings: HubSettings, folder: Path) -> None:
        provision(kafka, settings, T0)
        migrate(dsn, settings.sql_schema)
        self.kafka = kafka
        self.topic = settings.topic("claims")
        self.engine = engine(dsn, settings.sql_schema)
        self.vault: Vault = open_vault(self.engine, folder / "vault.key")
        self.registry = CollectorRegistry()
        self.metrics = ConnectorMetrics(self.registry)

    def bring_in(self, path: Path, made: Mapping, *, skip_bad_rows: bool = False) -> ImportResult:
        out = Outlets(self.engine, self.vault, self.kafka, self.topic, self.metrics)
        return import_file(path, made, out, skip_bad_rows=skip_bad_rows)

    def records(self) -> list[tuple[int, bytes, bytes]]:
        """(partition, key, value) of every claim, in the order of each partition."""
        consumer = KafkaConsumer(**consumer_arguments(self.kafka))
        parts = [TopicPartition(self.topic, p) for p in sorted(consumer.partitions_for_topic(self.topic))]
        consumer.assign(parts)
        ends = consumer.end_offsets(parts)
        consumer.seek_to_beginning()
        found: list[tuple[int, bytes, bytes]] = []
        while any(consumer.position(part) < ends[part] for part in parts):
            for part, records in consumer.poll(500).items():
                found += [(part.partition, record.key, record.value) for record in records]
        consumer.close()
        return found

    def counted(self, name: str, connector: str) -> float | None:
        return self.registry.get_sample_value(f"threecross_connector_{name}_total", {"connector": connector})


@pytest.fixture
def hub(kafka_settings: KafkaSettings, dsn: str, hub_settings: HubSettings, tmp_path: Path) -> Iterator[Hub]:
    made = Hub(kafka_settings, dsn, hub_settings, tmp_path)
    yield made
    made.engine.dispose()


def test_the_extract_arrives_once_and_in_the_order_of_each_case(hub: Hub) -> None:
    result = hub.bring_in(NYC, nyc())
    assert (result.rows, result.claims, result.sent, result.already_known) == (1000, 4472, 4472, 0)
    by_case: dict[bytes, list[str]] = defaultdict(list)
    for _, key, value in hub.records():
        meta, body = codec.decode(value)
        assert key == meta.subject.id.encode()
        by_case[key].append(type(body).__name__)
    loop = ["Report", "File", "Dispatch", "Commit", "Close"]
    assert all(found == [name for name in loop if name in found] for found in by_case.values())
    assert Counter(len(found) for found in by_case.values())[5] == 479
    assert hub.counted("claims_sent", "nyc311") == hub.counted("claims_acknowledged", "nyc311") == 4472


def test_a_case_lies_on_one_partition_and_cases_on_all(hub: Hub) -> None:
    hub.bring_in(NYC, nyc())
    where: dict[bytes, set[int]] = defaultdict(set)
    for partition, key, _ in hub.records():
        where[key].add(partition)
    assert len(where) == 1000
    assert {len(partitions) for partitions in where.values()} == {1}
    assert set.union(*where.values()) == {0, 1}


def test_importing_again_sends_nothing(hub: Hub) -> None:
    first = hub.bring_in(NYC, nyc())
    before = hub.records()
    again = hub.bring_in(NYC, nyc())
    assert (again.rows, again.claims, again.sent, again.already_known) == (1000, first.claims, 0, first.claims)
    assert hub.records() == before


def test_the_same_rows_in_another_order_send_nothing(hub: Hub, tmp_path: Path) -> None:
    hub.bring_in(NYC, nyc())
    header, *lines = nyc_lines()
    again = hub.bring_in(written(tmp_path, [header, *reversed(lines)]), nyc())
    assert (again.rows, again.sent, again.already_known) == (1000, 0, 4472)


def test_a_row_that_was_closed_since_sends_one_claim(hub: Hub, tmp_path: Path) -> None:
    header, line, *rest = nyc_lines()
    fields = line.split(",")
    fields[2], fields[6] = "", "Open"
    hub.bring_in(written(tmp_path, [header, ",".join(fields), *rest]), nyc())
    assert hub.bring_in(NYC, nyc()).sent == 1


def test_the_month_arrives_with_its_texts_and_evidence_in_the_vault(hub: Hub) -> None:
    result = hub.bring_in(MONTH, month())
    assert (result.rows, result.sent) == (1257, 1257)
    bodies = [codec.decode(value)[1] for _, _, value in hub.records()]
    settled = [body for body in bodies if isinstance(body, SelfHandle)]
    assert len(settled) == 335
    assert {len(body.evidence) for body in settled} == {1}
    assert {body.evidence[0].media_type for body in settled} == {"image/svg+xml"}
    first = settled[0]
    assert first.text is not None
    assert hub.vault.get(first.text, who="test", role="dispatcher", purpose="dispatch")


def test_another_citys_text_and_phone_are_in_the_vault_and_nowhere_else(hub: Hub, tmp_path: Path) -> None:
    hub.bring_in(city_file(tmp_path), city())
    records = hub.records()
    raw = b"".join(value for _, _, value in records)
    for secret in (TEXT, PHONE):
        assert secret.encode() not in raw
        assert secret.encode("gb18030") not in raw
    reports = [body for _, _, value in records for body in codec.decode(value)[1:] if isinstance(body, Report)]
    assert len(reports) == 3
    reporters = Counter(body.reporter for body in reports)
    assert sorted(reporters.values()) == [1, 2]  # two reports came from the same phone, one from nobody
    assert reporters[None] == 1
    texts = [body.text for body in reports if body.text is not None]
    seen = {hub.vault.get(text, who="test", role="dispatcher", purpose="dispatch") for text in texts}
    assert TEXT in seen
    with hub.engine.connect() as c:
        stored = b"".join(c.scalars(sa.select(claim_store.c.value)))
        assert PHONE.encode() not in stored


def test_a_personal_number_is_replaced_by_its_alias(hub: Hub, tmp_path: Path) -> None:
    toml = CITY_TOML.replace('number_column = "工单号"', 'number_column = "工单号"\npersonal = true')
    made = parse("city12345", toml.encode())
    hub.bring_in(city_file(tmp_path), made)
    metas = [codec.decode_meta(value) for _, _, value in hub.records()]
    assert len({meta.source.number for meta in metas}) == 3
    assert not any("A-" in meta.source.number for meta in metas)
    assert hub.bring_in(city_file(tmp_path), made).sent == 0


BAD = {
    "a wrong header": lambda lines: [lines[0].replace("Closed Date", "Date Closed"), *lines[1:]],
    "a bad date in row 317": lambda lines: [*lines[:316], lines[316].replace("/201", "/20x"), *lines[317:]],
    "a half-written last line": lambda lines: [*lines, '1,"06/26/2018'],
    "two contents of one number": lambda lines: [*lines, lines[1].replace(",Closed,", ",Open,")],
    "a field of 2 MB": lambda lines: [*lines[:2], lines[2].replace("DOF Property", "x" * 2_000_000), *lines[3:]],
}


@pytest.mark.parametrize("fault", BAD)
def test_of_a_bad_file_nothing_is_sent_and_nothing_is_stored(hub: Hub, tmp_path: Path, fault: str) -> None:
    with pytest.raises(BadFile, match="Nothing was sent"):
        hub.bring_in(written(tmp_path, BAD[fault](nyc_lines())), nyc())
    assert hub.records() == []
    with hub.engine.connect() as c:
        for table in (claim_store, positions, connector_dead_letters):
            assert c.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_a_free_text_of_two_megabytes_is_left_out_whole_and_the_others_go_on(hub: Hub, tmp_path: Path) -> None:
    toml, lines = long_text(100_000)
    path, made = written(tmp_path, lines, encoding="gb18030"), parse("city12345", toml.encode())
    with pytest.raises(BadFile, match=r"line 3: holds a free text of 2,100,006 bytes.* Nothing was sent"):
        hub.bring_in(path, made)
    assert hub.records() == []
    result = hub.bring_in(path, made, skip_bad_rows=True)
    assert (result.rows, result.sent, result.refused_rows) == (3, 6, 1)
    with hub.engine.connect() as c:
        sealed = c.scalars(sa.select(connector_dead_letters.c.sealed)).one()
    opened_letter = hub.vault.open_dead_letter(sealed, who="test", role="operator", purpose="repair")
    assert opened_letter.decode("gb18030") == lines[2] + "\n"


def test_a_refused_file_is_brought_in_when_it_is_corrected(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(BadFile):
        hub.bring_in(written(tmp_path, BAD["a bad date in row 317"](nyc_lines())), nyc())
    assert hub.bring_in(written(tmp_path, nyc_lines()), nyc()).sent == 4472


def test_undeclared_gb18030_is_refused_before_anything_is_sent(hub: Hub, tmp_path: Path) -> None:
    lines = [line.replace("BROOKLYN", "布鲁克林") for line in nyc_lines()]
    with pytest.raises(BadFile, match="is not UTF-8"):
        hub.bring_in(written(tmp_path, lines, encoding="gb18030"), nyc())
    assert hub.records() == []


def test_a_byte_order_mark_changes_nothing(hub: Hub, tmp_path: Path) -> None:
    hub.bring_in(NYC, nyc())
    assert hub.bring_in(written(tmp_path, nyc_lines(), encoding="utf-8-sig"), nyc()).sent == 0


def test_bad_rows_can_be_left_out_and_lie_sealed_in_the_dead_letters(hub: Hub, tmp_path: Path) -> None:
    lines = nyc_lines()
    bad = lines[316].replace("/201", "/20x")
    path = written(tmp_path, [*lines[:316], bad, *lines[317:], "1,2,3"])
    for _ in range(2):  # the second time adds none
        result = hub.bring_in(path, nyc(), skip_bad_rows=True)
        with hub.engine.connect() as c:
            letters = c.execute(sa.select(connector_dead_letters).order_by(sa.text("detail"))).all()
        assert len(letters) == 2
        assert (result.rows, result.refused_rows) == (1001, 2)
    assert hub.counted("refused_rows", "nyc311") == 2
    assert "line 1002: has 3 fields" in letters[0].detail
    assert 'line 317, column "Created Date": a value that is not a time' in letters[1].detail
    assert sealing.sealed_for(letters[1].sealed) == sealing.key_id(hub.vault.dead_letter_public_key())
    opened_letter = hub.vault.open_dead_letter(letters[1].sealed, who="test", role="operator", purpose="repair")
    assert opened_letter.decode() == bad + "\n"


def test_what_was_stored_and_not_acknowledged_is_sent_first_in_the_same_bytes(hub: Hub) -> None:
    hub.bring_in(NYC, nyc())
    before = hub.records()
    with hub.engine.begin() as c:  # as if it had been killed before Kafka's answer to the second half
        middle = c.scalar(sa.select(sa.func.percentile_disc(0.5).within_group(claim_store.c.number)))
        c.execute(sa.update(positions).values(acknowledged=middle, position={}))
    again = hub.bring_in(NYC, nyc())
    assert (again.resent, again.sent, again.already_known) == (2236, 0, 4472)
    after = hub.records()
    assert sum((Counter(after) - Counter(before)).values()) == 2236
    assert set(after) == set(before)


def test_one_connector_is_imported_by_one_process_at_a_time(hub: Hub) -> None:
    with opened(hub.engine, "nyc311"), pytest.raises(Refused, match="nyc311 is being imported by another process"):
        hub.bring_in(NYC, nyc())
    assert hub.bring_in(NYC, nyc()).sent == 4472


def test_kafka_that_is_not_there_is_one_sentence(hub: Hub, free_port: int) -> None:
    hub.kafka = KafkaSettings(f"127.0.0.1:{free_port}")
    with pytest.raises(Refused, match=r"cannot be reached at 127\.0\.0\.1") as told:
        hub.bring_in(NYC, nyc())
    assert "\n" not in str(told.value)


def test_a_topic_that_is_not_there_is_one_sentence(hub: Hub) -> None:
    hub.topic += "-elsewhere"
    with pytest.raises(Refused, match="start the hub, it makes its topics"):
        hub.bring_in(NYC, nyc())


def test_progress_is_told_to_the_end(hub: Hub) -> None:
    told: list[tuple[int, int]] = []
    out = Outlets(hub.engine, hub.vault, hub.kafka, hub.topic, hub.metrics)
    import_file(NYC, nyc(), out, progress=lambda done, total: told.append((done, total)))
    assert told == [(1000, 1000)]


def test_what_is_on_kafka_is_what_translation_says(hub: Hub) -> None:
    hub.bring_in(NYC, nyc())
    on_kafka = {}
    for _, _, value in hub.records():
        meta, body = codec.decode(value)
        assert isinstance(meta, ClaimMeta)
        on_kafka[meta.claim_id] = (meta, body)
    assert on_kafka == {draft.meta.claim_id: (draft.meta, draft.body) for draft in drafts(NYC, nyc())}
