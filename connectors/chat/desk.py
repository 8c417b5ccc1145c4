"""What messages of registered groups lead to: reports, more about one, or how one stands.

Promise: nothing is taken of a group that is not registered, of a message that lacks place or photo, or whose id came
before with other content. The same message again is the same report.
"""

from __future__ import annotations

import threading
from hashlib import sha256
from typing import NamedTuple

from connectors.chat import message, translate
from connectors.chat.message import More, NewReport, StatusAsked, Told
from connectors.chat.register import Register, fingerprint
from connectors.chat.settings import Chat
from connectors.contract import Draft, Surroundings, Take
from schemas.events import FileRef, Grid, Position
from schemas.wire import coordinates

SECOND = 1_000_000
STRIPES = 64


class Answer(NamedTuple):
    """What the assistant is told; by `outcome` answers are counted."""

    status: int
    outcome: str
    reply: str | None = None
    number: str | None = None
    detail: str | None = None


class NotTaken(Exception):
    """A message that is not taken, with its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.outcome)
        self.answer = answer


class Desk:
    """Of one chat system. Threads may share it."""

    def __init__(self, config: Chat, around: Surroundings, register: Register) -> None:
        self._config, self._around, self._register = config, around, register
        self._stripes = [threading.Lock() for _ in range(STRIPES)]

    def take(self, take: Take, told: Told) -> Answer:
        """What a message leads to. Blocks until Kafka has acknowledged. Raises NotTaken, Refused."""
        grid = self._grid(told)
        match message.wanted(told, self._config.words):
            case StatusAsked(number):
                return self._status(number)
            case More() as more:
                return self._more(take, told, more)
            case NewReport():
                return self._report(take, told, grid)

    def _grid(self, told: Told) -> Grid:
        grid = self._around.grid_of_group(self._config.system, told.group)
        if grid is None:
            raise NotTaken(Answer(403, "unknown_group", self._config.replies.unknown_group.format(**_gaps(told.group))))
        ahead = (told.occurred_at - self._around.clock()) / SECOND
        if ahead > self._config.window_seconds:
            raise NotTaken(Answer(422, "ahead", detail=f"it was written {ahead:.0f} s ahead of our clock: set yours"))
        return grid

    def _report(self, take: Take, told: Told, grid: Grid) -> Answer:
        if told.place is None or not (told.place.point or told.place.address):
            raise NotTaken(Answer(422, "no_place", self._config.replies.no_place))
        if len(told.photos) < self._config.photos.needed:
            raise NotTaken(Answer(422, "no_photo", self._config.replies.no_photo))
        number = message.number(self._config.system, told)
        position, photos = _position(told), self._photos(told)
        draft = translate.report(self._config, self._around.department, told, grid, position, photos)
        known = self._take(take, number, told, draft)
        return Answer(202, "repeated" if known else "taken", number=number)

    def _more(self, take: Take, told: Told, more: More) -> Answer:
        found = self._register.find(more.number)
        if found is None or message.group_of(found[0]) != told.group:
            return Answer(404, "unknown_number", self._reply("unknown_number", more.number))
        number, photos = message.number(self._config.system, told), self._photos(told)
        draft = translate.supplement(self._config, self._around.department, told, more, found, photos)
        known = self._take(take, number, told, draft)
        reply = self._reply("supplemented", found[0])
        return Answer(202, "repeated" if known else "taken", reply, found[0])

    def _take(self, take: Take, number: str, told: Told, draft: Draft) -> bool:
        """Whether it had been taken before. Raises Refused; NotTaken where its id came with other content."""
        with self._stripes[sha256(number.encode()).digest()[0] % STRIPES]:
            before = self._register.told(number)
            if before is not None and before != fingerprint(told):
                raise NotTaken(Answer(409, "reused", detail="this message's id came before, with other content"))
            known = all(said.known for said in take([draft]))
            self._register.taken(number, draft.meta, told)
            return known

    def _photos(self, told: Told) -> tuple[FileRef, ...]:
        most = self._config.photos.most
        if len(set(told.photos)) > most:
            raise NotTaken(Answer(422, "too_many", self._config.replies.too_many.format(**_gaps(most=most))))
        found = self._register.files(tuple(dict.fromkeys(told.photos)))
        if None in found:
            raise NotTaken(
                Answer(425, "early", detail="a photo that it names has not come: put it, then send this again")
            )
        return tuple([each for each in found if each is not None])

    def _status(self, number: str) -> Answer:
        found = self._register.find(number)
        if found is None:
            return Answer(404, "unknown_number", self._reply("unknown_number", number))
        now = self._register.standing(found[1])
        if now is None:
            return Answer(200, "answered", self._reply("received", found[0]), found[0])
        if now.hidden:
            return Answer(404, "unknown_number", self._reply("unknown_number", number))
        gaps = translate.gaps(self._config, self._around.department.zone, now)
        return Answer(200, "answered", self._config.replies.status.format(**_gaps() | gaps), now.number)

    def _reply(self, name: str, number: str) -> str:
        template: str = getattr(self._config.replies, name)
        return template.format(**_gaps() | {"number": number})


def _gaps(group: str = "", most: int = 0) -> dict[str, str]:
    """Every gap that a reply can have, empty."""
    return dict.fromkeys(("number", "case", "stage", "lead", "due"), "") | {"group": group, "most": str(most)}


def _position(told: Told) -> Position | None:
    point = told.place.point if told.place else None
    return coordinates.position(point.x, point.y, point.system) if point else None
