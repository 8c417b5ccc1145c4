"""A report as an app sends it, as a claim; an item of the feed, as what may be told to whoever has the number. Pure.

Promise: what a person wrote (text, address, contact) stands in the part of a draft that goes to the vault. What is
told of a case holds no words of anybody; of a restricted case nothing is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from connectors.contract import Draft, Item, Personal, Step
from schemas import ids
from schemas.events import Actor, Category, ClaimMeta, FileRef, Place, Position, Report, Source, Subject, SubjectKind

Word = Annotated[str, Meta(min_length=1, max_length=64)]
Line = Annotated[str, Meta(min_length=1, max_length=200)]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
System = Literal["WGS-84", "CGCS2000", "GCJ-02", "BD-09"]


class CategoryTold(Struct, frozen=True, forbid_unknown_fields=True):
    """A category always names its list and the version of it."""

    scheme: Word
    version: Word
    code: Word


class Point(Struct, frozen=True, forbid_unknown_fields=True):
    """Degrees east (x) and north (y) in a coordinate system."""

    x: Annotated[float, Meta(ge=-180, le=180)]
    y: Annotated[float, Meta(ge=-90, le=90)]
    system: System


class PlaceTold(Struct, frozen=True, forbid_unknown_fields=True):
    """Where it is: a point, an address, or both."""

    point: Point | None = None
    address: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


class Reporter(Struct, frozen=True, forbid_unknown_fields=True):
    """How to reach the person who reports."""

    name: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    account: Line | None = None


class ReportTold(Struct, frozen=True, forbid_unknown_fields=True):
    """A report; `evidence` are digests of files that were put before."""

    category: CategoryTold
    place: PlaceTold
    text: Annotated[str, Meta(max_length=4_000)] = ""
    reporter: Reporter | None = None
    evidence: Annotated[tuple[Digest, ...], Meta(max_length=9)] = ()


class Sender(Struct, frozen=True):
    """For whom a claim is made: who speaks, the case, the source's number, when it came in."""

    actor: Actor
    case: str
    source: Source
    at: int


class Shown(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be told of a case after one item; `hidden`: nothing. Times in UTC µs."""

    case: str
    seq: int
    hidden: bool
    number: str | None = None
    stage: str = ""
    lead: str | None = None
    due_at: int | None = None


def problem(told: ReportTold) -> str | None:
    """What is wrong with a report that has the right shape, as one sentence."""
    if told.place.point is None and told.place.address is None:
        return "place: say a point, an address, or both."
    if len(set(told.evidence)) < len(told.evidence):
        return "evidence: a file is named twice."
    if "\0" in _text(told) + _contact(told.reporter) + "".join(_category(told)):
        return "a text holds a zero byte."
    return None


def report(told: ReportTold, sender: Sender, place: Place, inlet: str, evidence: tuple[FileRef, ...] = ()) -> Draft:
    """The claim of a report."""
    claim = ids.claim_id(sender.source.system, sender.source.number, "report", "1")
    meta = ClaimMeta(claim, Subject(SubjectKind.CASE, sender.case), sender.at, sender.actor, sender.source)
    body = Report(Category(*_category(told)), place, inlet, evidence=evidence)
    return Draft(meta, body, Personal(_text(told) or None, person=_contact(told.reporter) or None))


def place(
    told: PlaceTold,
    division: str,
    position: Callable[[float, float, str], Position],
    grid_at: Callable[[float, float], str | None],
) -> Place:
    """Where it is, without what a person wrote; `position` turns coordinates, `grid_at` knows grids."""
    if told.point is None:
        return Place(division=division)
    at = position(told.point.x, told.point.y, told.point.system)
    return Place(division=division, grid=grid_at(at.longitude, at.latitude), position=at)


def steps(item: Item) -> list[Step]:
    """What an item changes in what is told; nothing for subjects that are no cases."""
    if item.subject.kind != "case":
        return []
    row = shown(item)
    return [Step(f"show-{item.reason}-{item.seq}", {name: getattr(row, name) for name in row.__struct_fields__})]


def shown(item: Item) -> Shown:
    """What may be told after an item."""
    card = item.card
    if item.reason == "gone" or card.restricted:
        return Shown(item.subject.id, item.seq, hidden=True)
    return Shown(item.subject.id, item.seq, False, card.number, card.stage, card.lead, card.due_at)


def _category(told: ReportTold) -> tuple[str, str, str]:
    return told.category.scheme, told.category.version, told.category.code


def _text(told: ReportTold) -> str:
    address = f"address: {told.place.address}" if told.place.address else ""
    return "\n".join(line for line in (told.text.strip(), address) if line)


def _contact(reporter: Reporter | None) -> str:
    """How to reach the person; the same words are the same person."""
    if reporter is None:
        return ""
    given: list[tuple[str, Any]] = [(name, getattr(reporter, name)) for name in reporter.__struct_fields__]
    return "\n".join(f"{name}: {value}" for name, value in given if value)
