"""A department whose persons on duty are told, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

import httpx

from connectors.contract import (
    BadData,
    Busy,
    CallOff,
    Delivery,
    Down,
    Item,
    Made,
    Receipt,
    Refused,
    Secret,
    Step,
    Surroundings,
    Undelivered,
)
from connectors.delivery.obligation import code as code_of
from connectors.notebook import Notebook, Notes
from connectors.notices import translate
from connectors.notices.duty import by_turns, next_one
from connectors.notices.letters import letter
from connectors.notices.mailing import hand_over, session
from connectors.notices.posting import Post
from connectors.notices.settings import Mail, Notices

REST_SECONDS = 30.0
"""So long a way that failed comes after the person's other one."""


class Way(NamedTuple):
    """How a person can be told: its name for people, what rests when it fails (a robot for all of its group, mail for
    this person alone), and the telling."""

    name: str
    rests: str
    tell: Callable[[], None]


class _Later(Busy):
    """One way is busy; others of the department are not."""

    whole = False


class _Away(Down):
    """One way is down; others of the department are not."""

    whole = False


class Telling:
    """The sink: a notice goes to whoever is on duty when it is delivered. No robot knows a key, so what was told is
    noted here; one whose answer was lost, or who was killed before noting it, may be told twice."""

    reads_back: ClassVar[bool] = False

    def __init__(self, config: Notices, around: Surroundings, notes: Notes) -> None:
        self._config, self._around, self._notes = config, around, notes
        self._client = httpx.Client(timeout=config.timeout_seconds, follow_redirects=False)
        self._posts = {name: Post(robot, self._client, around.secret) for name, robot in config.robots.items()}
        self._rests: dict[str, tuple[int, Undelivered]] = {}

    def translate(self, item: Item) -> Sequence[Step | CallOff]:
        department = self._around.department
        return translate.steps(self._config, department.org, department.zone, item)

    def deliver(self, delivery: Delivery) -> Receipt:
        """Tell whoever is next. Raises Undelivered."""
        known = self._notes.get(delivery.key)
        if known is not None:
            return Receipt(detail=known)
        ladder = f"told/{delivery.subject.id}/{delivery.body['notice']}"
        told: list[list[Any]] = self._notes.get(ladder) or []  # [code, UTC µs]
        rung, last = delivery.body["rung"], delivery.body["last"]
        code = next_one(self._on_duty(), self._config.head, [code for code, _ in told], rung, last=last)
        if code is None:
            return Receipt(detail="everybody has been told")
        self._leave_time(told, delivery.body["apart_seconds"])
        said = f"{code} by {self._tell(code, delivery)}"
        self._notes.put({delivery.key: said, ladder: [*told, [code, self._around.clock()]]})
        return Receipt(detail=said)

    def read_back(self, _delivery: Delivery) -> Receipt | None:
        return None

    def _leave_time(self, told: list[list[Any]], seconds: float) -> None:
        """Whoever was told late has time to answer, too. Raises Busy."""
        left = max((at for _, at in told), default=0) / 1_000_000 + seconds - self._around.clock() / 1_000_000
        if left > 0:
            raise _Later("the one before was told just now", left)

    def _on_duty(self) -> list[str]:
        """By the hub's rosters, by the department's turns where those say nothing; only who can be told."""
        now, department = self._around.clock(), self._around.department
        found = self._around.on_duty(department.org, now)
        codes = by_turns(self._config.turns, department.zone, now) if found is None else found
        return [code for code in codes if code in self._config.persons]

    def _tell(self, code: str, delivery: Delivery) -> str:
        """By the first way that takes it, those that failed lately last; says which. Raises what may pass, or BadData
        where no way ever will."""
        failures: list[Undelivered] = []
        for way in sorted(self._ways(code, delivery), key=lambda way: self._rest(way) is not None):
            try:
                rest = self._rest(way)
                if isinstance(rest, Busy):
                    raise rest
                way.tell()
            except Undelivered as wrong:
                self._count(way, code_of(wrong))
                failures.append(self._minded(way, wrong))
            except Refused as wrong:  # a secret is not where it should be, which is no fault of this notice
                failures.append(_Away(str(wrong)))
            else:
                self._count(way, "told")
                return way.name
        raise next((wrong for wrong in failures if not isinstance(wrong, BadData)), failures[0])

    def _count(self, way: Way, outcome: str) -> None:
        self._around.metrics.notices.labels(self._around.department.name, way.name, outcome).inc()

    def _ways(self, code: str, delivery: Delivery) -> Iterator[Way]:
        person, mail = self._config.persons[code], self._config.mail
        if person.robot is not None:
            post = self._posts[person.robot]
            yield Way(person.robot, person.robot, partial(self._post, post, person.mention, delivery))
        if person.mail is not None and mail is not None:
            yield Way("mail", f"mail to {code}", partial(self._write, mail, person.mail, delivery))

    def _post(self, post: Post, mention: Secret | None, delivery: Delivery) -> None:
        called = None if mention is None else self._around.secret(mention)
        post.tell(delivery.body["text"], called, self._around.clock())

    def _write(self, mail: Mail, to: Secret, delivery: Delivery) -> None:
        secret = self._around.secret
        made = letter(delivery.body["text"], mail.sender, secret(to), delivery.key, self._around.clock())
        hand_over(mail, secret, self._config.timeout_seconds, made)

    def _rest(self, way: Way) -> Undelivered | None:
        """Why a way rests now; None: it does not."""
        until, wrong = self._rests.get(way.rests, (0, None))
        left = (until - self._around.clock()) / 1_000_000
        if wrong is None or left <= 0:
            return None
        return _Later(str(wrong), left) if isinstance(wrong, Busy) else wrong

    def _minded(self, way: Way, wrong: Undelivered) -> Undelivered:
        """The same failure, of this way alone; the way rests."""
        match wrong:
            case _Later() | _Away() | BadData():
                return wrong
            case Busy():
                now: Undelivered = _Later(str(wrong), wrong.retry_after)
                seconds = wrong.retry_after or REST_SECONDS
            case _:
                now, seconds = _Away(str(wrong)), REST_SECONDS
        self._rests[way.rests] = (self._around.clock() + round(seconds * 1_000_000), now)
        return now

    def check(self) -> list[str]:
        """What cannot be reached, and who is on duty now and cannot be told; nobody is told anything."""
        found = [
            f'Robot "{name}" cannot be reached: is its address right?'
            for name, post in self._posts.items()
            if not post.reached()
        ]
        listed = self._around.on_duty(self._around.department.org, self._around.clock()) or ()
        found += [
            f'"{code}" is on duty, and no [notices.persons.{code}] says how to tell: write it'
            for code in listed
            if code not in self._config.persons
        ]
        return found + ([] if self._config.mail is None else self._check_mail(self._config.mail))

    def _check_mail(self, mail: Mail) -> list[str]:
        try:
            with session(mail, self._around.secret, self._config.timeout_seconds) as smtp:
                smtp.noop()
        except Undelivered as wrong:
            return [f"Mail: {wrong}"]
        return []

    def close(self) -> None:
        self._client.close()


def make(config: Notices, around: Surroundings) -> Made:
    """The connector of a department."""
    telling = Telling(config, around, Notebook(around.engine, around.department.name))
    return Made(sink=telling, check=telling.check, close=telling.close)
