"""A mapping: which claims a file's rows yield, from which columns, with which times, codes and parties. Data, not code.

Mappings are TOML files in connectors/departments; another city's export needs only another file. The loader is strict:
an unknown key, a column that the file is not said to have, or personal content in a place that reaches Kafka is an
error that names file and key.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.contract import BadMapping
from connectors.csvfile import times
from connectors.csvfile.claims import claim_rule, value
from connectors.csvfile.rules import ClaimRule, Value
from connectors.csvfile.sections import Section

ENCODINGS = ("utf-8", "gb18030", "big5", "latin-1", "windows-1252")
"""Encodings in which a line ends with one byte that is nothing else: a bad byte can be found by its line."""


@dataclass(frozen=True, slots=True)
class FileLayout:
    """What the file looks like. `columns` must be there; `ignored` may be, and are never read."""

    encoding: str
    delimiter: str
    final_newline: bool
    columns: tuple[str, ...]
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How the source writes its times."""

    pattern: str
    zone: ZoneInfo
    ambiguous: str
    nonexistent: str


@dataclass(frozen=True, slots=True)
class Mapping:
    """Everything that translation needs to know of one source. `event_column` is None where a row is a whole case;
    otherwise a row is one event, named in that column."""

    name: str
    system: str
    already_done: bool
    file: FileLayout
    time: TimeRule
    number_column: str
    number_personal: bool
    event_column: str | None
    claims: tuple[ClaimRule, ...]
    tables: dict[str, dict[str, str]]
    digest: str

    def personal_columns(self) -> frozenset[str]:
        """Columns whose content goes to the vault and nowhere else."""
        columns = {column for claim in self.claims for column in claim.personal_columns()}
        return frozenset(columns | ({self.number_column} if self.number_personal else set()))


def names() -> list[str]:
    """Names of the mappings that the project ships."""
    folder = resources.files("connectors") / "departments"
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))


def load(name: str) -> Mapping:
    """A shipped mapping by name, or any other by its path ending in .toml. Raises BadMapping."""
    if name.endswith(".toml"):
        path = Path(name)
        if not path.is_file():
            raise BadMapping(f"{path}: there is no such file; give a mapping's path, or one of {', '.join(names())}")
        return parse(path.stem, path.read_bytes())
    if name not in names():
        raise BadMapping(f'there is no mapping "{name}"; use {", ".join(names())} or the path of a .toml file')
    return parse(name, (resources.files("connectors") / "departments" / f"{name}.toml").read_bytes())


def parse(name: str, content: bytes) -> Mapping:
    """A mapping from the bytes of its TOML file; `name` is the file's stem and the connector's name."""
    where = f"{name}.toml"
    try:
        top = Section(where, tomllib.loads(content.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise BadMapping(f"{where}: not readable as TOML in UTF-8: {wrong}") from None
    top.optional("about")
    mapping = _mapping(name, top, sha256(content).hexdigest())
    top.done()
    _check_columns(where, mapping)
    return mapping


def _mapping(name: str, top: Section, digest: str) -> Mapping:
    tables = _tables(top)
    case = top.section("case")
    actor = top.section("actor")
    org, role = value(actor, "org", tables), value(actor, "role", tables)
    events = top.section("events") if "events" in top else None
    event_column = events.text("column") if events else None
    mapping = Mapping(
        name=name,
        system=top.text("system"),
        already_done=top.flag("already_done", default=False),
        file=_layout(top.section("file")),
        time=_time(top.section("time")),
        number_column=case.text("number_column"),
        number_personal=case.flag("personal", default=False),
        event_column=event_column,
        claims=_claims(top, event_column is not None, (org, role), tables),
        tables=tables,
        digest=digest,
    )
    for section in (case, actor, *([events] if events else [])):
        section.done()
    return mapping


def _claims(
    top: Section, by_event: bool, actor: tuple[Value, Value], tables: dict[str, dict[str, str]]
) -> tuple[ClaimRule, ...]:
    claims = tuple(claim_rule(section, by_event, actor, tables) for section in top.sections("claims"))
    words = [claim.word for claim in claims if claim.word is not None]
    if len(set(words)) != len(words):
        raise BadMapping(f"{top.where}: two [[claims]] have the same word; a row is one event, so it yields one claim")
    return claims


def _layout(section: Section) -> FileLayout:
    layout = FileLayout(
        encoding=section.choice("encoding", ENCODINGS, "utf-8"),
        delimiter=section.text("delimiter", ","),
        final_newline=section.flag("final_newline", default=True),
        columns=section.texts("columns"),
        ignored=section.texts("ignored", ()),
    )
    section.done()
    if len(layout.delimiter) != 1:
        raise section.fail("delimiter", "must be one character")
    if both := set(layout.columns) & set(layout.ignored):
        raise section.fail("ignored", f"names columns that are also read: {', '.join(sorted(both))}")
    return layout


def _time(section: Section) -> TimeRule:
    pattern, zone = section.text("format"), section.text("zone")
    try:
        times.compile_format(pattern)
    except ValueError as wrong:
        raise section.fail("format", f"is not understood: {wrong}") from None
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise section.fail("zone", f'is "{zone}", which is not a time zone like Asia/Shanghai') from None
    rule = TimeRule(
        pattern=pattern,
        zone=info,
        ambiguous=section.choice("ambiguous", times.AMBIGUOUS, "first"),
        nonexistent=section.choice("nonexistent", times.NONEXISTENT, "refuse"),
    )
    section.done()
    return rule


def _tables(top: Section) -> dict[str, dict[str, str]]:
    if "tables" not in top:
        return {}
    section = top.section("tables")
    found: dict[str, dict[str, str]] = {}
    for name in section:
        entries = section.raw(name)
        if not isinstance(entries, dict) or not all(isinstance(entry, str) for entry in entries.values()):
            raise section.fail(name, "must be a table from text to text")
        found[name] = entries
    return found


def _check_columns(where: str, mapping: Mapping) -> None:
    used = {mapping.number_column, *(column for claim in mapping.claims for column in claim.columns())}
    used |= {mapping.event_column} if mapping.event_column else set()
    if strangers := used - set(mapping.file.columns):
        raise BadMapping(f"{where}: {_listed(strangers)} used, but not among file.columns")
    if idle := set(mapping.file.columns) - used:
        raise BadMapping(f"{where}: {_listed(idle)} never used: move to file.ignored")
    open_columns = {column for claim in mapping.claims for column in claim.open_columns()}
    if leak := mapping.personal_columns() & open_columns:
        raise BadMapping(f"{where}: {_listed(leak)} goes to the vault, so it must not stand in a claim or its identity")


def _listed(columns: set[str] | frozenset[str]) -> str:
    return ("column " if len(columns) == 1 else "columns ") + ", ".join(f'"{column}"' for column in sorted(columns))
