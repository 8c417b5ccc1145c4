"""Sheets of answers: each is whole at any time, takes rows until it is full or old, and is never emptied by us."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from connectors import whole_files
from connectors.contract import BadData, Delivery, Down, Item, Receipt, Step
from connectors.notebook import Notes
from connectors.orders import sheets, translate, writing
from connectors.orders.config import Config

ENCODINGS = {"xlsx": None, "csv": "utf-8", "csv-gb18030": "gb18030"}


class OrderSink:
    """One row for each step. A sheet that the hotline has taken away is not written to again; the key of a row tells
    that it is the same one, should it ever stand in two sheets."""

    reads_back: ClassVar[bool] = False

    def __init__(self, config: Config, zone: ZoneInfo, notes: Notes, clock: Callable[[], int]) -> None:
        self._config = config
        self._zone = zone
        self._notes = notes
        self._clock = clock
        self._folder = Path(config.folder) / "answers"
        self._headings = [getattr(config.answers, name) for name in config.answers.__struct_fields__]

    def translate(self, item: Item) -> list[Step]:
        return translate.steps(item, self._config.system)

    def deliver(self, delivery: Delivery) -> Receipt:
        known = self._notes.get(f"row:{delivery.key}")
        if known is not None:
            return Receipt(detail=f"stands in {known}")
        row = self._row(delivery)
        try:
            name = self._write(delivery.key, row)
        except OSError as wrong:
            raise Down(f"a sheet of answers cannot be written ({wrong.strerror})") from None
        self._notes.put({f"row:{delivery.key}": name})
        return Receipt(detail=f"stands in {name}")

    def read_back(self, _delivery: Delivery) -> Receipt | None:
        return None

    def _row(self, delivery: Delivery) -> list[str]:
        told = delivery.body
        if "text" in told and told["text"] is not None and not isinstance(told["text"], str):
            raise BadData("it has words that are no text")
        values = {
            **{name: told[name] or "" for name in ("number", "hub_number", "org", "text")},
            "key": delivery.key,
            "status": self._config.statuses.get(told["status"], told["status"]),
            "at": self._time(told["at"]),
            "due": self._time(told["due"]),
        }
        return [str(values[name]) for name in self._config.answers.__struct_fields__]

    def _time(self, micros: int | None) -> str:
        if micros is None:
            return ""
        return f"{datetime.fromtimestamp(micros // 1_000_000, UTC).astimezone(self._zone):%Y-%m-%d %H:%M:%S}"

    def _write(self, key: str, row: list[str]) -> str:
        """Add a row to the sheet that takes rows now, or to a new one; returns its name."""
        number, began = self._notes.get("sheet") or (0, 0)
        path, rows = self._path(number), self._rows(number)
        age = self._clock() - began
        if rows is None or len(rows) >= self._config.answers_rows or age > self._config.answers_seconds * 1_000_000:
            number, rows = number + 1, []
            path = self._path(number)
            self._notes.put({"sheet": (number, self._clock())})
            rows = self._rows(number) or []  # of a process that was killed in between
        rows = [one for one in rows if one[0] != key]
        encoding = ENCODINGS[self._config.answers_as]
        whole_files.write(path, writing.written(self._headings, [*rows, row], encoding))
        return path.name

    def _path(self, number: int) -> Path:
        suffix = "xlsx" if self._config.answers_as == "xlsx" else "csv"
        return self._folder / f"answers-{number:08}.{suffix}"

    def _rows(self, number: int) -> list[list[str]] | None:
        """The rows of a sheet of ours; None where it is not there any more."""
        path = self._path(number)
        if not path.exists():
            return None
        found = sheets.read(path.name, path.read_bytes(), [(self._headings[0],)])
        return [[_plain(str(row.cells[name])) for name in self._headings] for row in found.rows]


def _plain(cell: str) -> str:
    """A cell of ours without the apostrophe that keeps a formula from being one."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(writing.FORMULA) else cell
