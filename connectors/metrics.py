"""Metrics of the connectors, registered where the entry point says."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_ANSWER_SECONDS = (10, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 86_400)
_SECONDS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000, 3_000)


class ConnectorMetrics:
    """Counters by connector. A claim that is sent again after a fault counts as sent again."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, about: str) -> Counter:
            return Counter(f"threecross_connector_{name}", about, ["connector"], registry=registry)

        self.sent = counter("claims_sent", "Claims handed to Kafka")
        self.acknowledged = counter("claims_acknowledged", "Claims that Kafka has acknowledged")
        self.refused_rows = counter("refused_rows", "Rows that could not become claims")
        self.deliveries = Counter(
            "threecross_connector_deliveries",
            "Attempts at departments by outcome: acknowledged, confirmed, data, conflict, busy, down, broken",
            ["connector", "outcome"],
            registry=registry,
        )
        self.notices = Counter(
            "threecross_connector_notices",
            "Notices to persons by way (a robot's name, or mail) and outcome: told, busy, down, data",
            ["connector", "way", "outcome"],
            registry=registry,
        )
        self.told = Counter(
            "threecross_connector_told",
            "What departments and sensors told by themselves, by outcome: taken, repeated, forged, unreadable …",
            ["connector", "outcome"],
            registry=registry,
        )
        self.first_answer = Histogram(
            "threecross_connector_first_answer_seconds",
            "From a message in a chat group to the first answer to it in the group",
            ["connector"],
            buckets=_ANSWER_SECONDS,
            registry=registry,
        )
        self.heartbeat = Gauge(
            "threecross_connector_heartbeat_seconds",
            "Unix time at which a connector last said how it is",
            ["connector"],
            registry=registry,
        )
        self.seconds = Histogram(
            "threecross_connector_import_seconds",
            "Duration of an import, from opening its source to the last acknowledgement",
            ["connector"],
            buckets=_SECONDS,
            registry=registry,
        )
