"""Sheets of orders from the inbox: read, told, answered row by row in a file of verdicts, and put aside.

A file is done when everything of it is in Kafka; until then it stays where it is, and would be read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from connectors import whole_files
from connectors.contract import BadMessage, Department, Down, Draft, LookUp, Message, Vault
from connectors.notebook import Notes
from connectors.orders import orders, sheets, translate, writing
from connectors.orders.config import Config
from connectors.orders.orders import BadOrder, Order, Reading
from connectors.orders.sheets import BadSheet, Sheet
from connectors.orders.translate import Seen, Told
from schemas import ids

VERDICTS = ("行号", "工单编号", "结果", "原因", "平台编号")
TAKEN, KNOWN, REFUSED = "已受理", "无变化", "退回"
SUFFIXES = (".xlsx", ".csv")

Verdict = tuple[str, ...]
Told_ = tuple[Message | BadMessage, dict[str, Any]]


class _File(NamedTuple):
    """A file under way: its verdicts so far, what is to be noted, the position of its last message, if any."""

    path: Path
    encoding: str | None
    verdicts: list[Verdict]
    notes: dict[str, Any]
    last: list[dict[str, Any]]


class OrderSource:
    """The inbox. A position names a row of a file; what is known of orders stands in the notebook."""

    def __init__(
        self, config: Config, department: Department, vault: Vault, notes: Notes, clock: Callable[[], int]
    ) -> None:
        self._config = config
        self._department = department
        self._vault = vault
        self._notes = notes
        self._clock = clock
        self._folder = Path(config.folder)
        self._under_way: list[_File] = []

    def read(self, position: dict[str, Any]) -> Iterator[Told_]:
        self._under_way.clear()
        try:
            for path in self._arrived():
                yield from self._file(path, position)
                self._settle_silent()
        except OSError as wrong:
            raise Down(f"the drop folder cannot be used ({wrong.strerror})") from None

    def translate(self, message: Message, _look_up: LookUp) -> list[Draft]:
        return translate.drafts(message.content, self._department, self._config.system)

    def done(self, position: dict[str, Any]) -> None:
        ends = [file.last[-1] if file.last else None for file in self._under_way]
        if position not in ends:
            return
        try:
            for file in self._under_way[: ends.index(position) + 1]:
                self._settle(file)
            self._under_way = self._under_way[ends.index(position) + 1 :]
            self._settle_silent()
        except OSError as wrong:
            raise Down(f"the drop folder cannot be used ({wrong.strerror})") from None

    # ------------------------------------------------------------ reading

    def _arrived(self) -> Iterator[Path]:
        """Files that nobody writes to any more, in the order of their names."""
        until = self._clock() - self._config.settle_seconds * 1_000_000
        for path in sorted((self._folder / "inbox").iterdir()):
            hidden = path.name.startswith((".", "~$"))
            if not hidden and path.suffix.lower() in SUFFIXES and path.stat().st_mtime_ns // 1_000 <= until:
                yield path

    def _file(self, path: Path, known: dict[str, Any]) -> Iterator[Told_]:
        """What a file says behind a position in it; its verdicts are about all its rows."""
        content = path.read_bytes()
        digest = sha256(content).hexdigest()[:16]
        try:
            sheet = sheets.read(path.name, content, self._wanted())
        except BadSheet as bad:
            position = {"file": digest, "row": 0}
            last = [] if position == known else [position]
            self._under_way.append(_File(path, "utf-8", [("", "", REFUSED, f"整个文件: {bad}", "")], {}, last))
            if last:
                yield BadMessage(f"sheet {digest}", f"the sheet cannot be read: {bad}", content), position
            return
        file = _File(path, _as_it_came(sheet), [], {}, [])
        self._under_way.append(file)
        until = known.get("row", 0) if known.get("file") == digest else 0
        for message, number in self._rows(sheet, digest, file):
            if number > until:
                file.last[:] = [{"file": digest, "row": number}]
                yield message, file.last[0]

    def _wanted(self) -> list[tuple[str, ...]]:
        columns = self._config.columns
        return [columns.number, columns.at, columns.category, columns.text]

    def _rows(self, sheet: Sheet, digest: str, file: _File) -> Iterator[tuple[Message | BadMessage, int]]:
        how = orders.reading(self._config, self._department.zone, sheet.headings)
        seen_here: dict[str, tuple[int, Seen]] = {}
        for row in sheet.rows:
            raw = msgspec.json.encode([str(cell) for cell in row.cells.values()])
            place = f"sheet {digest}, row {row.number}"
            try:
                seen = self._seen(orders.order(row, how))
                _check_twice(seen, seen_here)
            except BadOrder as bad:
                file.verdicts.append((str(row.number), _shown(row.cells, how), REFUSED, str(bad), ""))
                yield BadMessage(place, f"the row cannot become an order: {bad}", raw), row.number
                continue
            case = ids.case_id(self._config.system, seen.number)
            outcome = TAKEN if seen.changed else KNOWN
            file.verdicts.append((str(row.number), seen.order.number, outcome, "", case))
            if seen.changed:
                file.notes[f"order:{seen.number}"] = list(seen.now)
                yield Message(place, seen, raw), row.number

    def _seen(self, order: Order) -> Seen:
        config = self._config
        number = order.number
        if orders.is_personal(number, config):
            number = self._vault.alias(config.system, number)
        open_part = sha256(msgspec.json.encode(order.open_part)).hexdigest()
        words = sha256(msgspec.json.encode(order.personal_part)).hexdigest()
        # A digest of words that somebody could guess is personal as well: what is noted is an alias of it.
        alias = self._vault.alias(f"{config.system}:words", words)
        before = self._notes.get(f"order:{number}")
        return Seen(order, number, open_part, alias, Told(*before) if before else None)

    # ------------------------------------------------------------ settling

    def _settle_silent(self) -> None:
        """Files first in line that have nothing for Kafka."""
        while self._under_way and not self._under_way[0].last:
            self._settle(self._under_way.pop(0))

    def _settle(self, file: _File) -> None:
        if not file.path.exists():  # settled before
            return
        suffix = ".csv" if file.encoding else ".xlsx"
        name = self._folder / "verdicts" / f"{file.path.stem}.verdicts{suffix}"
        if file.notes:
            self._notes.put(file.notes)
        whole_files.write(whole_files.free(name), writing.written(VERDICTS, file.verdicts, file.encoding))
        whole_files.move(file.path, self._folder / "done")


def _as_it_came(sheet: Sheet) -> str | None:
    return "utf-8" if sheet.encoding == "utf-8-sig" else sheet.encoding


def _check_twice(seen: Seen, here: dict[str, tuple[int, Seen]]) -> None:
    """An order stands in a sheet once, or twice the same. Raises BadOrder."""
    row, first = here.setdefault(seen.number, (seen.order.row, seen))
    if (first.open, first.words) != (seen.open, seen.words):
        raise BadOrder(f"the order stands in row {row} with other content: keep one of the two")


def _shown(cells: dict[str, Any], how: Reading) -> str:
    return str(cells.get(how.headings["number"], ""))
