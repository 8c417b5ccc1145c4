"""What the embedded Kafka is told, and what its log tells us."""

from pathlib import Path

import pytest

from ops.embedded.kafka_config import Memory, cause, java_options, properties


def entries(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def test_it_listens_on_the_loopback_address_only() -> None:
    told = entries(properties(Path("/data"), 9092, 9093, {}, heavy=False))
    assert told["listeners"] == "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"


def test_nothing_expires_and_no_topic_appears_by_itself() -> None:
    told = entries(properties(Path("/data"), 9092, 9093, {}, heavy=False))
    assert (told["log.retention.ms"], told["auto.create.topics.enable"]) == ("-1", "false")


def test_what_is_given_on_top_wins() -> None:
    assert entries(properties(Path("/data"), 1, 2, {"num.io.threads": "9"}, heavy=False))["num.io.threads"] == "9"


def test_a_small_machine_and_a_heavy_one_differ() -> None:
    assert {"-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"} <= set(java_options(Memory(), None))
    assert {"-Xmx2048m", "-XX:+UseG1GC"} <= set(java_options(Memory(2048, heavy=True), None))


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("ERROR java.io.IOException: No space left on device", "disk-full"),
        ("org.apache.kafka.common.KafkaException: Socket server failed to bind: Address already in use", "port-taken"),
        ("KafkaException: Failed to acquire lock on file .lock in /d", "locked"),
        ("java.lang.OutOfMemoryError: Java heap space", "memory"),
        (
            "x ERROR kafka.Kafka$ - Exiting Kafka due to fatal exception",
            "ERROR kafka.Kafka$ - Exiting Kafka due to fatal exception",
        ),
        ("all is well", "it left no error in its log"),
    ],
)
def test_the_log_says_why_it_ended(line: str, meaning: str) -> None:
    assert cause(f"something before\n{line}\nsomething after\n") == meaning
