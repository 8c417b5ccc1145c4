"""Settings that every process of a hub needs, as plain values: entry points read them once and pass them down."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAMESPACE = re.compile(r"[a-z][a-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Where Kafka is: `bootstrap` is host:port, several separated by commas."""

    bootstrap: str

    def servers(self) -> list[str]:
        return [server.strip() for server in self.bootstrap.split(",") if server.strip()]


@dataclass(frozen=True, slots=True)
class HubSettings:
    """One hub. The namespace is the prefix of its topics and groups and the name of its SQL schema.

    `timezone` (IANA) and `division` (6 digits) stand in speakable numbers: the date is that of this zone, the
    division is used where a place has none.
    """

    namespace: str = "threecross"
    partitions: int = 4
    timezone: str = "Asia/Shanghai"
    division: str = "411702"

    def __post_init__(self) -> None:
        if not _NAMESPACE.fullmatch(self.namespace):
            raise ValueError(
                f"namespace {self.namespace!r}: use lower-case letters, digits and -, starting with a letter"
            )
        if not 1 <= self.partitions <= 999:
            raise ValueError(f"partitions is {self.partitions}; use 1 to 999")
        if not re.fullmatch(r"[0-9]{6}", self.division):
            raise ValueError(f"division {self.division!r}: use the 6 leading digits of a division code")

    def topic(self, name: str) -> str:
        return f"{self.namespace}.{name}"

    def group(self, processor: str) -> str:
        return f"{self.namespace}.{processor}"

    @property
    def sql_schema(self) -> str:
        return self.namespace.replace("-", "_")
