"""Whether a row of theirs is whole. Pure.

Promise: a row that its writer has not finished is half-written, whatever is missing: the flag, a required column, or
the bytes that its checksum was made of. Time alone decides whether it is still being written or will never be whole.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from connectors.exchange.layout import Checksum, InTable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def half_written(table: InTable, columns: Mapping[str, Any]) -> str | None:
    """What is missing, in words that name columns and no content; None: the row is whole. `columns`: by their name."""
    if table.ready and _plain(columns[table.ready.column]) != table.ready.value:
        return f'its flag "{table.ready.column}" is not set'
    for name in table.required:
        if _plain(columns[table.columns[name]]).strip() == "":
            return f'its column "{table.columns[name]}" is empty'
    if table.checksum:
        return _checksum_fault(table.checksum, columns)
    return None


def _checksum_fault(rule: Checksum, columns: Mapping[str, Any]) -> str | None:
    given = _plain(columns[rule.column]).strip()
    if not given:
        return f'its checksum "{rule.column}" is empty'
    if given.lower() != checksum(rule, columns).lower():
        return f'its checksum "{rule.column}" is of other content'
    return None


def checksum(rule: Checksum, columns: Mapping[str, Any]) -> str:
    """The checksum of a row by the rule."""
    content = rule.separator.join(_plain(columns[name]) for name in rule.of).encode(rule.encoding)
    match rule.algorithm:
        case "md5":
            return hashlib.md5(content).hexdigest()
        case "sha256":
            return hashlib.sha256(content).hexdigest()
        case "crc32":
            return f"{zlib.crc32(content):08x}"
        case "length":
            return str(len(content))


def moment(value: Any, zone: tzinfo, time_format: str | None = None) -> int:
    """UTC microseconds of a time column, typed or text; one without offset is of their zone. Raises ValueError."""
    if isinstance(value, str):
        value = _parsed(value, zone, time_format)
    if not isinstance(value, datetime):
        raise ValueError("a time column holds something else")
    aware = value if value.tzinfo else value.replace(tzinfo=zone)
    since = aware - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _parsed(text: str, zone: tzinfo, time_format: str | None) -> datetime:
    if time_format is None:
        return datetime.fromisoformat(text)
    return datetime.strptime(text, time_format).replace(tzinfo=zone)


def local(microseconds: int, zone: tzinfo) -> datetime:
    """The time of a column without offset, in their zone and in whole seconds."""
    return datetime.fromtimestamp(microseconds // 1_000_000, zone).replace(tzinfo=None)


def _plain(value: Any) -> str:
    """A column as its checksum sees it: times as `2026-03-02 08:10:00`."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)
