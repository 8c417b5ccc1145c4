"""An import that is killed with kill -9, again and again, and then ends: every claim is there, in its first bytes."""

import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from random import Random

from connectors.csvfile.mapping import load
from schemas import codec
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.csv_samples import CITY_CSV, CITY_TOML, drafts
from tests.integration.test_csv_import import Hub

ROWS, KILLS = 8_000, 4


def many_rows(folder: Path) -> Path:
    """A long export of the made-up city: every row has a text and every second one a phone."""
    rows = []
    for n in range(ROWS):
        times = f"2026年11月{n % 28 + 1:02}日 09:{n % 60:02};2026年12月01日 10:00"
        rows.append(f"B-{n};{times};路灯;驿城区;住建局;第{n}盏灯坏了;{13_000_000_000 + n // 2 if n % 2 else ''};")
    path = folder / "many.csv"
    path.write_bytes("\n".join([CITY_CSV.splitlines()[0], *rows, ""]).encode("gb18030"))
    (folder / "city12345.toml").write_text(CITY_TOML, encoding="utf-8")
    return path


def test_four_kills_lose_nothing_and_change_no_byte(
    kafka_settings: KafkaSettings, dsn: str, hub_settings: HubSettings, tmp_path: Path
) -> None:
    hub = Hub(kafka_settings, dsn, hub_settings, tmp_path)
    path, random = many_rows(tmp_path), Random(4)
    command = [
        *(sys.executable, "-m", "tests.integration.import_process"),
        *("--file", str(path), "--mapping", str(tmp_path / "city12345.toml"), "--bootstrap", kafka_settings.bootstrap),
        *(
            "--dsn",
            dsn,
            "--schema",
            hub_settings.sql_schema,
            "--topic",
            hub.topic,
            "--key",
            str(tmp_path / "vault.key"),
        ),
    ]
    for _ in range(KILLS):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert not process.stdout.readline().startswith("done")  # a chunk has been acknowledged, more are to come
            time.sleep(random.uniform(0.0, 0.25))
            process.kill()
    last = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    wanted = {
        draft.meta.claim_id: draft.meta.subject.id for draft in drafts(path, load(str(tmp_path / "city12345.toml")))
    }
    assert int(last[last.index("done") + 1]) == len(wanted) == 4 * ROWS
    assert_complete(hub, wanted)
    assert hub.bring_in(path, load(str(tmp_path / "city12345.toml"))).sent == 0
    hub.engine.dispose()


def assert_complete(hub: Hub, wanted: dict[str, str]) -> None:
    """Every claim is on Kafka, always with the same bytes; first occurrences stand in the order of translation."""
    bytes_of: dict[str, set[bytes]] = defaultdict(set)
    order: dict[str, list[str]] = defaultdict(list)
    for _, key, value in hub.records():
        claim_id = codec.decode_meta(value).claim_id
        if claim_id not in bytes_of:
            order[key.decode()].append(claim_id)
        bytes_of[claim_id].add(value)
    expected: dict[str, list[str]] = defaultdict(list)
    for claim_id, subject in wanted.items():
        expected[subject].append(claim_id)
    assert order == expected
    assert {len(values) for values in bytes_of.values()} == {1}
