"""What is answered: items as CloudEvents, their texts opened for the department, each look recorded.

A text that has been erased is null; one that the department's role may not see stays a reference, as files do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.contract import BadData
from connectors.delivery.bodies import Reading
from connectors.feeds.reading import Read
from connectors.feeds.shown import event, plain
from schemas.events import TextRef

_json = msgspec.json.Encoder().encode


class Answering:
    """Makes the events of one department's items. Any thread may use it; it may wait for the vault."""

    def __init__(self, namespace: str, reading: Reading | None) -> None:
        """Without `reading` nothing is opened."""
        self._namespace = namespace
        self._reading = reading

    def batch(self, items: Sequence[Read]) -> bytes:
        """A batch of CloudEvents; a text that several of them have is looked at once."""
        known: dict[str, Any] = {}
        return _json([self._event(one, known) for one in items])

    def one(self, item: Read) -> bytes:
        """One CloudEvent."""
        return _json(self._event(item, {}))

    def _event(self, one: Read, known: dict[str, Any]) -> Any:
        if self._reading is None:
            return event(one.item, one.meta, one.fact, self._namespace, one.partition)
        told = event(one.item, one.meta, one.fact, self._namespace, one.partition, _is_text)
        return self._opened(told, known)

    def _opened(self, value: Any, known: dict[str, Any]) -> Any:
        match value:
            case TextRef():
                if value.ref not in known:
                    known[value.ref] = self._text(value)
                return known[value.ref]
            case dict():
                return {name: self._opened(inner, known) for name, inner in value.items()}
            case list():
                return [self._opened(inner, known) for inner in value]
        return value

    def _text(self, ref: TextRef) -> Any:
        assert self._reading is not None
        try:
            return self._reading.text(ref)
        except BadData:
            return plain(ref)


def _is_text(value: Any) -> bool:
    return isinstance(value, TextRef)
