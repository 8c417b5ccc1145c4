"""Reading TOML strictly: every key is asked for by name, and whatever nobody asked for is an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connectors.contract import BadMapping


class Section:
    """One table of a mapping. `where` is what error messages name: file and table."""

    def __init__(self, where: str, content: Any) -> None:
        if not isinstance(content, dict):
            raise BadMapping(f"{where} must be a table")
        self.where = where
        self._content: dict[str, Any] = dict(content)
        self._asked: list[str] = []

    def __iter__(self) -> Iterator[str]:
        """Keys that nobody has asked for yet."""
        return iter(list(self._content))

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def _take(self, key: str) -> Any:
        self._asked.append(key)
        return self._content.pop(key, None)

    def fail(self, key: str, reason: str) -> BadMapping:
        return BadMapping(f'{self.where}: "{key}" {reason}')

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value:
            raise self.fail(key, "is missing: give a text" if value is None else "must be a text that is not empty")
        return value

    def optional(self, key: str) -> str | None:
        if key in self:
            return self.text(key)
        self._asked.append(key)
        return None

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise self.fail(key, f'is "{value}"; use one of {", ".join(choices)}')
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self._take(key)
        if value is not None and not isinstance(value, bool):
            raise self.fail(key, "must be true or false")
        return default if value is None else value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.fail(key, "must be a list of texts")
        if len(set(value)) != len(value):
            raise self.fail(key, "names something twice")
        return tuple(value)

    def section(self, key: str) -> Section:
        value = self._take(key)
        if value is None:
            raise self.fail(key, "is missing: give a table")
        return Section(f"{self.where}.{key}", value)

    def sections(self, key: str) -> list[Section]:
        value = self._take(key)
        if not isinstance(value, list) or not value:
            raise self.fail(key, f"is missing: give at least one [[{key}]]")
        return [Section(f"{self.where}.{key}[{n}]", item) for n, item in enumerate(value, 1)]

    def raw(self, key: str) -> Any:
        return self._take(key)

    def done(self) -> None:
        """Refuse what nobody asked for."""
        if self._content:
            unknown = ", ".join(f'"{key}"' for key in self._content)
            known = ", ".join(sorted(set(self._asked)))
            raise BadMapping(f"{self.where}: unknown key {unknown}; known are {known}")
