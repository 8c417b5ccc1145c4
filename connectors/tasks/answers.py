"""Status words of theirs become claims of the department. Pure but for the look-up of a number.

Promise: the same answer leads to the same claim ids, whenever and however often it comes; a word that stands in no row
is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from connectors.contract import Attached, BadMessage, Draft, LookUp, Personal
from connectors.tasks.settings import CLAIMS, AnswerRule
from schemas import ids
from schemas.events import Actor, ClaimMeta, Source, Subject, SubjectKind


class Speaker(NamedTuple):
    """For whom an answer speaks, and in whose numbering."""

    org: str
    role: str
    system: str


class Answer(NamedTuple):
    """What they said. `number`: the case as they cite it; `at`, `until` UTC µs; `occurrence`: what tells two answers
    apart. `text` may be personal."""

    place: str
    word: str
    number: str
    at: int
    occurrence: str
    text: str = ""
    reason: str = ""
    until: int | None = None
    files: tuple[Attached, ...] = ()


def drafts(rules: Sequence[AnswerRule], who: Speaker, answer: Answer, look_up: LookUp) -> list[Draft]:
    """The claims of an answer. Raises BadMessage."""
    rule = next((rule for rule in rules if rule.word == answer.word), None)
    if rule is None:
        raise BadMessage(answer.place, "its status word stands in no row of answers: add one, then let it come again")
    _check(rule, answer)
    if not rule.claims:
        return []
    case = look_up(answer.number)
    if case is None:
        raise BadMessage(answer.place, "nobody has given them a case of this number")
    return [_draft(name, rule, who, answer, case) for name in rule.claims]


def _check(rule: AnswerRule, answer: Answer) -> None:
    for name in rule.needs:
        if not getattr(answer, name):
            raise BadMessage(answer.place, f'"{rule.word}" needs {name}, which is empty')


def _draft(name: str, rule: AnswerRule, who: Speaker, answer: Answer, case: str) -> Draft:
    made = CLAIMS[name]
    fields = made.__struct_fields__
    given = {
        "party": who.org,
        "org": who.org,
        "upstream_status": answer.word,
        "until": answer.until,
        "due_at": answer.until,
        "reason": _reason(rule, answer) if "reason" in fields else None,
    }
    try:
        body = msgspec.convert(
            {key: value for key, value in given.items() if key in fields and value is not None}, made
        )
    except msgspec.ValidationError as wrong:
        raise BadMessage(answer.place, f'"{rule.word}" is no {name}: {wrong}') from None
    meta = ClaimMeta(
        ids.claim_id(who.system, answer.number, name, answer.occurrence),
        Subject(SubjectKind.CASE, case),
        answer.at,
        Actor(who.org, who.role),
        Source(who.system, answer.number),
    )
    return Draft(meta, body, _personal(fields, rule, answer))


def _reason(rule: AnswerRule, answer: Answer) -> str:
    found = rule.reasons.get(answer.reason.strip(), rule.reason)
    if found is None:
        raise BadMessage(answer.place, f'the reason of "{rule.word}" stands in no row of its reasons')
    return found


def _personal(fields: Sequence[str], rule: AnswerRule, answer: Answer) -> Personal:
    said: list[Any] = [part for part in (rule.note, answer.text.strip()) if part]
    return Personal(
        text="：".join(said) if said and "text" in fields else None,
        attached=answer.files if "evidence" in fields else (),
    )
