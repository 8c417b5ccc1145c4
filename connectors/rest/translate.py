"""Items of the feed become work orders and updates, call-backs become claims: pure, by the company's tables.

A work order is made once, at the first instruction; each instruction is an update of it. The same item leads to the
same steps, the same event to the same claim ids, in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec

from connectors.contract import BadMessage, Draft, Item, Party, Personal, Step, Summons
from connectors.rest.event import Event
from connectors.rest.settings import CLAIMS, Answer, Field, Instruction, Rest
from schemas import ids
from schemas.events import Actor, ClaimMeta, Source, Subject, SubjectKind

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

GIVEN_BACK = frozenset({"handed_back", "returned", "transferred", "released"})
"""Statuses in which nothing is expected of a party now."""

FINAL = frozenset({"HandBack", "Return"})
"""Claims behind which no news is expected until another instruction."""

# ------------------------------------------------------------ to them


def steps(config: Rest, org: str, zone: tzinfo, item: Item) -> list[Step]:
    """What the company is to be told of an item: at most one order, then one update an instruction."""
    if item.subject.kind != SubjectKind.CASE:
        return []
    found: list[Step] = []
    for instruction in _instructions(config, org, item):
        if instruction.opens and not found:
            found.append(
                Step("order", {"do": "open", "data": _data(config, config.order, org, zone, item, instruction)})
            )
        body = _data(config, config.update, org, zone, item, instruction)
        what = {"do": "update", "if_there": not instruction.opens, "ends": instruction.ends, "data": body}
        found.append(Step(f"{instruction.word}-{item.seq}", what))
    return found


def _instructions(config: Rest, org: str, item: Item) -> Iterator[Instruction]:
    if item.reason == "fact":
        name = type(item.fact).__name__
        yield from (i for i in config.instructions if name in i.facts and (not i.ours or _names(item.fact, org)))
    elif item.reason == "introduced":
        standing = _standing(item, org)
        yield from (i for i in config.instructions if i.standing is not None and i.standing == standing)


def _standing(item: Item, org: str) -> str | None:
    """How a case that is met half-way stands with us."""
    party, summons = _party(item, org), _summons(item, org)
    if party is not None and party.role != "inform" and party.status not in GIVEN_BACK:
        return "working"
    return "summoned" if summons is not None and summons.reported_in_at is None else None


def _names(fact: Any, org: str) -> bool:
    """Whether a fact says something to this organisation: as its party, or among those it lists."""
    if org in (getattr(fact, "party", None), getattr(fact, "to", None), getattr(fact, "org", None)):
        return True
    listed = (*getattr(fact, "orgs", ()), *getattr(fact, "parties", ()))
    return any(one == org or (getattr(one, "org", None) == org and one.role != "inform") for one in listed)


def _party(item: Item, org: str) -> Party | None:
    return next((party for party in item.card.parties if party.org == org), None)


def _summons(item: Item, org: str) -> Summons | None:
    return next((summons for summons in item.card.summons if summons.org == org), None)


def _data(
    config: Rest, fields: Mapping[str, Field], org: str, zone: tzinfo, item: Item, instruction: Instruction
) -> dict[str, Any]:
    roots = {
        "word": instruction.word,
        "at": item.meta.occurred_at if item.meta else item.recorded_at,
        "seq": item.seq,
        "subject": item.subject.id,
        "fact": item.fact,
        "party": _party(item, org),
        "summons": _summons(item, org),
    }
    found = {name: _found(config, field, roots, item.card, zone) for name, field in fields.items()}
    return {name: value for name, value in found.items() if value not in (None, (), "")}


def _found(config: Rest, field: Field, roots: Mapping[str, Any], card: Any, zone: tzinfo) -> Any:
    if isinstance(field, str):
        return field
    first, _, rest = field.source.partition(".")
    value = roots[first] if first in roots else getattr(card, first)
    for part in rest.split(".") if rest else ():
        value = getattr(value, part, None)
    if value is None:
        return None
    last = field.source.rpartition(".")[2]
    if isinstance(value, int) and (last in ("at", "until") or last.endswith("_at")):
        return (EPOCH + timedelta(microseconds=value)).astimezone(zone).isoformat(timespec="seconds")
    return value if field.table is None else config.tables[field.table].get(str(value), field.other)


# ------------------------------------------------------------ from them


def drafts(config: Rest, org: str, role: str, event: Event, subject_id: str) -> list[Draft]:
    """The claims that a call-back is, about the case that the company's order is of. Raises BadMessage."""
    answer = _answer(config, event)
    if answer.claim is None:
        return []
    made = CLAIMS[answer.claim]
    given: dict[str, Any] = {name: _said(config, event, name, field) for name, field in answer.fields.items()}
    ours = {name: org for name in ("party", "org") if name in made.__struct_fields__}
    if "upstream_status" in made.__struct_fields__:
        given.setdefault("upstream_status", event.status)
    try:
        body = msgspec.convert(given | ours, made)
    except msgspec.ValidationError as wrong:
        raise BadMessage(event.id, f'status "{event.status}" is no {answer.claim}: {wrong}') from None
    meta = ClaimMeta(
        ids.claim_id(config.system, event.order, answer.claim, event.id),
        Subject(SubjectKind.CASE, subject_id),
        event.at,
        Actor(org, "source" if answer.already_done else role),
        Source(config.system, event.order),
        answer.already_done,
    )
    return [Draft(meta, body, _personal(made, event))]


def ends(config: Rest, event: Event) -> bool:
    """Whether the company is done with what it was told, for the time being."""
    rows = [answer for answer in config.answers if answer.status == event.status]
    return any(answer.claim in FINAL for answer in rows)


def _answer(config: Rest, event: Event) -> Answer:
    """The row of a status: that for the instruction that it answers, else that for any."""
    rows = {answer.to: answer for answer in config.answers if answer.status == event.status}
    found = rows.get(event.to) or rows.get(None)
    if found is None:
        what = f'status "{event.status}"' + (f' as answer to "{event.to}"' if event.to else "")
        raise BadMessage(event.id, f"{what} stands in no row of rest.answers: add one, then let it be sent again")
    return found


def _said(config: Rest, event: Event, name: str, field: Field) -> Any:
    if isinstance(field, str):
        return field
    value = getattr(event, field.source)
    if field.table is None or value is None:
        return field.other if value is None else value
    found = config.tables[field.table].get(str(value), field.other)
    if found is None:
        raise BadMessage(event.id, f'"{name}" is a value that the table "{field.table}" does not have')
    return found


def _personal(made: type[msgspec.Struct], event: Event) -> Personal:
    fields = made.__struct_fields__
    return Personal(
        text=event.note if "text" in fields else None,
        attached=event.photos if "evidence" in fields else (),
    )
