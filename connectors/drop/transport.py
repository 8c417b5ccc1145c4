"""Files in and out. A file appears whole or not at all; its name is its key, so that twice is once."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from connectors.contract import (
    BadMessage,
    Delivery,
    Department,
    Down,
    Draft,
    FileContent,
    Item,
    LookUp,
    Message,
    Receipt,
    Step,
)
from connectors.drop import translate

READ = "read"
"""Folder beside the answers into which they go when they have been read."""


class DropSink:
    """Writes <key>.json into a folder. It cannot read back: the department removes what it has read."""

    reads_back = False

    def __init__(self, out: str) -> None:
        self._out = Path(out)

    def translate(self, item: Item) -> list[Step]:
        return translate.steps(item)

    def deliver(self, delivery: Delivery) -> Receipt:
        told = {"key": delivery.key, "step": delivery.step, "case": delivery.subject.id} | delivery.body
        path = self._out / f"{delivery.key}.json"
        new = path.with_suffix(".new")
        try:
            new.write_bytes(msgspec.json.encode(told, enc_hook=_file))
            new.replace(path)
        except OSError as wrong:
            raise Down(f"The folder for {delivery.destination} cannot be written to: {wrong.strerror}.") from None
        return Receipt()

    def read_back(self, _delivery: Delivery) -> Receipt | None:
        return None


def _file(value: Any) -> Any:
    if isinstance(value, FileContent):
        return {"media_type": value.media_type, "base64": b64encode(value.content).decode()}
    raise NotImplementedError(type(value).__name__)


class DropSource:
    """Reads *.json in the order of their names; the position is the last name."""

    def __init__(self, back: str, department: Department, words: Mapping[str, str]) -> None:
        self._back = Path(back)
        self._department = department
        self._words = words

    def read(self, position: dict[str, Any]) -> Iterator[tuple[Message | BadMessage, dict[str, Any]]]:
        last = position.get("name", "")
        if not self._back.is_dir():
            raise Down(f"The folder {self._back} is not there: it is waited for.")
        try:
            waiting = sorted(path for path in self._back.glob("*.json") if path.name > last)
            for path in waiting:
                yield _message(path.name, path.read_bytes()), {"name": path.name}
        except OSError as wrong:
            raise Down(f"The folder {self._back} cannot be read: {wrong.strerror}.") from None

    def translate(self, message: Message, look_up: LookUp) -> list[Draft]:
        return translate.drafts(message, self._department, self._words, look_up)

    def done(self, position: dict[str, Any]) -> None:
        read = self._back / READ
        try:
            read.mkdir(exist_ok=True)
            for path in self._back.glob("*.json"):
                if path.name <= position["name"]:
                    path.replace(read / path.name)
        except OSError as wrong:
            raise Down(f"The folder {self._back} cannot be written to: {wrong.strerror}.") from None


def _message(name: str, raw: bytes) -> Message | BadMessage:
    try:
        return Message(name, msgspec.json.decode(raw), raw)
    except msgspec.DecodeError:
        return BadMessage(name, "is not JSON", raw)


def check(out: str, back: str) -> list[str]:
    """What is wrong with the folders."""
    missing = [folder for folder in (out, back) if not Path(folder).is_dir()]
    return [f"{folder} is no folder: make it, or correct the path" for folder in missing]
