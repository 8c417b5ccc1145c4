"""`[exchange]` of a department's file. Data, read strictly."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connectors.contract import Secret
from connectors.exchange.layout import Files, InTable, OutTable, faults
from connectors.tasks.settings import AnswerRule, OrderRule, check_words

Positive = Annotated[float, Meta(gt=0)]


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"into": "in"}):
    """Exchange tables 前置机 in a PostgreSQL that both sides write.

    `dsn`: its address. `system`: code of their numbering in the hub; ids are made of it, so never change it. `reader`:
    name of this reader, another one for each that runs at the same time. A row that stays half-written for
    `patience_seconds` is a bad row. A row that another reader took `lease_seconds` ago is taken over. Rows read within
    `watch_days` are compared with what was read. Clocks that differ by more than `skew_seconds` are told by check.
    """

    dsn: Secret
    system: str
    orders: tuple[OrderRule, ...]
    answers: tuple[AnswerRule, ...]
    out: OutTable
    into: InTable
    files: Files | None = None
    files_out: Files | None = None
    reader: str = "threecross"
    client_encoding: Literal["UTF8", "GB18030"] = "UTF8"
    patience_seconds: Positive = 120.0
    lease_seconds: Positive = 900.0
    watch_days: Annotated[int, Meta(ge=0)] = 7
    skew_seconds: Positive = 120.0

    def __post_init__(self) -> None:
        """Raises ValueError with one sentence; the loader names the file."""
        check_words(self.orders, self.answers)
        for fault in faults(self.out, self.into):
            raise ValueError(fault)
        if self.files and "message" not in self.into.columns:
            raise ValueError('files need in.columns "message": by it a file names the answer that it belongs to')
