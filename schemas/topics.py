"""The topics of the hub, declared once in topics.toml and loaded strictly.

A name that ends with `.*` is a pattern: such topics come and go with the data, each as the pattern says.

A wrong file is an error at the first start, not a surprise later: unknown keys, missing keys and values of the
wrong kind are refused with the topic and the key named.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from importlib import resources
from typing import Any


class TopicsError(ValueError):
    """topics.toml says something that the hub does not understand."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `partitions` is 0 where it is the hub's own number P."""

    name: str
    about: str
    partitions: int
    key: str
    value: str
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]
    cleanup: str
    retention_ms: int

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for any number of topics."""
        return self.name.endswith(".*")

    def named(self, rest: str) -> Topic:
        """The topic of a pattern whose name ends so."""
        return replace(self, name=self.name.removesuffix("*") + rest)

    def count(self, hub_partitions: int) -> int:
        """Number of partitions in a hub with `hub_partitions` of them."""
        return self.partitions or hub_partitions

    def config(self) -> dict[str, str]:
        """Kafka's configuration entries of the topic."""
        return {"cleanup.policy": self.cleanup, "retention.ms": str(self.retention_ms)}


_KEYS = {f.name for f in fields(Topic)} - {"name"}
_CLEANUPS = ("delete", "compact")


def _partitions(name: str, value: Any) -> int:
    if value == "P":
        return 0
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise TopicsError(f'topic {name}: partitions is {value!r}; write "P" or a number above 0')


def _names(topic: str, key: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise TopicsError(f"topic {topic}: {key} is {value!r}; write a list of names")


def _text(topic: str, key: str, value: Any) -> str:
    if isinstance(value, str) and value:
        return value
    raise TopicsError(f"topic {topic}: {key} is {value!r}; write a text")


def _topic(name: str, entry: Any) -> Topic:
    if not isinstance(entry, dict):
        raise TopicsError(f"{name} is not a table; each topic is a table [name]")
    if unknown := sorted(set(entry) - _KEYS):
        raise TopicsError(f"topic {name}: unknown key {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}")
    if missing := sorted(_KEYS - set(entry)):
        raise TopicsError(f"topic {name}: key {missing[0]!r} is missing")
    if entry["cleanup"] not in _CLEANUPS:
        raise TopicsError(f"topic {name}: cleanup is {entry['cleanup']!r}; write delete or compact")
    if not isinstance(entry["retention_ms"], int):
        raise TopicsError(f"topic {name}: retention_ms is {entry['retention_ms']!r}; write milliseconds, -1 for ever")
    return Topic(
        name=name,
        about=_text(name, "about", entry["about"]),
        partitions=_partitions(name, entry["partitions"]),
        key=_text(name, "key", entry["key"]),
        value=_text(name, "value", entry["value"]),
        written_by=_names(name, "written_by", entry["written_by"]),
        read_by=_names(name, "read_by", entry["read_by"]),
        cleanup=entry["cleanup"],
        retention_ms=entry["retention_ms"],
    )


def parse_topics(text: str) -> tuple[Topic, ...]:
    """Topics from the text of a topics.toml; raises TopicsError on anything not understood."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TopicsError(f"topics.toml is not TOML: {error}") from error
    return tuple(_topic(name, entry) for name, entry in tables.items())


def load_topics() -> tuple[Topic, ...]:
    """The topics of this hub, in the order of topics.toml."""
    return parse_topics(resources.files("schemas").joinpath("topics.toml").read_text("utf-8"))


FEEDS = "feed.*"
"""Pattern of the feeds' topics."""


def feed_topic(code: str) -> Topic:
    """The topic of a subscription's feed."""
    return next(topic for topic in load_topics() if topic.name == FEEDS).named(code)
