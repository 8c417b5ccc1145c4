"""What messages of registered groups lead to: reports, more about one, or how one stands.

Promise: nothing is taken of a group that is not registered, of a message that lacks place or photo, or whose id came
before with other content. The same message again is the same report.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.chat import message, translate
from connectors.chat.message import More, NewReport, StatusAsked, Told
from connectors.chat.settings import Chat
from connectors.contract import Draft, Surroundings, Take
from connectors.intake.kept import RECEIVED, Kept
from connectors.intake.translate import Shown
from connectors.rates import Rates
from schemas import ids
from schemas.events import FileRef, Grid, Position
from schemas.wire import coordinates

SECOND = 1_000_000
ASSISTANT = "assistant"
"""Who puts photos."""
AGAIN_SECONDS = 5
DAY_SECONDS = 86_400


class Answer(NamedTuple):
    """What the assistant is told; by `outcome` answers are counted."""

    status: int
    outcome: str
    reply: str | None = None
    number: str | None = None
    detail: str | None = None
    seconds: int | None = None


class NotTaken(Exception):
    """A message that is not taken, with its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.outcome)
        self.answer = answer


class Desk:
    """Of one chat system. Threads may share it."""

    def __init__(self, config: Chat, around: Surroundings, kept: Kept) -> None:
        self._config, self._around, self._kept = config, around, kept
        self._rates = Rates(around.clock)

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
        self._check_moment((self._around.clock() - told.occurred_at) / SECOND)
        if seconds := self._rates.ask(told.group, self._config.per_minute, self._config.burst):
            most = f"a group has at most {self._config.per_minute} messages a minute"
            raise NotTaken(Answer(429, "too_often", detail=most, seconds=seconds))
        return grid

    def _check_moment(self, age: float) -> None:
        """`age`: seconds since it was written."""
        if -age > self._config.window_seconds:
            raise NotTaken(Answer(422, "ahead", detail=f"it was written {-age:.0f} s ahead of our clock: set yours"))
        if age > self._config.oldest_days * DAY_SECONDS:
            raise NotTaken(Answer(422, "too_old", detail=f"it was written {age / DAY_SECONDS:.0f} days ago"))

    def _report(self, take: Take, told: Told, grid: Grid) -> Answer:
        if told.place is None or not (told.place.point or told.place.address):
            raise NotTaken(Answer(422, "no_place", self._config.replies.no_place))
        if len(told.photos) < self._config.photos.needed:
            raise NotTaken(Answer(422, "no_photo", self._config.replies.no_photo))
        position, photos = _position(told), self._photos(told)
        draft = translate.report(self._config, self._around.department, told, grid, position, photos)
        return self._taken(take, draft)

    def _more(self, take: Take, told: Told, more: More) -> Answer:
        mine = [each for each in message.spellings(more.number) if message.group_of(each) == told.group]
        if not mine or self._shown(mine[0]) is None:
            return Answer(404, "unknown_number", self._reply("unknown_number", more.number))
        photos = self._photos(told)
        draft = translate.supplement(self._config, self._around.department, told, more, mine[0], photos)
        return self._taken(take, draft, self._reply("supplemented", mine[0]))

    @staticmethod
    def _taken(take: Take, draft: Draft, reply: str | None = None) -> Answer:
        """Blocks until Kafka has acknowledged. Raises Refused."""
        (said,) = take([draft])
        if said.other:
            return Answer(409, "reused", detail="this message's id came before, with other content")
        return Answer(202, "repeated" if said.known else "taken", reply, draft.meta.source.number)

    def _photos(self, told: Told) -> tuple[FileRef, ...]:
        most = self._config.photos.most
        if len(set(told.photos)) > most:
            raise NotTaken(Answer(422, "too_many", self._config.replies.too_many.format(**_gaps(most=most))))
        found = self._kept.files(ASSISTANT, told.photos)
        if missing := [each for each in told.photos if each not in found]:
            detail = f"photo {missing[0]} has not come: put it, then send this again"
            raise NotTaken(Answer(425, "early", detail=detail, seconds=AGAIN_SECONDS))
        return tuple([found[each] for each in dict.fromkeys(told.photos)])

    def _status(self, number: str) -> Answer:
        named, now = self._found(number)
        if now is None:
            return Answer(404, "unknown_number", self._reply("unknown_number", number))
        if now.stage == RECEIVED:
            return Answer(200, "answered", self._reply("received", named), named)
        gaps = translate.gaps(self._config, self._around.department.zone, named, now)
        return Answer(200, "answered", self._config.replies.status.format(**_gaps() | gaps), named)

    def _found(self, number: str) -> tuple[str, Shown | None]:
        """By the number that the chat gave, however it was typed, else by that of the case."""
        for named in message.spellings(number):
            if now := self._shown(named):
                return named, now
        return number, self._kept.status(number, None)

    def _shown(self, number: str) -> Shown | None:
        """How the report with a number that the chat gave stands; None: there is none, or nothing may be told."""
        return self._kept.status(number, ids.case_id(self._config.system, number))

    def _reply(self, name: str, number: str) -> str:
        template: str = getattr(self._config.replies, name)
        return template.format(**_gaps() | {"number": number})


def _gaps(group: str = "", most: int = 0) -> dict[str, str]:
    """Every gap that a reply can have, empty."""
    return dict.fromkeys(("number", "case", "stage", "lead", "due"), "") | {"group": group, "most": str(most)}


def _position(told: Told) -> Position | None:
    point = told.place.point if told.place else None
    return coordinates.position(point.x, point.y, point.system) if point else None
