"""The embedded Kafka: a real broker that starts, stops, survives and explains itself."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from ops.embedded import process
from ops.embedded.kafka import EmbeddedKafka
from ops.embedded.problem import ServerProblem
from schemas.wire.clients import admin_arguments, consumer_arguments, producer_arguments
from schemas.wire.settings import KafkaSettings


@pytest.fixture
def own(tmp_path: Path) -> Iterator[EmbeddedKafka]:
    """A Kafka that a test may hurt."""
    server = EmbeddedKafka(tmp_path / "kafka")
    yield server
    server.kill()


def write(server: EmbeddedKafka, topic: str, values: list[bytes]) -> None:
    settings = KafkaSettings(server.bootstrap)
    admin = KafkaAdminClient(**admin_arguments(settings))
    if topic not in admin.list_topics():
        admin.create_topics({topic: {"num_partitions": 1}}, wait_for_metadata=True)
    admin.close()
    producer = KafkaProducer(**producer_arguments(settings))
    for future in [producer.send(topic, value=value, partition=0) for value in values]:
        future.get(timeout=30)
    producer.close()


def read(server: EmbeddedKafka, topic: str, count: int) -> list[bytes]:
    consumer = KafkaConsumer(**consumer_arguments(KafkaSettings(server.bootstrap)))
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    values: list[bytes] = []
    deadline = time.monotonic() + 30
    while len(values) < count and time.monotonic() < deadline:
        values += [record.value for record in consumer.poll(timeout_ms=200).get(partition, ())]
    consumer.close()
    return values


def test_a_new_broker_becomes_ready_and_is_small(own: EmbeddedKafka, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    own.start()
    own.wait_ready()
    new = time.monotonic() - began
    began = time.monotonic()
    own.restart()
    again = time.monotonic() - began
    assert own.pid is not None
    memory = psutil.Process(own.pid).memory_info().rss / 2**20
    with capsys.disabled():
        print(f"\nKafka: new directory {new:.2f} s, restart {again:.2f} s, {memory:.0f} MiB")
    assert memory < 500


def test_stopping_leaves_no_process(own: EmbeddedKafka) -> None:
    own.start()
    own.wait_ready()
    pid = own.pid
    assert pid is not None
    own.stop()
    assert not psutil.pid_exists(pid)
    assert own.pid is None
    assert process.is_free(own.port)


def test_what_was_acknowledged_survives_kill_9_and_the_address_stays(own: EmbeddedKafka) -> None:
    with own:
        address = own.bootstrap
        write(own, "kept", [b"1", b"2"])
        own.kill()
        own.start()
        own.wait_ready()
        assert own.bootstrap == address
        write(own, "kept", [b"3"])
        assert read(own, "kept", 3) == [b"1", b"2", b"3"]


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServerProblem, match=rf"its port is taken \(127\.0\.0\.1:{port}\): stop the program that"):
            EmbeddedKafka(tmp_path, port=port).start()


def test_a_port_that_is_taken_at_the_last_moment_is_replaced_by_another(
    own: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        ports = iter([taken])
        free_port = process.free_port
        monkeypatch.setattr(process, "free_port", lambda: next(ports, None) or free_port())
        own.start()
        own.wait_ready()
        assert own.port != taken


def test_a_directory_in_use_is_one_sentence(own: EmbeddedKafka) -> None:
    own.start()
    with pytest.raises(ServerProblem, match=r"in use by another hub .*choose another with --data-dir"):
        EmbeddedKafka(own.directory).start()


def test_a_broker_that_cannot_run_says_why(tmp_path: Path) -> None:
    server = EmbeddedKafka(tmp_path, settings={"num.io.threads": "many"})
    with pytest.raises(
        ServerProblem, match=r"Kafka could not prepare its data directory: .*Invalid value many.*see that log"
    ):
        server.start()


def test_a_broker_that_ends_before_it_is_ready_says_so(tmp_path: Path) -> None:
    server = EmbeddedKafka(tmp_path)
    server.start()
    assert server.pid is not None
    psutil.Process(server.pid).kill()
    with pytest.raises(ServerProblem, match=r"Kafka ended with code -9: it left no error in its log"):
        server.wait_ready()


def test_a_broker_that_needs_too_long_is_one_sentence_and_no_process(tmp_path: Path) -> None:
    server = EmbeddedKafka(tmp_path)
    server.start()
    pid = server.pid
    assert pid is not None
    with pytest.raises(ServerProblem, match=r"was not ready within 0 s"):
        server.wait_ready(timeout=0.01)
    assert not psutil.pid_exists(pid)


def test_the_heavy_variant_serves_too(tmp_path: Path) -> None:
    with EmbeddedKafka(tmp_path, heavy=True, heap_mb=512) as server:
        write(server, "t", [b"x"])
        assert read(server, "t", 1) == [b"x"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 80 MiB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", mount], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("only root can mount a small file system")
    yield mount
    subprocess.run(["umount", "--lazy", mount], check=True)


def fill(folder: Path, leave: int = 0) -> None:
    """Leave `leave` bytes free on the file system of `folder`."""
    free = psutil.disk_usage(str(folder)).free - leave
    with (folder / "ballast").open("wb", buffering=0) as file:
        block = bytes(2**20)
        while free > 0:
            try:
                free -= file.write(block[: min(free, len(block))])
            except OSError:
                return


def test_a_full_disk_is_refused_before_the_start(small_disk: Path) -> None:
    fill(small_disk, leave=2**20)
    with pytest.raises(ServerProblem, match=r"The disk is full, so Kafka cannot start .*: make room: at least 64 MiB"):
        EmbeddedKafka(small_disk / "kafka").start()


def test_a_disk_that_fills_up_while_it_runs_is_one_sentence(small_disk: Path) -> None:
    server = EmbeddedKafka(small_disk / "kafka", settings={"log.segment.bytes": "1048576"})
    with server:
        write(server, "t", [b"x"])
        fill(small_disk)
        flood(server)
        assert not server.is_running()
        assert str(server.diagnose()).startswith("The disk is full, so Kafka cannot go on (")


FLOOD = """
import sys
from kafka import KafkaProducer
producer = KafkaProducer(bootstrap_servers=sys.argv[1], buffer_memory=4_000_000)
while True:
    producer.send("t", value=bytes(500_000), partition=0)
"""


def flood(server: EmbeddedKafka) -> None:
    """Send until the broker has had enough."""
    sender = process.spawn([sys.executable, "-c", FLOOD, server.bootstrap], output=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while server.is_running() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.stop(sender, grace=0)
