"""Who may see which kind of entry for which purpose: a table of data (access.toml) and its strict loader."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

KINDS = frozenset({"text", "file", "contact", "number", "dead_letter"})


@dataclass(frozen=True, slots=True)
class Access:
    """`purposes`: purpose → what it means. `grants`: the allowed (role, purpose, kind); anything else is refused."""

    purposes: Mapping[str, str]
    grants: frozenset[tuple[str, str, str]]

    def allows(self, role: str, purpose: str, kind: str) -> bool:
        """Whether the table grants exactly this."""
        return (role, purpose, kind) in self.grants


def read_access(text: str) -> Access:
    """Read a table. Raises ValueError for an unknown heading, purpose or kind."""
    document = tomllib.loads(text)
    if document.keys() != {"purposes", "roles"}:
        raise ValueError(f"access table: headings are {sorted(document)}, use purposes and roles")
    purposes: dict[str, str] = document["purposes"]
    grants: set[tuple[str, str, str]] = set()
    for role, by_purpose in document["roles"].items():
        for purpose, kinds in by_purpose.items():
            _check(role, purpose, kinds, purposes)
            grants.update((role, purpose, kind) for kind in kinds)
    return Access(purposes, frozenset(grants))


def _check(role: str, purpose: str, kinds: object, purposes: Mapping[str, str]) -> None:
    where = f"access table: roles.{role}.{purpose}"
    if purpose not in purposes:
        raise ValueError(f"{where}: no such purpose, there are {', '.join(sorted(purposes))}")
    if not isinstance(kinds, list) or not kinds:
        raise ValueError(f"{where}: give a list of kinds, at least one of {', '.join(sorted(KINDS))}")
    if unknown := sorted(str(kind) for kind in kinds if kind not in KINDS):
        raise ValueError(f"{where}: no such kind as {', '.join(unknown)}, there are {', '.join(sorted(KINDS))}")


def load_access() -> Access:
    """The table that ships with the hub."""
    return read_access(files("ops.vault").joinpath("access.toml").read_text("utf-8"))
