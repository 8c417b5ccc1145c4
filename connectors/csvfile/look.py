"""Looking through a whole file before anything of it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from connectors.contract import MAX_TEXT_BYTES, BadFile, BadRow, Row
from connectors.csvfile.files import Attachments
from connectors.csvfile.mapping import Mapping
from connectors.csvfile.translate import Translation, translation
from connectors.csvfile.transport import CsvFile
from schemas import codec
from schemas.wire.clients import MAX_RECORD_BYTES

_LONG_ROW = MAX_RECORD_BYTES // 8
"""Bytes above which a row's claims are weighed: what stands in a row can stand in a claim more than once."""


@dataclass(frozen=True, slots=True)
class Look:
    """A file that was looked through: its number of rows, and the rows that cannot become claims, by their line."""

    file: CsvFile
    mapping: Mapping
    translation: Translation
    rows: int
    bad_lines: dict[int, BadRow]

    @property
    def problems(self) -> list[BadRow]:
        return list(self.bad_lines.values())

    def digest(self) -> str:
        """What a position belongs to: these bytes, read with this mapping."""
        return sha256(f"{self.file.digest()} {self.mapping.digest}".encode()).hexdigest()

    def refusal(self) -> BadFile:
        """Why nothing of the file is sent: its first problem, and how many there are."""
        more = len(self.bad_lines) - 1
        others = f" {more} more {'row is' if more == 1 else 'rows are'} wrong." if more else ""
        return BadFile(
            f"{self.file.path}, {self.problems[0]}.{others} Correct the file, or leave such rows out with "
            "--skip-bad-rows. Nothing was sent."
        )


def look_through(path: Path, mapping: Mapping) -> Look:
    """Read and translate every row, send nothing. Raises BadFile where the file as a whole cannot be trusted."""
    file = CsvFile(path, mapping.file)
    made = translation(mapping, file.header)
    check = _Check(mapping, made, Attachments(path.parent))
    bad: dict[int, BadRow] = {}
    rows = 0
    for found, rows in file.read():  # noqa: B007  the last position is the number of rows
        problem = found if isinstance(found, BadRow) else check.problem(found)
        if problem is not None:
            bad[problem.line] = problem
    return Look(file, mapping, made, rows, bad)


class _Check:
    """Checks row after row; remembers the numbers that it has seen where each may stand once."""

    def __init__(self, mapping: Mapping, made: Translation, files: Attachments) -> None:
        self._made = made
        self._files = files
        self._column = mapping.number_column
        self._once = mapping.event_column is None
        self._personal = mapping.number_personal
        self._seen: dict[str, tuple[int, int]] = {}

    def problem(self, row: Row) -> BadRow | None:
        try:
            number = self._made.number(row)
            for personal in self._made.check(row):
                _check_text(personal.text or "", row.line)
                for name in personal.files:
                    self._files.check(name, row.line)
            self._check_size(row, number)
            self._check_repeated(row, number)
        except BadRow as wrong:
            wrong.raw = row.raw
            return wrong
        return None

    def _check_size(self, row: Row, number: str) -> None:
        if len(row.raw) < _LONG_ROW:
            return
        for draft in self._made.translate(row, number):
            size = len(codec.encode(draft.meta, draft.body))
            if size > MAX_RECORD_BYTES:
                reason = f"makes a claim of {size:,} bytes, more than {MAX_RECORD_BYTES:,}: shorten it"
                raise BadRow(row.line, None, None, reason)

    def _check_repeated(self, row: Row, number: str) -> None:
        if not self._once:
            return
        line, content = self._seen.setdefault(number, (row.line, hash(row.raw)))
        if content != hash(row.raw):
            shown = None if self._personal else number
            reason = f"stands in line {line} with other content: keep one of the two"
            raise BadRow(row.line, self._column, shown, reason)


def _check_text(text: str, line: int) -> None:
    size = len(text.encode()) if len(text) > MAX_TEXT_BYTES // 4 else 0
    if size > MAX_TEXT_BYTES:
        raise BadRow(line, None, None, f"holds a free text of {size:,} bytes, more than {MAX_TEXT_BYTES:,}: shorten it")
