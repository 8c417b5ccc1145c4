"""One row of a CSV file becomes claims: pure, and the same for the same row and mapping.

Text, files and persons stay beside the claim (`Personal`), for the runner to put into the vault.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from connectors.contract import NOTHING_PERSONAL, BadRow, Draft, Personal, Row, Translate
from connectors.csvfile import times
from connectors.csvfile.fields import Columns, field_reader, text_reader, time_reader
from connectors.csvfile.mapping import Mapping
from connectors.csvfile.rules import ClaimRule, FilesField, TextField, claim_class
from schemas import ids
from schemas.events import Actor, ClaimMeta, Source, Subject, SubjectKind

Make = Callable[[Row, Source, Subject], Draft | None]
_canonical = msgspec.json.encode


def action_of(event: str) -> str:
    """The action in a claim's id: HandBack → hand_back."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in event).lstrip("_")


class Translation(NamedTuple):
    """How rows of one header are read: the source's own number of a row, and its claims."""

    number: Callable[[Row], str]
    translate: Translate


def translation(mapping: Mapping, header: list[str]) -> Translation:
    """The translation of rows under `header`, which must hold the mapping's columns (transport has looked)."""
    return Translation(_numbers(mapping, header), _translator(mapping, header))


def _translator(mapping: Mapping, header: list[str]) -> Translate:
    time = times.reader(mapping.time.pattern, mapping.time.zone, mapping.time.ambiguous, mapping.time.nonexistent)
    columns = Columns(mapping.name, header, mapping.tables, time)
    makers = [(rule.word, _maker(mapping, rule, columns)) for rule in mapping.claims]
    chosen = _chooser(mapping, columns, makers)
    system = mapping.system

    def translate(row: Row, number: str) -> list[Draft]:
        source = Source(system, number)
        subject = Subject(SubjectKind.CASE, ids.case_id(system, number))
        drafts = [make(row, source, subject) for make in chosen(row)]
        return [draft for draft in drafts if draft is not None]

    return translate


def _numbers(mapping: Mapping, header: list[str]) -> Callable[[Row], str]:
    at, column = header.index(mapping.number_column), mapping.number_column

    def number(row: Row) -> str:
        found = row.values[at]
        if not found:
            raise BadRow(row.line, column, None, "is empty: every row needs the number of its case")
        return found

    return number


def _chooser(
    mapping: Mapping, columns: Columns, makers: list[tuple[str | None, Make]]
) -> Callable[[Row], list[Make]]:
    if mapping.event_column is None:
        every = [make for _, make in makers]
        return lambda row: every
    column, at = mapping.event_column, columns.index(mapping.event_column)
    by_word = {word: [make] for word, make in makers}

    def one(row: Row) -> list[Make]:
        found = by_word.get(row.values[at])
        if found is None:
            known = ", ".join(word for word in by_word if word)
            raise BadRow(row.line, column, row.values[at], f"is not an event of {mapping.name}.toml, which has {known}")
        return found

    return one


def _maker(mapping: Mapping, rule: ClaimRule, columns: Columns) -> Make:
    at = time_reader(columns, rule.at_column)
    org, role = text_reader(columns, rule.org, required=True), text_reader(columns, rule.role, required=True)
    when = columns.index(rule.when_column) if rule.when_column is not None else None
    identity = [columns.index(column) for column in sorted(rule.identity)]
    body, personal = _body_maker(rule, columns), _personal_reader(rule, columns)
    system, already_done, action, claim_id = mapping.system, mapping.already_done, action_of(rule.event), ids.claim_id

    def make(row: Row, source: Source, subject: Subject) -> Draft | None:
        values = row.values
        if when is not None and not values[when]:
            return None
        occurrence = sha256(_canonical([values[i] for i in identity])).hexdigest()[:32]
        meta = ClaimMeta(
            claim_id(system, source.number, action, occurrence),
            subject,
            at(row),
            Actor(org(row), role(row)),
            source,
            already_done,
        )
        return Draft(meta, body(row), personal(row))

    return make


def _body_maker(rule: ClaimRule, columns: Columns) -> Callable[[Row], Any]:
    made = claim_class(rule.event)
    assert made is not None  # the loader has looked
    known = {field.name: field for field in msgspec.structs.fields(made)}
    readers = [(name, field_reader(columns, name, field, known[name].required)) for name, field in rule.fields]
    return lambda row: made(**{name: read(row) for name, read in readers})


def _personal_reader(rule: ClaimRule, columns: Columns) -> Callable[[Row], Personal]:
    if not rule.secrets:
        return lambda row: NOTHING_PERSONAL
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
