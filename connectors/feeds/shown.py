"""Items as JSON: CloudEvents 1.0 in the structured mode. Pure.

Times are RFC 3339 in UTC, bytes hexadecimal. Texts and files of the vault stay references.
Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from schemas.events import FactMeta, FeedItem
from schemas.feeds import attributes

BATCH = "application/cloudevents-batch+json"
ONE = "application/cloudevents+json"
TIMES = ("at", "until")
"""Names of times, beside those that end with `_at`."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Keep = Callable[[Any], bool]


def event(
    item: FeedItem,
    meta: FactMeta | None,
    fact: Any | None,
    namespace: str,
    partition: int,
    keep: Keep = lambda _: False,
) -> dict[str, Any]:
    """The event of an item. Values for which `keep` says so stay as they are."""
    told = {"datacontenttype": "application/json", "data": data(item, meta, fact, partition, keep)}
    return attributes(item, namespace, partition) | told


def data(
    item: FeedItem, meta: FactMeta | None, fact: Any | None, partition: int, keep: Keep = lambda _: False
) -> dict[str, Any]:
    """What an item says."""
    head = {"subscription": item.subscription, "partition": partition, "number": item.number, "reason": item.reason}
    head |= {"subject": plain(item.subject), "seq": item.seq, "recorded_at": moment(item.recorded_at)}
    carried = None if fact is None else {"meta": plain(meta, keep), "body": plain(fact, keep)}
    return head | {"fact_type": item.fact_type, "fact": carried, "card": plain(item.card, keep)}


def plain(value: Any, keep: Keep = lambda _: False, name: str = "") -> Any:
    """A record of the contract as JSON values."""
    if keep(value):
        return value
    match value:
        case msgspec.Struct():
            return {field: plain(getattr(value, field), keep, field) for field in value.__struct_fields__}
        case tuple() | list():
            return [plain(one, keep, name) for one in value]
        case bytes():
            return value.hex()
        case bool():
            return value
        case int() if is_time(name):
            return moment(value)
    return value


def is_time(name: str) -> bool:
    """Whether a field of this name holds a time (UTC µs)."""
    return name.endswith("_at") or name in TIMES


def moment(micros: int) -> str:
    """UTC µs as RFC 3339."""
    return (_EPOCH + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")
