"""Work orders of a company over HTTP: make one, update it, read it back; and which failure means what.

POST makes an order under an Idempotency-Key, PATCH updates it under one, GET …/by-key/KEY says what was taken under a
key, GET …/NUMBER/events is the order's history.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import quote

import httpx

from connectors.contract import BadData, Busy, Conflict, Delivery, Down, FileContent, Receipt, Undelivered
from connectors.retry_after import retry_after

KEY = "Idempotency-Key"
NO_ORDER = "they have no order of this case, so there is nothing to change"


class Orders:
    """One company's work orders. `open` is called by one thread, `events` by any."""

    def __init__(self, url: str, path: str, token: str | None, seconds: float) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._path = path
        self._client = httpx.Client(base_url=url, headers=headers, timeout=seconds, follow_redirects=False)

    def close(self) -> None:
        self._client.close()

    def deliver(self, delivery: Delivery) -> Receipt:
        """Make or update. Raises Undelivered."""
        data = as_json(delivery.body["data"])
        if delivery.body["do"] == "open":
            content = {"reference": delivery.subject.id, **data}
            return _receipt(self._ask("POST", self._path, key=delivery.key, json=content))
        if delivery.their_number is None:
            if delivery.body["if_there"]:
                return Receipt(detail=NO_ORDER, nothing=True)
            raise BadData("there is an update without an order: deliver the case's order first, then this")
        return _receipt(self._ask("PATCH", self._of(delivery.their_number), key=delivery.key, json=data))

    def read_back(self, delivery: Delivery) -> Receipt | None:
        """What they took under the key of a delivery; None: nothing. Raises Undelivered."""
        answer = self._ask("GET", f"{self._path}/by-key/{quote(delivery.key, safe='')}", missing_ok=True)
        return None if answer.status_code == httpx.codes.NOT_FOUND else _receipt(answer)

    def events(self, number: str) -> list[dict[str, Any]]:
        """The history of an order as they tell it, each entry like a call-back. Raises Undelivered."""
        found = _content(self._ask("GET", f"{self._of(number)}/events")).get("events")
        if not isinstance(found, list):
            raise Down("the company's history of an order is no list of events")
        return [event for event in found if isinstance(event, dict)]

    def check(self) -> list[str]:
        """What is wrong with the company's side, in sentences; asks for an order that nobody has."""
        try:
            self._ask("GET", f"{self._path}/by-key/nothing", missing_ok=True)
        except Undelivered as wrong:
            return [str(wrong)]
        return []

    def _of(self, number: str) -> str:
        return f"{self._path}/{quote(number, safe='')}"

    def _ask(
        self, method: str, path: str, *, key: str | None = None, json: Any = None, missing_ok: bool = False
    ) -> httpx.Response:
        what = f"{method} {path}"
        try:
            answer = self._client.request(method, path, json=json, headers={KEY: key} if key else {})
        except httpx.TimeoutException:
            raise Down(f"{what}: no answer in time, so nobody knows whether it was taken") from None
        except httpx.HTTPError as wrong:
            raise Down(f"{what}: the company cannot be reached ({type(wrong).__name__})") from None
        if not answer.is_success and not (missing_ok and answer.status_code == httpx.codes.NOT_FOUND):
            raise failure(what, answer)
        return answer


def failure(what: str, answer: httpx.Response) -> Undelivered:
    """Which failure an answer is. What the other side writes beside the status is not repeated: it may be personal."""
    code = answer.status_code
    match code:
        case 409:
            return Conflict(f"{what}: 409, the order is in another state there")
        case 429 | 503:
            return Busy(f"{what}: {code}, not now", retry_after(answer))
        case 408 | 425:
            return Down(f"{what}: {code}, it is to be tried again")
        case 401 | 403:
            return Down(f"{what}: {code}, the company does not accept our token: renew it")
        case _ if 400 <= code < 500:
            return BadData(f"{what}: {code}, the company will not take this as it is")
        case _:
            return Down(f"{what}: {code}, the company's side is failing")


def _content(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        raise Down("the company's answer is no JSON, so nobody knows whether it was taken") from None
    return content if isinstance(content, dict) else {}


def _receipt(answer: httpx.Response) -> Receipt:
    number = _content(answer).get("number")
    if not isinstance(number, str) or not number:
        raise Down('the company\'s answer has no "number", so nobody knows whether it was taken')
    return Receipt(their_number=number, detail=str(answer.status_code))


def as_json(value: Any) -> Any:
    """The same with files as base64, as they travel in JSON."""
    match value:
        case FileContent():
            return {"media_type": value.media_type, "content": b64encode(value.content).decode("ascii")}
        case dict():
            return {key: as_json(inner) for key, inner in value.items()}
        case list() | tuple():
            return [as_json(inner) for inner in value]
    return value
