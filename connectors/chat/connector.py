"""The connector of one chat system, put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import msgspec

from connectors.chat import translate
from connectors.chat.inlet import Door
from connectors.chat.register import Register
from connectors.chat.robot import Robot
from connectors.chat.settings import Chat
from connectors.chat.translate import Saying, Standing
from connectors.contract import Delivery, Item, Made, Receipt, Secret, Step, Surroundings
from connectors.notebook import Notebook
from connectors.signing import Keys

QUIET = "the group is told nothing of it"


class Groups:
    """The sink: what becomes of reports is noted, and said into their groups."""

    reads_back: ClassVar[bool] = True

    def __init__(self, config: Chat, around: Surroundings, robot: Robot, register: Register) -> None:
        self._config, self._around, self._robot, self._register = config, around, robot, register

    def translate(self, item: Item) -> list[Step]:
        return translate.steps(self._config, self._around.department.zone, item)

    def deliver(self, delivery: Delivery) -> Receipt:
        self._register.stands(delivery.subject.id, msgspec.convert(delivery.body["standing"], Standing))
        telling = delivery.body["telling"]
        if telling is None:
            return Receipt(detail=QUIET)
        saying = translate.saying(telling)
        receipt = self._robot.say(delivery, saying)
        self._answered(delivery.subject.id, saying)
        return receipt

    def read_back(self, delivery: Delivery) -> Receipt | None:
        if delivery.body["telling"] is not None:
            return self._robot.said(delivery.key)
        noted = self._register.standing(delivery.subject.id)
        return Receipt(detail=QUIET) if noted is not None and noted.seq >= delivery.seq else None

    def _answered(self, case: str, saying: Saying) -> None:
        """How long the first answer took, from the message to the group."""
        if saying.answers and saying.opened_at is not None and self._register.first_answer(case):
            seconds = (self._around.clock() - saying.opened_at) / 1_000_000
            self._around.metrics.first_answer.labels(self._around.department.name).observe(seconds)


def make(config: Chat, around: Surroundings) -> Made:
    """Connects to nothing yet."""

    def keys(*secrets: Secret | None) -> Callable[[], Keys]:
        named = [each for each in secrets if each is not None]
        return lambda: Keys(config.app_key, tuple([around.secret(each) for each in named]), "hmac-sha256", window)

    window = config.window_seconds
    register = Register(Notebook(around.engine, around.department.name), around.vault)
    robot = Robot(config.robot.url, keys(config.robot.secret), around.clock, config.robot.timeout_seconds)
    door = Door(config, around, keys(config.secret, config.previous_secret), register)
    return Made(sink=Groups(config, around, robot, register), inlet=door, check=robot.check, close=robot.close)
