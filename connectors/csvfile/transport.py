"""Rows of a CSV file. Whatever makes the file as a whole doubtful is refused here, before anything is sent."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from connectors.contract import BadFile, BadRow, Row
from connectors.csvfile.mapping import ENCODINGS, FileLayout

_UTF8_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells that a file is still the one that was looked through."""

    size: int
    modified: int
    inode: int


class CsvFile:
    """A CSV file under a layout. `header` is read and checked when it is opened; positions count rows from 1."""

    def __init__(self, path: Path, layout: FileLayout) -> None:
        self.path = path
        self.name = path.name
        self.layout = layout
        self.identity = self._stat()
        self.header = self._header()

    def read(self, position: int = 0) -> Iterator[tuple[Row | BadRow, int]]:
        """Rows behind the first `position` ones, each with the position behind it; a row that cannot be one comes as
        BadRow. Raises BadFile where the file is damaged, or has changed since it was opened."""
        if self._stat() != self.identity:
            raise BadFile(f"{self.path}: the file has changed while it was read: start again when it is complete")
        width = len(self.header)
        records = self._records()
        next(records)
        for count, (line, found, raw) in enumerate(records, 1):
            if count <= position:
                continue
            if isinstance(found, str):
                yield BadRow(line, None, None, found, raw), count
            elif len(found) != width and not raw.endswith(b"\n"):
                raise self._cut_off(line, f"the last line has {len(found)} fields, the header has {width}")
            elif len(found) != width:
                reason = f"has {len(found)} fields, the header has {width}: see whether a quote or delimiter is amiss"
                yield BadRow(line, None, None, reason, raw), count
            else:
                yield Row(line, [value.strip() for value in found], raw), count

    def digest(self) -> str:
        """SHA-256 of the file's bytes, hex."""
        with self.path.open("rb") as file:
            found = sha256()
            while block := file.read(1 << 20):
                found.update(block)
        return found.hexdigest()

    def _stat(self) -> Identity:
        try:
            found = self.path.stat()
        except OSError as wrong:
            raise BadFile(f"{self.path}: cannot be read ({wrong.strerror}): give the path of a CSV file") from None
        return Identity(found.st_size, found.st_mtime_ns, found.st_ino)

    def _header(self) -> list[str]:
        try:
            _, found, _ = next(self._records())
        except StopIteration:
            raise BadFile(f"{self.path}: the file is empty: export it again") from None
        header = [name.strip() for name in found] if not isinstance(found, str) else []
        columns, ignored = self.layout.columns, self.layout.ignored
        missing = [name for name in columns if name not in header]
        unexpected = [name for name in header if name not in columns and name not in ignored]
        twice = sorted({name for name in header if header.count(name) > 1})
        faults = [("missing", missing), ("unexpected", unexpected), ("there twice", twice)]
        told = "; ".join(f"{fault} {_quoted(names)}" for fault, names in faults if names)
        if told:
            raise BadFile(f"{self.path}, line 1: wrong header: {told}. {self._advice(missing)}")
        return header

    def _advice(self, missing: list[str]) -> str:
        first = self._first_line()
        for encoding in ENCODINGS[:2]:
            if encoding != self.layout.encoding and missing:
                text = first.decode(encoding, errors="replace")
                if all(name in text for name in self.layout.columns):
                    return f'The header fits when read as {encoding}: set encoding = "{encoding}" in the mapping.'
        return "Correct the file, or the columns in the mapping. Nothing was sent."

    def _first_line(self) -> bytes:
        with self.path.open("rb") as file:
            return file.readline(1 << 16).removeprefix(_UTF8_BOM)

    def _cut_off(self, line: int, sign: str) -> BadFile:
        return BadFile(f"{self.path}, line {line}: {sign}: the file was cut off, export it again. Nothing was sent.")

    def _records(self) -> Iterator[tuple[int, list[str] | str, bytes]]:
        """(first line, fields or what is wrong with them, bytes) of each record, header included; blank lines are
        passed over."""
        lines = _Lines(self.path, self.layout)
        reader = csv.reader(lines.decoded(), delimiter=self.layout.delimiter, strict=True)
        while True:
            start = reader.line_num + 1
            lines.raw.clear()
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error as wrong:
                if lines.ended:
                    raise self._cut_off(start, "a quote is opened and never closed") from None
                yield start, f"is not CSV ({wrong}): quote the field, or shorten it", b"".join(lines.raw)
                continue
            if lines.cut_off:
                raise self._cut_off(
                    start, "the last line has no line end (set file.final_newline = false where a source never ends it)"
                )
            if fields:
                yield start, fields, b"".join(lines.raw)


class _Lines:
    """The decoded lines of a file, and whether the last one was cut off."""

    def __init__(self, path: Path, layout: FileLayout) -> None:
        self.path = path
        self.layout = layout
        self.raw: list[bytes] = []
        self.cut_off = False
        self.ended = False

    def decoded(self) -> Iterator[str]:
        encoding, must_end = self.layout.encoding, self.layout.final_newline
        with self.path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                line = self._without_bom(raw) if number == 1 else raw
                if must_end and not line.endswith(b"\n"):
                    self.cut_off = True
                try:
                    text = line.decode(encoding)
                except UnicodeDecodeError as wrong:
                    raise self._undecodable(number, line, wrong) from None
                if "\0" in text:
                    raise BadFile(f"{self.path}, line {number}: holds a zero byte, so it is damaged or not a text file")
                self.raw.append(raw)
                yield text
        self.ended = True

    def _without_bom(self, line: bytes) -> bytes:
        for bom, name in _OTHER_BOMS.items():
            if line.startswith(bom):
                raise BadFile(f"{self.path}: the file is {name}: save it as {self.layout.encoding.upper()}")
        if line.startswith(_UTF8_BOM) and self.layout.encoding != "utf-8":
            raise BadFile(
                f"{self.path}: the file is marked as UTF-8, but the mapping says {self.layout.encoding}: "
                'set encoding = "utf-8" in the mapping'
            )
        return line.removeprefix(_UTF8_BOM)

    def _undecodable(self, number: int, line: bytes, wrong: UnicodeDecodeError) -> BadFile:
        if not line.endswith(b"\n"):
            return BadFile(f"{self.path}, line {number}: the last line ends inside a character: export the file again")
        hint = ""
        for encoding in ("utf-8", "gb18030"):
            if encoding != self.layout.encoding and _decodes(line, encoding):
                hint = f' It can be read as {encoding}: if the file is, set encoding = "{encoding}" in the mapping.'
        return BadFile(
            f"{self.path}, line {number}: byte {line[wrong.start]:#04x} at position {wrong.start + 1} is not "
            f"{self.layout.encoding.upper()}.{hint} Nothing was sent."
        )


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
