"""Posting to a group's robot: no faster than it takes messages, and what it answers. Blocking."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from connectors.contract import Busy, Down, Secret
from connectors.notices import shapes
from connectors.notices.pace import SECOND, free_at, remembered
from connectors.notices.settings import Robot
from connectors.notices.shapes import Answer
from connectors.retry_after import retry_after


class Post:
    """One robot; one thread uses it."""

    def __init__(self, robot: Robot, client: httpx.Client, secret: Callable[[Secret], str]) -> None:
        self._robot, self._client, self._secret = robot, client, secret
        self._sent: list[int] = []

    def tell(self, text: str, mention: str | None, now: int) -> None:
        """Returns when the robot has taken it. Raises Undelivered."""
        robot = self._robot
        free = free_at(robot.shape, self._sent, now)
        if free > now:
            raise Busy(f"{robot.shape} takes no more messages yet", (free - now) / SECOND)
        signing = None if robot.secret is None else self._secret(robot.secret)
        answer = self._posted(*shapes.posted(robot.shape, text, signing, now, mention))
        self._sent = [*remembered(robot.shape, self._sent), now]
        wrong = shapes.failure(robot.shape, answer)
        if wrong is not None:
            raise wrong

    def reached(self) -> bool:
        """Whether anybody is at its address; nobody is told anything."""
        try:
            self._client.head(self._secret(self._robot.address))
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return True

    def _posted(self, query: dict[str, str], body: dict[str, object]) -> Answer:
        shape = self._robot.shape
        place = self._secret(self._robot.address)
        try:
            answer = self._client.post(httpx.URL(place).copy_merge_params(query), json=body)
        except httpx.TimeoutException:
            raise Down(f"{shape} gave no answer in time, so nobody knows whether it was taken") from None
        except (httpx.HTTPError, httpx.InvalidURL) as wrong:
            raise Down(f"{shape} cannot be reached ({type(wrong).__name__})") from None
        return Answer(answer.status_code, _json(answer), _rest(answer))


def _json(answer: httpx.Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return None


def _rest(answer: httpx.Response) -> float | None:
    """Seconds of peace it asks for; Feishu's gateway has a header of its own."""
    reset = answer.headers.get("x-ogw-ratelimit-reset", "")
    return float(reset) if reset.isdigit() else retry_after(answer)
