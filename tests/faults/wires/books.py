"""What a department's own book says against what Kafka holds. Pure, and none of the hub's own code in it.

Promise: a thing that a fact tells a department must stand in its book once, in the order of the case's facts; a thing
that the department said must be one claim that facts cite, once. What is not there and is owed visibly, with a reason,
is undelivered; what is not there and is owed by nobody is lost.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tests.faults.oracle import Seen


class Entry(NamedTuple):
    """One thing that was told or said about a case, in the department's word for it. `at`: the moment that it is about,
    as the book has it; `loose`: the department has put it out of its order by itself."""

    case: str
    word: str
    at: Any = 0
    loose: bool = False


class Book(NamedTuple):
    """What a department was told, in the order in which it took it, and what it said, in the order of saying."""

    told: Sequence[Entry]
    said: Sequence[Entry]


class Reading(NamedTuple):
    """How facts are read for one department: the words under which it is told of a fact, the fact that a word of its
    leads to. `reports`: its cases are those that it reported, not those that it is given. `in_order`: what it says of
    a case has an order that the hub can see."""

    org: str
    tells: Mapping[str, tuple[str, ...]]
    means: Mapping[str, str]
    reports: bool = False
    in_order: bool = True


class Verdict(NamedTuple):
    """A sentence for each thing that is wrong; `undelivered`: how many are owed visibly."""

    lost: list[str]
    duplicated: list[str]
    reordered: list[str]
    undelivered: int = 0


Stories = Mapping[str, Sequence[str]]


def judge(facts: Sequence[Seen], reading: Reading, book: Book, owed: Mapping[str, int]) -> Verdict:
    """Compares both ways. `facts`: by partition and offset; `owed`: case → steps that are undelivered visibly."""
    told = _compare(f"{reading.org} was told", _wanted(facts, reading), _words(book.told), owed)
    for case, entries in _by_case(book.told).items():
        moments = [entry.at for entry in entries]
        if moments != sorted(moments):
            told.reordered.append(f"{reading.org} was told of {case} by moments {moments}")
    said = _said(facts, reading, book)
    return Verdict(
        told.lost + said.lost, told.duplicated + said.duplicated, told.reordered + said.reordered, told.undelivered
    )


def twice(facts: Iterable[Seen]) -> list[str]:
    """Facts that stand on Kafka more than once."""
    counted = Counter(str(seen.meta["fact_id"]) for seen in facts)
    return [f"fact {fact} stands there {count} times" for fact, count in counted.items() if count > 1]


# ------------------------------------------------------------ told


def _wanted(facts: Sequence[Seen], reading: Reading) -> Stories:
    """Case → the words that the department must have been told, in the order of the facts."""
    found: dict[str, list[str]] = defaultdict(list)
    own = {seen.key for seen in facts if seen.name == "Reported" and seen.meta["actor"]["org"] == reading.org}
    for seen in facts:
        if seen.name in reading.tells and (seen.key in own if reading.reports else reading.org in _named(seen.event)):
            found[seen.key] += reading.tells[seen.name]
    return found


def _named(event: Mapping[str, Any]) -> set[str]:
    return {event.get("party", ""), *(party["org"] for party in event.get("parties", ()))}


def _compare(what: str, wanted: Stories, there: Stories, owed: Mapping[str, int]) -> Verdict:
    verdict = Verdict([], [], [])
    undelivered = 0
    for case in wanted.keys() | there.keys():
        must, has = wanted.get(case, ()), there.get(case, ())
        missing, surplus = Counter(must) - Counter(has), Counter(has) - Counter(must)
        if surplus:
            verdict.duplicated.append(f"{what} of {case} too much: {dict(surplus)}")
        if missing.total() > owed.get(case, 0):
            verdict.lost.append(f"{what} of {case} not: {dict(missing)}")
        undelivered += min(missing.total(), owed.get(case, 0))
        if not missing and not surplus and list(must) != list(has):
            verdict.reordered.append(f"{what} of {case} {list(has)}, by its facts {list(must)}")
    return verdict._replace(undelivered=undelivered)


# ------------------------------------------------------------ said


def _said(facts: Sequence[Seen], reading: Reading, book: Book) -> Verdict:
    """Each thing that it said is the first fact of one claim; a claim that was refused may have been any."""
    verdict, claims = Verdict([], [], []), _claims(facts, reading)
    said = _by_case(book.said)
    for case in said.keys() | claims.keys():
        must = [reading.means.get(entry.word, entry.word) for entry in said.get(case, ())]
        has = claims.get(case, [])
        if len(has) < len(must):
            verdict.lost.append(f"{reading.org} said of {case} {must}, facts are {has}")
        elif len(has) > len(must):
            verdict.duplicated.append(f"{reading.org} said of {case} {must}, facts are {has}")
        elif not _fits(Counter(must), Counter(has)):
            verdict.lost.append(f"{reading.org} said of {case} {must}, facts are {has}")
        elif reading.in_order and not any(entry.loose for entry in said[case]) and not _same(must, has):
            verdict.reordered.append(f"{reading.org} said of {case} {must}, facts are {has}")
    return verdict


def _claims(facts: Sequence[Seen], reading: Reading) -> dict[str, list[str]]:
    """Case → the first fact of each claim of the department, in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    met: set[str] = set()
    for seen in facts:
        if seen.meta["actor"]["org"] == reading.org and seen.claim_id not in met:
            met.add(seen.claim_id)
            found[seen.key].append(seen.name)
    return found


def _fits(must: Counter[str], has: Counter[str]) -> bool:
    return (has - must).keys() <= {"Refused"}


def _same(must: Sequence[str], has: Sequence[str]) -> bool:
    return all(one in (other, "Refused") for one, other in zip(has, must, strict=True))


def _by_case(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.case].append(entry)
    return found


def _words(entries: Iterable[Entry]) -> Stories:
    return {case: [entry.word for entry in found] for case, found in _by_case(entries).items()}
