"""Files that rows name: evidence beside the CSV file, and never outside its folder."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from connectors.contract import BadRow

LARGEST = 16 << 20


class Attachments:
    """Files of one folder. Names in a row are relative to it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def check(self, name: str, line: int) -> Path:
        """Path of a file that is there and small enough. Raises BadRow; the name stays out of its reason."""
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            raise BadRow(line, None, name, f"is not a file in {self._folder}: put it there, beside the CSV file")
        if path.stat().st_size > LARGEST:
            raise BadRow(line, None, name, f"is a file of more than {LARGEST >> 20} MiB: make it smaller")
        return path

    def read(self, name: str) -> tuple[bytes, str]:
        """(content, media type) of a file that was checked."""
        return (self._folder / name).read_bytes(), mimetypes.guess_type(name)[0] or "application/octet-stream"
