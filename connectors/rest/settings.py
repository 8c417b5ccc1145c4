"""What a company's REST link looks like, and what its words and ours mean to each other. Data, read strictly.

A company is one TOML file. `[rest]` says where it is and how it signs; `[[rest.instructions]]` which facts are
instructions to it, `[rest.order]` and `[rest.update]` what it is told then; `[rest.event]` where its call-backs have
what, `[[rest.answers]]` which claims its statuses are.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connectors.contract import Card, Party, Secret, Summons
from schemas import events

CLAIMS: dict[str, type[msgspec.Struct]] = {full.rpartition(".")[2]: made for full, made in events.CLAIMS.items()}
FACTS: dict[str, type[msgspec.Struct]] = {full.rpartition(".")[2]: made for full, made in events.FACTS.items()}

Words = dict[str, str]
Positive = Annotated[float, Meta(gt=0)]

ITEM_FIELDS = ("word", "at", "seq", "subject", "fact", "party", "summons")
"""What a value may come from beside the fields of the card."""

EVENT_FIELDS = ("status", "reason", "due")
"""What the field of a claim may come from: what a call-back says without personal content."""


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """Where a field comes from: `{ from = "card field" }`, perhaps through a table; what no table row has is `other`,
    or refused without one. Times leave in ISO 8601 with the department's offset."""

    source: str
    table: str | None = None
    other: str | None = None


Field = str | Value
"""A constant, or where the value comes from."""


class Instruction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of instruction: `word` is the company's name for it.

    `facts` are the facts that are one. With `ours` only those that name the department; `standing` is how the card must
    show the department for a case that it meets half-way. With `opens` the work order is made first, where there is
    none; without, a company that has no order of the case is told nothing. With `ends` no more news of it is expected.
    """

    word: str
    facts: tuple[str, ...] = ()
    ours: bool = True
    standing: Literal["summoned", "working"] | None = None
    opens: bool = False
    ends: bool = False


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A status of theirs is a claim of the department; `to`: only as answer to this instruction. No `claim`: known, and
    nothing to us. `already_done` reports as a source what the rules might forbid: it is recorded and flagged."""

    status: str
    claim: str | None = None
    to: str | None = None
    fields: dict[str, Field] = {}
    already_done: bool = False


class EventFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the fields of a call-back, where the company has its own."""

    event: str = "event_id"
    order: str = "order"
    key: str = "key"
    status: str = "status"
    at: str = "occurred_at"
    sequence: str = "sequence"
    to: str = "answers"
    note: str = "note"
    reason: str = "reason"
    due: str = "due"
    photos: str = "photos"


class CallBacks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How its call-backs are trusted. `gap`: what to do when one is missing between the last and this one: `read` the
    order's history from the company, or `wait` for it to come. After `patience_seconds` the late one is not waited for.
    An order of which nothing was heard for `ask_seconds` is asked for (0, and with `wait`: never), so that a last
    call-back that is lost does not leave its case open for ever.
    """

    secret: Secret
    previous_secret: Secret | None = None
    skew_seconds: Positive = 300.0
    gap: Literal["read", "wait"] = "read"
    patience_seconds: Positive = 600.0
    ask_seconds: Annotated[float, Meta(ge=0)] = 300.0
    largest_bytes: int = 4 << 20


class Rest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[rest]`. `system`: code of the company's numbering in the hub; ids are made of it, so never change it."""

    url: str
    system: str
    call_backs: CallBacks
    instructions: tuple[Instruction, ...]
    order: dict[str, Field]
    update: dict[str, Field]
    answers: tuple[Answer, ...]
    token: Secret | None = None
    orders_path: str = "/orders"
    timeout_seconds: Positive = 10.0
    event: EventFields = EventFields()
    tables: dict[str, Words] = {}

    def __post_init__(self) -> None:
        """What one table says of another. Raises ValueError, which the loader shows with the file's name."""
        for instruction in self.instructions:
            _check_instruction(instruction)
        for name, field in (*self.order.items(), *self.update.items()):
            _check_value(self, name, field, (*Card.__struct_fields__, *ITEM_FIELDS))
        pairs = [(answer.status, answer.to) for answer in self.answers]
        if len(set(pairs)) != len(pairs):
            raise ValueError("rest.answers: a status stands there twice; tell the rows apart by `to`")
        for answer in self.answers:
            _check_answer(self, answer)


def _check_instruction(instruction: Instruction) -> None:
    if unknown := sorted(set(instruction.facts) - FACTS.keys()):
        raise ValueError(f'rest.instructions "{instruction.word}": there is no fact {unknown[0]}')
    if not instruction.facts and instruction.standing is None:
        raise ValueError(f'rest.instructions "{instruction.word}": give facts or standing, or it never happens')


def _check_answer(config: Rest, answer: Answer) -> None:
    where = f'rest.answers "{answer.status}"'
    if answer.to is not None and answer.to not in {instruction.word for instruction in config.instructions}:
        raise ValueError(f'{where}: there is no instruction "{answer.to}"')
    if answer.claim is None:
        return
    made = CLAIMS.get(answer.claim)
    if made is None:
        raise ValueError(f"{where}: there is no claim {answer.claim}; see schemas/avro for their names")
    for name, field in answer.fields.items():
        if name not in made.__struct_fields__:
            raise ValueError(f"{where}: {answer.claim} has no field {name}; it has {', '.join(made.__struct_fields__)}")
        _check_value(config, name, field, EVENT_FIELDS)
    needed = {field.name for field in msgspec.structs.fields(made) if field.required}
    if missing := sorted(needed - answer.fields.keys() - {"party", "org"}):
        raise ValueError(f"{where}: {answer.claim} needs the field {missing[0]}")


def _check_value(config: Rest, name: str, field: Field, known: tuple[str, ...]) -> None:
    if isinstance(field, str):
        return
    first, _, rest = field.source.partition(".")
    if first not in known:
        raise ValueError(f'rest: "{name}" comes from "{first}"; there is {", ".join(known)}')
    part = {"party": Party, "summons": Summons}.get(first)
    if part is not None and rest not in part.__struct_fields__:
        raise ValueError(f'rest: "{name}" comes from "{field.source}"; {first} has {", ".join(part.__struct_fields__)}')
    if field.table is not None and field.table not in config.tables:
        raise ValueError(f'rest: "{name}" uses the table "{field.table}", but there is no [rest.tables.{field.table}]')
