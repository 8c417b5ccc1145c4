"""Claims of a campaign: cases of all kinds, spread evenly over the partitions; and records that are no claims. Pure."""

from __future__ import annotations

from collections import deque
from random import Random

from connectors.claims_out import partition_of
from schemas import ids
from schemas.events import (
    Acknowledge,
    AddAlias,
    Assignment,
    Check,
    Close,
    Commit,
    File,
    HandBack,
    RefuseFiling,
    SelfHandle,
)
from tests import builders as b
from tests.builders import MINUTE, PHOTO, SOURCE, SYSTEM, T0, TEXT, Said, claim

Raw = tuple[bytes | None, bytes | None]
"""Key and value of a record."""

OPEN_CASES = 40
"""Cases that go on side by side in each partition."""


def _in_order(number: str, *bodies: object) -> list[Said]:
    """Claims of one case, a minute apart; a second one of a kind is another occurrence."""
    return [claim(body, number=number, at=T0 + i * MINUTE, occurrence=str(i)) for i, body in enumerate(bodies)]


def _reworked(number: str) -> list[Said]:
    start = (b.report(), File(), b.dispatch(Assignment("power", "lead")), Acknowledge("power"))
    work = (HandBack("power"), Check("failed"), HandBack("power"), Check("passed"), Close("checked"))
    return _in_order(number, *start, Commit(T0 + 600 * MINUTE, "promised"), *work)


def _self_handled(number: str) -> list[Said]:
    return _in_order(number, b.report(), SelfHandle(TEXT, (PHOTO,)))


def _not_filed(number: str) -> list[Said]:
    return _in_order(number, b.report(), AddAlias("crm", number), RefuseFiling("not-ours"))


def _forbidden(number: str) -> list[Said]:
    """Most of it comes too early."""
    return _in_order(number, b.report(), Check("passed"), File(), Close("checked"), Acknowledge("power"))


def _reported_as_done(number: str) -> list[Said]:
    """What an upstream system says has happened already, against the rules."""
    bodies = (b.report(), b.dispatch(), HandBack("power"), Close("recorded"))
    return [
        claim(body, number=number, at=T0 + i * MINUTE, by=SOURCE, already_done=True) for i, body in enumerate(bodies)
    ]


def _contradicting(number: str) -> list[Said]:
    """The second claim has the id of the first, and says something else."""
    first = claim(b.report(), number=number)
    return [first, claim(File(), number=number, claim_id=first.meta.claim_id), claim(File(), number=number)]


STORIES = (
    b.whole_loop,
    b.whole_loop,
    _reworked,
    _self_handled,
    _not_filed,
    _forbidden,
    _reported_as_done,
    _contradicting,
)


class Desk:
    """The claims of one partition, without end: cases that go on side by side."""

    def __init__(self, partition: int, partitions: int, random: Random) -> None:
        self._partition = partition
        self._partitions = partitions
        self._random = random
        self._cases: list[deque[Said]] = []
        self._number = 0

    def next(self) -> Said:
        """The next claim of any of the cases."""
        if len(self._cases) < OPEN_CASES:
            self._cases.append(deque(self._random.choice(STORIES)(self._new_number())))
        chosen = self._random.randrange(len(self._cases))
        said = self._cases[chosen].popleft()
        if not self._cases[chosen]:
            self._cases[chosen] = self._cases[-1]
            self._cases.pop()
        return said

    def _new_number(self) -> str:
        while True:
            self._number += 1
            number = f"{self._partition}-{self._number}"
            if partition_of(ids.case_id(SYSTEM, number), self._partitions) == self._partition:
                return number


def poison(random: Random, n: int) -> Raw:
    """A record that is no claim, of one of many kinds."""
    good = claim(b.report(), number=f"poison-{n}")
    other = ids.case_id(SYSTEM, f"other-{n}").encode()
    fact = b.fact_record(b.fact(b.filed(), number=f"poison-{n}"), 0)
    kinds: tuple[Raw, ...] = (
        (good.key, random.randbytes(random.randrange(1, 300))),
        (good.key, b"\0" + (90_000 + n).to_bytes(4, "big") + good.value[5:]),
        (good.key, good.value[: random.randrange(6, len(good.value))]),
        (good.key, good.value + b"\0"),
        (other, good.value),
        (None, good.value),
        (b"no subject", b"no claim"),
        (good.key, None),
        (fact.key, fact.value),
    )
    return random.choice(kinds)
