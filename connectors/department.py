"""A department: one TOML file that says for whom a connector works, of which kind it is, and how it is set.

The loader is strict: a key that nobody knows, one that is missing, a value of the wrong kind is an error that names the
file, the key and what to do. Secrets never stand in the file, only where to find them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from connectors import kinds
from connectors.contract import Department, Kind, Refused, Secret
from connectors.delivery.patience import Patience

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class BadDepartment(Refused):
    """A department's file says something that cannot be used; one sentence with file, key and remedy."""


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[department] of the file."""

    org: str
    """Code of the organisation: the actor of its claims, the party of its cases."""

    kind: str
    """Kind of connector, a folder of connectors/."""

    role: str = "handler"
    """Role in which it speaks, as in the authority table."""

    subscription: str | None = None
    """Code of its subscription; without one nothing is delivered to it."""

    zone: str = "Asia/Shanghai"
    """Time zone in which it writes its times."""

    reads_as: str = "connector"
    """Role in which texts and files are opened for it, as in the vault's access table."""

    poll_seconds: float = 5.0
    """How often a source is asked."""


class Loaded(NamedTuple):
    """A department's file, read and checked; `options` is the kind's own Struct."""

    department: Department
    head: Head
    kind: Kind
    options: Any
    patience: Patience

    @property
    def name(self) -> str:
        return self.department.name


def folder(path: Path) -> list[Loaded]:
    """Every department of a folder, by name; an empty list where there is no folder. Raises BadDepartment."""
    return [load(found) for found in sorted(path.glob("*.toml"))] if path.is_dir() else []


def examples() -> list[str]:
    """Names of the examples that the project ships."""
    return sorted(found.name.removesuffix(".toml") for found in _examples().iterdir() if found.name.endswith(".toml"))


def example(name: str) -> Loaded:
    """An example by name. Raises BadDepartment."""
    if name not in examples():
        raise BadDepartment(f'there is no example "{name}"; there are {", ".join(examples()) or "none"}')
    return parse(name, (_examples() / f"{name}.toml").read_bytes())


def _examples() -> Any:
    return resources.files("connectors") / "departments" / "examples"


def load(path: Path) -> Loaded:
    """A department from its file. Raises BadDepartment."""
    try:
        return parse(path.stem, path.read_bytes(), path.parent)
    except OSError as wrong:
        raise BadDepartment(f"{path}: cannot be read ({wrong.strerror}): give the path of a .toml file") from None


def parse(name: str, content: bytes, beside: Path | None = None) -> Loaded:
    """A department from the bytes of its file; `name` is the file's stem, `beside` the folder in which it lies: there
    may be kinds of its own. Raises BadDepartment."""
    where = f"{name}.toml"
    if not NAME.fullmatch(name):
        raise BadDepartment(f"{where}: a department's file is named by lower-case letters, digits, - and _: rename it")
    try:
        top = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise BadDepartment(f"{where}: not readable as TOML in UTF-8: {wrong}") from None
    return checked(name, top, beside)


def checked(name: str, top: Mapping[str, Any], beside: Path | None = None) -> Loaded:
    """A department from the tables of its file. Raises BadDepartment."""
    where = f"{name}.toml"
    head: Head = _section(where, "department", top.get("department"), Head)
    try:
        kind = kinds.kind(head.kind, beside)
        zone = ZoneInfo(head.zone)
    except Refused as wrong:
        raise BadDepartment(f"{where}: [department] kind: {wrong}") from None
    except (ZoneInfoNotFoundError, ValueError):
        raise BadDepartment(f'{where}: [department] zone is "{head.zone}": write one like Asia/Shanghai') from None
    known = {"about", "department", "delivery", kind.name}
    if strangers := sorted(set(top) - known):
        raise BadDepartment(f"{where}: [{strangers[0]}] is not known: use {', '.join(sorted(known))}")
    options = _section(where, kind.name, top.get(kind.name, {}), kind.config)
    patience: Patience = _section(where, "delivery", top.get("delivery", {}), Patience)
    return Loaded(Department(name, head.org, head.role, zone), head, kind, options, patience)


def _section(where: str, key: str, given: Any, made: type[Any]) -> Any:
    if not isinstance(given, dict):
        raise BadDepartment(f"{where}: [{key}] is missing: write it as a table")
    try:
        return msgspec.convert(given, made, dec_hook=_secret)
    except msgspec.ValidationError as wrong:
        told, _, path = str(wrong).partition(" - at `$")
        at = f"{key}{path.rstrip('`')}"
        known = ", ".join(field.name for field in msgspec.structs.fields(made))
        raise BadDepartment(f"{where}: [{at}] {told[0].lower()}{told[1:]}: its keys are {known}") from None


def _secret(kind: type, given: Any) -> Any:
    if kind is not Secret:
        raise NotImplementedError(f"a configuration cannot hold a {kind.__name__}")
    if not isinstance(given, str) or not given.startswith(("env:", "file:")):
        raise ValueError('a secret never stands in the file: write "env:NAME" or "file:PATH"')
    return Secret(given)


def shown(loaded: Loaded) -> dict[str, Any]:
    """A department's configuration for people and programs, secrets masked."""
    head = msgspec.to_builtins(loaded.head)
    return {"department": head, loaded.kind.name: dict(_masked(loaded.options))} | {
        "delivery": msgspec.to_builtins(loaded.patience)
    }


def _masked(value: Any) -> Iterator[tuple[str, Any]]:
    for name in value.__struct_fields__:
        yield name, _mask(getattr(value, name))


def _mask(value: Any) -> Any:
    match value:
        case Secret():
            return "***"
        case msgspec.Struct():
            return dict(_masked(value))
        case dict():
            return {str(name): _mask(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_mask(inner) for inner in value]
    return value


def secrets(value: Any) -> Iterator[Secret]:
    """Every secret that a configuration names."""
    match value:
        case Secret():
            yield value
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from secrets(getattr(value, name))
        case dict():
            for inner in value.values():
                yield from secrets(inner)
        case list() | tuple():
            for inner in value:
                yield from secrets(inner)
