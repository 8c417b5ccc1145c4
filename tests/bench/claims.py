"""Claims of a city as casework meets them: whole lives of cases, interleaved, about ten claims each.

Deterministic by seed. The mix: most cases run through a lead, an assist and an informed party; some through one party;
some are reworked, handled on the spot or not filed; one claim in a hundred comes twice and one is against the rules.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from connectors.claims_out import partition_of
from schemas import ids
from schemas.codec import encode
from schemas.events import (
    Acknowledge,
    Actor,
    AddAlias,
    Assignment,
    Category,
    Check,
    ClaimMeta,
    Close,
    Commit,
    Dispatch,
    File,
    FileRef,
    HandBack,
    Place,
    Position,
    RefuseFiling,
    Report,
    SelfHandle,
    Source,
    Subject,
    TextRef,
)

SYSTEM = "hotline"
T0 = 1_767_225_600_000_000
"""UTC microseconds."""
STREETS = [Actor(f"street-{n:02}", "grid_worker") for n in range(20)]
CENTRE = Actor("centre", "dispatcher")
INSPECTOR = Actor("centre", "inspector")
ORGS = [f"org-{n:03}" for n in range(40)]
CATEGORIES = [Category("gb", "2021", f"01{n:02}") for n in range(1, 30)]
PLACES = [
    Place("411702001001", f"411702001001{n:03}", f"春晓街 {n}", Position(114.02, 32.98, "WGS-84", 114.02, 32.98))
    for n in range(300)
]
TEXT = TextRef("00000000-0000-4000-8000-000000000002", bytes(32))
PHOTO = FileRef("00000000-0000-4000-8000-000000000003", bytes(range(32)), "image/jpeg", 48_000)

Step = tuple[str, Actor, Any]
"""Action, actor, claim."""


def life(rng: random.Random, n: int) -> list[Step]:
    """The claims of case `n`, in order."""
    street = STREETS[n % 20]
    report = ("report", street, Report(CATEGORIES[n % 29], PLACES[n % 300], "app", TEXT, (PHOTO,)))
    draw = rng.random()
    if draw < 0.05:
        return [report, ("handle", street, SelfHandle(TEXT, (PHOTO,)))]
    if draw < 0.09:
        return [report, ("refuse", CENTRE, RefuseFiling("not-ours", TEXT))]
    lead, assist = ORGS[n % 40], ORGS[(n * 7 + 3) % 40]
    if lead == assist or draw < 0.25:
        return [report, *_alone(lead), *_end(street)]
    again = _rework(lead, assist, street) if draw > 0.9 else []
    return [report, *_together(lead, assist), *again, *_end(street)]


def _alone(lead: str) -> list[Step]:
    actor = Actor(lead, "handler")
    return [
        ("file", CENTRE, File()),
        ("alias", CENTRE, AddAlias("crm", "7700")),
        ("dispatch", CENTRE, Dispatch((Assignment(lead, "lead"),), "list-7")),
        ("acknowledge", actor, Acknowledge(lead)),
        ("hand-back", actor, HandBack(lead, TEXT, (PHOTO,))),
    ]


def _together(lead: str, assist: str) -> list[Step]:
    a, b = Actor(lead, "handler"), Actor(assist, "handler")
    parties = (Assignment(lead, "lead"), Assignment(assist, "assist"), Assignment("water", "inform"))
    return [
        ("file", CENTRE, File()),
        ("dispatch", CENTRE, Dispatch(parties, "list-7", TEXT)),
        ("acknowledge", a, Acknowledge(lead)),
        ("acknowledge-2", b, Acknowledge(assist)),
        ("commit", a, Commit(T0 + 864_000_000_000, "in 10 days", lead)),
        ("early", a, HandBack(lead, TEXT)),  # the lead hands back last: refused
        *_hand_back(a, b, ""),
    ]


def _hand_back(a: Actor, b: Actor, suffix: str) -> list[Step]:
    return [
        (f"hand-back-2{suffix}", b, HandBack(b.org, TEXT, (PHOTO,))),
        (f"hand-back{suffix}", a, HandBack(a.org, TEXT, (PHOTO,))),
    ]


def _rework(lead: str, assist: str, street: Actor) -> list[Step]:
    failed = ("check-failed", street, Check("failed", TEXT, (PHOTO,)))
    return [failed, *_hand_back(Actor(lead, "handler"), Actor(assist, "handler"), "-again")]


def _end(street: Actor) -> list[Step]:
    return [("check", street, Check("passed")), ("close", INSPECTOR, Close("checked"))]


def record(n: int, step: Step, at: int) -> tuple[bytes, bytes]:
    """(key, value) of a claim."""
    action, actor, body = step
    number = f"H{n:09}"
    case = ids.case_id(SYSTEM, number)
    meta = ClaimMeta(
        ids.claim_id(SYSTEM, number, action, "1"), Subject("case", case), at, actor, Source(SYSTEM, number), False, None
    )
    return case.encode(), encode(meta, body)


def records(cases: int, partitions: int, seed: int = 1) -> Iterator[tuple[int, bytes, bytes, int]]:
    """(partition, key, value, milliseconds) of every claim; all cases are open at once and take turns by chance."""
    rng = random.Random(seed)
    lives = [(n, iter(life(rng, n))) for n in range(cases)]
    parts = [partition_of(ids.case_id(SYSTEM, f"H{n:09}"), partitions) for n in range(cases)]
    at = T0
    while lives:
        turn = int(rng.random() * len(lives))
        n, steps = lives[turn]
        step = next(steps, None)
        if step is None:
            lives[turn] = lives[-1]
            lives.pop()
            continue
        at += 3_000
        key, value = record(n, step, at)
        yield parts[n], key, value, at // 1000
        if rng.random() < 0.01:
            yield parts[n], key, value, at // 1000
