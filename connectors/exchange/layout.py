"""What a department's exchange database looks like: tables, columns and words of theirs, as its file names them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from connectors.tasks.orders import FIELDS

ORDER_FIELDS = FIELDS - {"evidence"}
"""What an order can tell in columns: each goes into at most one of theirs; files have a table of their own."""

ANSWER_FIELDS = frozenset({"number", "word", "at", "message", "batch", "text", "reason", "until", "squad"})
"""What their rows can tell. `message` is their own number of the row's content, `squad` who of theirs works."""

PAYLOAD = ("message", "number", "word", "at", "text", "reason", "until", "squad")
"""What makes two rows the same, in this order: their content, wherever and whenever it was written."""


class Checksum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that says whether a row is whole: a digest, CRC-32 or the length of the named columns joined.

    `of`: columns of theirs, in their order. Bytes are those of `encoding`, lengths are of these bytes.
    """

    column: str
    of: tuple[str, ...]
    algorithm: Literal["md5", "sha256", "crc32", "length"] = "md5"
    separator: str = "|"
    encoding: Literal["utf-8", "gb18030"] = "utf-8"


class Flag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column that holds `value` once the writer has finished the row."""

    column: str
    value: str = "1"


class OutStates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Their words for how far an order is. `noted` is ours: we have seen that they refused it."""

    new: str = "0"
    read: str = "1"
    acknowledged: str = "2"
    noted: str = "8"
    refused: str = "9"


class InStates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Their words for how far we are with a row of theirs."""

    new: str = "0"
    claimed: str = "1"
    read: str = "2"
    refused: str = "9"


class OutTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Orders to them. `columns`: what of ours → their column; `key` among them, which must be unique in the table.

    `reason` and `their_number` are columns that they fill. `constants` go into each row as they stand.
    """

    table: str
    columns: dict[str, str]
    serial: str
    state: str
    states: OutStates = OutStates()
    constants: dict[str, str] = {}
    ready: Flag | None = None
    checksum: Checksum | None = None
    reason: str | None = None
    their_number: str | None = None


class InTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Their answers. `columns`: what of ours → their column; `required`: which of them no whole row leaves empty.

    `serial` is a number that their database gives. The columns from `state` on are for the reader to write.
    """

    table: str
    columns: dict[str, str]
    serial: str
    state: str
    claimed_by: str
    claimed_at: str
    read_at: str
    verdict: str
    digest: str
    states: InStates = InStates()
    required: tuple[str, ...] = ("number", "word", "at")
    ready: Flag | None = None
    checksum: Checksum | None = None
    time_format: str | None = None


class Files(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Photos and papers beside the rows. `row` names the answer by its `message`, or the order by its key."""

    table: str
    row: str
    name: str
    media_type: str
    content: str


def faults(out: OutTable, into: InTable) -> Iterator[str]:
    """What is wrong with the two tables as they are described, a sentence each."""
    yield from _unknown("out.columns", out.columns, ORDER_FIELDS)
    yield from _unknown("in.columns", into.columns, ANSWER_FIELDS)
    if "key" not in out.columns:
        yield 'out.columns has no "key": name the unique column by which an order is written once'
    for name in sorted({*into.required, "number", "word", "at"} - into.columns.keys()):
        yield f'in.columns has no "{name}": name the column that holds it'
    yield from _twice("out", [*out.columns.values(), *out.constants, out.serial, out.state])
    marks = [into.state, into.claimed_by, into.claimed_at, into.read_at, into.verdict, into.digest]
    yield from _twice("in", [*into.columns.values(), into.serial, *marks])
    if into.checksum and (strange := set(into.checksum.of) - set(into.columns.values())):
        yield f'in.checksum.of names "{min(strange)}", which is not among in.columns'
    if out.checksum and (strange := set(out.checksum.of) - {*out.columns.values(), *out.constants}):
        yield f'out.checksum.of names "{min(strange)}", which nothing is written into'


def _unknown(where: str, columns: dict[str, str], known: frozenset[str]) -> Iterator[str]:
    for name in sorted(columns.keys() - known):
        yield f'{where} has "{name}", which is nothing of ours; there are {", ".join(sorted(known))}'


def _twice(where: str, columns: list[str]) -> Iterator[str]:
    for column in sorted({column for column in columns if columns.count(column) > 1}):
        yield f'{where}: the column "{column}" is used for two things'
