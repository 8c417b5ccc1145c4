"""Lines of the police become claims: pure but for looking up a case, and the same for the same line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from connectors.batches import lines
from connectors.batches.batch import Line
from connectors.batches.lines import Answer, BadLine, HandOn, Question, Reference, TransferIn, Work
from connectors.batches.translate import HUB, POLICE
from connectors.contract import NOTHING_PERSONAL, Draft, LookUp, Personal
from schemas import ids
from schemas.events import (
    Acknowledge,
    Actor,
    AnswerHandOver,
    AnswerReference,
    AskReference,
    Category,
    ClaimMeta,
    HandBack,
    HandOver,
    Place,
    Position,
    Progress,
    Report,
    ReportIn,
    Return,
    Source,
    Subject,
    SubjectKind,
)


class Theirs(NamedTuple):
    """How the police are read: who they are here, what their numbers are called, what their categories mean, and which
    division a code of theirs is at a moment."""

    org: str
    role: str
    reports_as: str
    system: str
    categories: Mapping[str, Category]
    division: Callable[[str | None, int], str | None]


def drafts(line: Line, words: Mapping[str, str], theirs: Theirs, look_up: LookUp) -> list[Draft]:
    """The claims of a line; `words` are what its capsule held: `text`, `contact`. Raises BadLine."""
    body = lines.read(line.kind, line.body)
    if isinstance(body, TransferIn):
        return [_report(line, body, words, theirs)]
    subject = _subject(line, theirs, look_up)
    claim = _claim(line.kind, body, theirs.org)
    text = words.get("text")
    personal = Personal(text=text) if text and "text" in claim.__struct_fields__ else NOTHING_PERSONAL
    return [Draft(_meta(line, subject, body.at, theirs.role, theirs), claim, personal)]


def _claim(kind: str, body: Any, org: str) -> Any:
    match body:
        case Answer(accepted=accepted, reason=reason, number=number) if kind == "hand-over-answer":
            return AnswerHandOver(org, accepted, _needed(accepted, reason), number)
        case Answer(accepted=True):
            return Acknowledge(org)
        case Answer(reason=reason):
            return Return(org, _needed(False, reason) or "")
        case Reference(outcome=outcome, reference=reference):
            return AnswerReference(org, outcome, reference)
        case Question(party=party, purpose=purpose):
            return AskReference(party, purpose)
        case HandOn(service=service, org=to, reason=reason):
            return HandOver(service, to, reason)
        case Work():
            return {"report-in": ReportIn, "progress": Progress, "hand-back": HandBack}[kind](org)
    raise BadLine("unknown-kind", "a line of a kind that is not known")


def _needed(accepted: bool, reason: str | None) -> str | None:
    if not accepted and not reason:
        raise BadLine("no-reason", "a refusal without a reason")
    return reason


def _report(line: Line, body: TransferIn, words: Mapping[str, str], theirs: Theirs) -> Draft:
    number = _own_number(line)
    category = theirs.categories.get(body.category)
    if category is None:
        raise BadLine("unknown-category", "a category of theirs that our table does not have")
    division = theirs.division(body.police_code, body.at)
    if body.police_code is not None and division is None:
        raise BadLine("unknown-police-code", "a police code that meant no community then")
    subject = Subject(SubjectKind.CASE, ids.case_id(theirs.system, number))
    place = Place(division, None, body.place, _position(body))
    report = Report(category, place, POLICE, restricted=body.restricted)
    personal = Personal(text=words.get("text"), person=words.get("contact"))
    return Draft(_meta(line, subject, body.at, theirs.reports_as, theirs), report, personal)


def _position(body: TransferIn) -> Position | None:
    found = body.position
    if found is None:
        return None
    if not (-180 <= found.longitude <= 180 and -90 <= found.latitude <= 90):
        raise BadLine("bad-body", "a position that is nowhere")
    return Position(found.longitude, found.latitude, "CGCS2000", found.longitude, found.latitude)


def _own_number(line: Line) -> str:
    opener, _, number = line.case.partition(":")
    if opener != POLICE or not lines.CODE.fullmatch(number) or lines.PHONE_OR_IDENTITY.search(number):
        raise BadLine("not-a-case", f"a transfer whose case is not named {POLICE}:<number>")
    return number


def _subject(line: Line, theirs: Theirs, look_up: LookUp) -> Subject:
    opener, _, number = line.case.partition(":")
    found = look_up(number) if opener == HUB else ids.case_id(theirs.system, _own_number(line))
    if found is None:
        raise BadLine("unknown-case", "a case that the police were never told of")
    return Subject(SubjectKind.CASE, found)


def _meta(line: Line, subject: Subject, at: int, role: str, theirs: Theirs) -> ClaimMeta:
    claim_id = ids.claim_id(theirs.system, line.case, line.kind, line.key)
    source = Source(theirs.system, line.case.removeprefix(f"{POLICE}:"))
    return ClaimMeta(claim_id, subject, at, Actor(theirs.org, role), source)
