"""What of the reference holds at a moment: one load of each document, and indexes over their items.

Promise: asking changes nothing but the speed of the next question.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from streams.core.reference.loads import KINDS, Loaded

Item = TypeVar("Item")
Key = TypeVar("Key", bound=Hashable)

_KIND_OF = {cls: kind for kind, cls in KINDS.items()}


@dataclass(frozen=True)
class InForce:
    """Loads that hold, sorted by kind and name; `version` is that of the reference that they are taken from."""

    version: int
    loads: tuple[Loaded, ...]
    _known: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    def documents(self, cls: type[Any]) -> tuple[Loaded, ...]:
        """The loads whose items are of this class."""
        return tuple(load for load in self.loads if load.header.kind == _KIND_OF[cls])

    def document(self, cls: type[Any], name: str) -> Loaded | None:
        """The load of this document."""
        return next((load for load in self.documents(cls) if load.header.name == name), None)

    def items(self, cls: type[Item]) -> tuple[Item, ...]:
        """The items of this class from all documents."""
        return cast(
            "tuple[Item, ...]",
            self.once(cls, lambda: tuple(item for load in self.documents(cls) for item in load.items)),
        )

    def grouped(self, cls: type[Item], key: Callable[[Item], Key]) -> Mapping[Key, tuple[Item, ...]]:
        """The items of this class by a key. `key` is a function of a module: the index is made once for each."""

        def index() -> dict[Key, tuple[Item, ...]]:
            found: dict[Key, list[Item]] = {}
            for item in self.items(cls):
                found.setdefault(key(item), []).append(item)
            return {at: tuple(items) for at, items in found.items()}

        return cast("Mapping[Key, tuple[Item, ...]]", self.once((cls, key), index))

    def coded(self, cls: type[Item], code: str | None) -> Item | None:
        """The item of this class with this code."""
        found = self.grouped(cls, _code).get(code or "")
        return found[0] if found else None

    def once(self, key: object, make: Callable[[], Any]) -> Any:
        """What `make` gives, made at the first call with this key; for indexes over what is here."""
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]


def _code(item: Any) -> str:
    return cast("str", item.code)
