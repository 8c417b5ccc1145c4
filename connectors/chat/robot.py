"""Says things into groups through the assistant's robot, signed, and which failure an answer is.

POST /messages takes `{"key", "group", "number", "text"}`; the same key again says nothing more. GET /messages/KEY tells
whether something was said under a key.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from urllib.parse import quote

import httpx
import msgspec

from connectors.chat.translate import Saying
from connectors.contract import BadData, Busy, Conflict, Delivery, Down, Receipt, Undelivered
from connectors.retry_after import retry_after
from connectors.signing import Headers, Keys, sign, written

HEADERS = Headers()


class Robot:
    """The robot of one chat system. Threads may share it."""

    def __init__(self, url: str, keys: Callable[[], Keys], clock: Callable[[], int], seconds: float) -> None:
        self._keys, self._clock = keys, clock
        self._client = httpx.Client(base_url=url, timeout=seconds, follow_redirects=False)

    def say(self, delivery: Delivery, saying: Saying) -> Receipt:
        """Say it into its group. Raises Undelivered."""
        told = {"key": delivery.key, "group": saying.group, "number": saying.number, "text": saying.text}
        return Receipt(
            detail=str(self._ask("POST", "/messages", msgspec.json.encode(told), delivery.attempt).status_code)
        )

    def said(self, key: str) -> Receipt | None:
        """What was said under a key; None: nothing. Raises Undelivered."""
        answer = self._ask("GET", f"/messages/{quote(key, safe='')}", missing_ok=True)
        return None if answer.status_code == httpx.codes.NOT_FOUND else Receipt(detail=str(answer.status_code))

    def check(self) -> list[str]:
        """What is wrong with the robot, in sentences; asks for what was never said."""
        try:
            self.said("nothing")
        except Undelivered as wrong:
            return [str(wrong)]
        return []

    def close(self) -> None:
        self._client.close()

    def _ask(
        self, method: str, path: str, body: bytes = b"", attempt: int = 0, *, missing_ok: bool = False
    ) -> httpx.Response:
        now = self._clock()
        nonce = sha256(f"{method} {path} {attempt} {now} ".encode() + body).hexdigest()[:32]
        signed = written(HEADERS, sign(self._keys(), now, nonce, body))
        headers = {"Content-Type": "application/json", **signed}
        try:
            answer = self._client.request(method, path, content=body, headers=headers)
        except httpx.TimeoutException:
            raise Down("the robot did not answer in time, so nobody knows whether it was said") from None
        except httpx.HTTPError as wrong:
            raise Down(f"the robot cannot be reached ({type(wrong).__name__})") from None
        if not answer.is_success and not (missing_ok and answer.status_code == httpx.codes.NOT_FOUND):
            raise failure(answer)
        return answer


def failure(answer: httpx.Response) -> Undelivered:
    """Which failure an answer is. What stands beside the status is not repeated: it may be personal."""
    code = answer.status_code
    match code:
        case 409:
            return Conflict(f"the robot answered {code}: it may not speak in this group now")
        case 429 | 503:
            return Busy(f"the robot answered {code}, not now", retry_after(answer))
        case 401 | 403:
            return Down(f"the robot answered {code}: it does not believe our signature; compare secrets and clocks")
        case 400 | 404 | 410 | 413 | 422:
            return BadData(f"the robot answered {code}: it will never say this as it is, or the group is gone")
        case _:
            return Down(f"the robot answered {code}, so it is tried again")
