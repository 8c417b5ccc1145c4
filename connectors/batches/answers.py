"""Acknowledgements of ours as they were first made, so that a batch that comes again is acknowledged again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from connectors import whole_files
from connectors.batches import folders
from connectors.batches.acknowledgement import Acknowledgement, LineVerdict
from connectors.batches.batch import Lane


class Answers:
    """A folder with one file for each batch that was taken."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._encode = msgspec.json.encode
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, said: Acknowledgement) -> None:
        """Keep it, durably. Raises OSError."""
        whole_files.write(self._path(said.lane, said.number), self._encode(said))

    def kept(self, lane: Lane, number: int) -> Acknowledgement:
        """What was kept of a batch. Raises OSError."""
        return msgspec.json.decode(self._path(lane, number).read_bytes(), type=Acknowledgement)

    def change(self, lane: Lane, number: int, verdicts: Sequence[LineVerdict]) -> None:
        """Other verdicts for some lines. Raises OSError."""
        said = self.kept(lane, number)
        changed = {one.line: one for one in verdicts}
        lines = tuple(changed.get(one.line, one) for one in said.lines)
        self.keep(msgspec.structs.replace(said, lines=lines))

    def _path(self, lane: Lane, number: int) -> Path:
        return self._folder / folders.file_name(lane, number, folders.ACKNOWLEDGEMENT)
