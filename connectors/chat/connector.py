"""The connector of one chat system, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from connectors.chat import translate
from connectors.chat.inlet import Door
from connectors.chat.robot import Robot
from connectors.chat.settings import Chat
from connectors.chat.translate import Saying
from connectors.contract import BadData, Delivery, Down, Item, Made, Receipt, Secret, Step, Surroundings
from connectors.intake.kept import Kept
from connectors.intake.translate import Shown
from connectors.notebook import Notebook, Notes
from connectors.signing import Keys

QUIET = "the group is told nothing of it"


class Groups:
    """The sink: what becomes of reports is noted, and said into their groups."""

    reads_back: ClassVar[bool] = True
    many_at_once: ClassVar[bool] = True

    def __init__(self, config: Chat, around: Surroundings, robot: Robot, kept: Kept, notes: Notes) -> None:
        self._config, self._around, self._robot, self._kept, self._notes = config, around, robot, kept, notes

    def translate(self, item: Item) -> list[Step]:
        return translate.steps(self._config, self._around.department.zone, item)

    def deliver(self, delivery: Delivery) -> Receipt:
        with _rows():
            self._kept.show(_shown(delivery))
        telling = delivery.body["telling"]
        if telling is None:
            return Receipt(detail=QUIET)
        saying = translate.saying(telling)
        receipt = self._robot.say(delivery, saying)
        with _rows():
            self._answered(delivery.subject.id, saying)
        return receipt

    def read_back(self, delivery: Delivery) -> Receipt | None:
        if delivery.body["telling"] is not None:
            return self._robot.said(delivery.key)
        with _rows():
            return Receipt(detail=QUIET) if self._kept.seen(delivery.subject.id) >= delivery.seq else None

    def _answered(self, case: str, saying: Saying) -> None:
        """How long the first answer took, from the message to the group."""
        if not saying.answers or saying.opened_at is None or self._notes.get(f"answered/{case}"):
            return
        seconds = (self._around.clock() - saying.opened_at) / 1_000_000
        self._around.metrics.first_answer.labels(self._around.department.name).observe(seconds)
        self._notes.put({f"answered/{case}": True})


def _shown(delivery: Delivery) -> Shown:
    try:
        return msgspec.convert(delivery.body["shown"], Shown)
    except (KeyError, msgspec.ValidationError):
        raise BadData("the step was left by another version of this connector: replay the case") from None


@contextmanager
def _rows() -> Iterator[None]:
    """Rows that do not answer hold up a delivery, and nothing worse."""
    try:
        yield
    except SQLAlchemyError as wrong:
        raise Down(f"the rows of the chat do not answer ({type(wrong).__name__})") from None


def make(config: Chat, around: Surroundings) -> Made:
    """Connects to nothing yet."""

    def keys(*secrets: Secret | None) -> Callable[[], Keys]:
        named = [each for each in secrets if each is not None]
        return lambda: Keys(config.app_key, tuple([around.secret(each) for each in named]), "hmac-sha256", window)

    window = config.window_seconds
    kept = Kept(around.engine, config.system, around.department.name)
    robot = Robot(config.robot.url, keys(config.robot.secret), around.clock, config.robot.timeout_seconds)
    door = Door(config, around, keys(config.secret, config.previous_secret), kept)
    groups = Groups(config, around, robot, kept, Notebook(around.engine, around.department.name))
    return Made(sink=groups, inlet=door, check=robot.check, close=robot.close)
