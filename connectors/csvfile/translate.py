"""One row of a CSV file becomes claims: pure, and the same for the same row and mapping.

Text, files and persons stay beside the claim (`Personal`), for the runner to put into the vault.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

import msgspec

from connectors.contract import NOTHING_PERSONAL, BadRow, Draft, Personal, Row, Translate
from connectors.csvfile import times
from connectors.csvfile.claims import claim_class
from connectors.csvfile.fields import Columns, field_reader, text_reader, time_reader
from connectors.csvfile.mapping import Mapping
from connectors.csvfile.rules import ClaimRule, FilesField, TextField, Value
from schemas import ids
from schemas.events import Actor, ClaimMeta, Source, Subject, SubjectKind

Parts = tuple[int, Actor, Any, Personal]
Read = Callable[[Row], Parts | None]
"""One claim of a row without its ids: (UTC microseconds, actor, body, what is personal); None where it has none."""

Make = Callable[[Row, Source, Subject], Draft | None]
T = TypeVar("T")
_canonical = msgspec.json.encode


def action_of(event: str) -> str:
    """The action in a claim's id: HandBack → hand_back."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in event).lstrip("_")


class Translation(NamedTuple):
    """How rows of one header are read: the source's own number of a row, and its claims. `check` reads a row as
    `translate` does, raises the same BadRow, and spares the ids; it answers with what is personal."""

    number: Callable[[Row], str]
    translate: Translate
    check: Callable[[Row], list[Personal]]


def translation(mapping: Mapping, header: list[str]) -> Translation:
    """The translation of rows under `header`, which must hold the mapping's columns (transport has looked)."""
    time = times.reader(mapping.time.pattern, mapping.time.zone, mapping.time.ambiguous, mapping.time.nonexistent)
    columns = Columns(mapping.name, header, mapping.tables, time)
    readers = [_reader(rule, columns) for rule in mapping.claims]
    makers = [_maker(mapping, rule, columns, read) for rule, read in zip(mapping.claims, readers, strict=True)]
    makers_of, readers_of = _chooser(mapping, columns, makers), _chooser(mapping, columns, readers)
    system = mapping.system

    def translate(row: Row, number: str) -> list[Draft]:
        source = Source(system, number)
        subject = Subject(SubjectKind.CASE, ids.case_id(system, number))
        drafts = [make(row, source, subject) for make in makers_of(row)]
        return [draft for draft in drafts if draft is not None]

    def check(row: Row) -> list[Personal]:
        return [parts[3] for read in readers_of(row) if (parts := read(row)) is not None]

    return Translation(_numbers(mapping, header), translate, check)


def _numbers(mapping: Mapping, header: list[str]) -> Callable[[Row], str]:
    at, column = header.index(mapping.number_column), mapping.number_column

    def number(row: Row) -> str:
        found = row.values[at]
        if not found:
            raise BadRow(row.line, column, None, "is empty: every row needs the number of its case")
        return found

    return number


def _chooser(mapping: Mapping, columns: Columns, makers: list[T]) -> Callable[[Row], list[T]]:
    """Which of the mapping's claims a row yields: all of them, or the one that its event column names."""
    if mapping.event_column is None:
        return lambda _row: makers
    column, at = mapping.event_column, columns.index(mapping.event_column)
    by_word = {rule.word: [make] for rule, make in zip(mapping.claims, makers, strict=True)}

    def one(row: Row) -> list[T]:
        found = by_word.get(row.values[at])
        if found is None:
            known = ", ".join(word for word in by_word if word)
            raise BadRow(row.line, column, row.values[at], f"is not an event of {mapping.name}.toml, which has {known}")
        return found

    return one


def _reader(rule: ClaimRule, columns: Columns) -> Read:
    at, actor = time_reader(columns, rule.at_column), _actor_reader(rule, columns)
    body, personal = _body_maker(rule, columns), _personal_reader(rule, columns)
    if rule.when_column is None:
        return lambda row: (at(row), actor(row), body(row), personal(row))
    when = columns.index(rule.when_column)
    return lambda row: (at(row), actor(row), body(row), personal(row)) if row.values[when] else None


def _maker(mapping: Mapping, rule: ClaimRule, columns: Columns, read: Read) -> Make:
    identity = [columns.index(column) for column in sorted(rule.identity)]
    system, already_done, action, claim_id = mapping.system, mapping.already_done, action_of(rule.event), ids.claim_id

    def make(row: Row, source: Source, subject: Subject) -> Draft | None:
        parts = read(row)
        if parts is None:
            return None
        occurred_at, actor, body, personal = parts
        values = row.values
        occurrence = sha256(_canonical([values[i] for i in identity])).hexdigest()[:32]
        claim = claim_id(system, source.number, action, occurrence)
        return Draft(ClaimMeta(claim, subject, occurred_at, actor, source, already_done), body, personal)

    return make


def _actor_reader(rule: ClaimRule, columns: Columns) -> Callable[[Row], Actor]:
    org, role = text_reader(columns, rule.org, required=True), text_reader(columns, rule.role, required=True)
    if rule.org.constant is not None and rule.role.constant is not None:
        always = Actor(rule.org.constant, rule.role.constant)
        return lambda _row: always
    return lambda row: Actor(org(row), role(row))


def _body_maker(rule: ClaimRule, columns: Columns) -> Callable[[Row], Any]:
    made = claim_class(rule.event)
    assert made is not None  # the loader has looked
    known = {field.name: field for field in msgspec.structs.fields(made)}
    constants = {name: field.constant for name, field in rule.fields if isinstance(field, Value) and field.constant}
    readers = [
        (name, field_reader(columns, name, field, known[name].required))
        for name, field in rule.fields
        if name not in constants
    ]
    if not readers:
        always = made(**constants)
        return lambda _row: always
    return lambda row: made(**constants, **{name: read(row) for name, read in readers})


def _personal_reader(rule: ClaimRule, columns: Columns) -> Callable[[Row], Personal]:
    if not rule.secrets:
        return lambda _row: NOTHING_PERSONAL
    texts: list[int] = []
    files, separator, person = None, ";", None
    for _, field in rule.secrets:
        if isinstance(field, TextField):
            texts = [columns.index(column) for column in field.text_columns]
        elif isinstance(field, FilesField):
            files, separator = columns.index(field.column), field.separator
        else:
            person = columns.index(field.column)

    def personal(row: Row) -> Personal:
        values = row.values
        text = "\n".join(values[i] for i in texts if values[i]) or None
        names = (name.strip() for name in values[files].split(separator)) if files is not None else ()
        who = values[person] or None if person is not None else None
        return Personal(text, tuple(name for name in names if name), who)

    return personal
