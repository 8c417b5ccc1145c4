"""Calls to their platform: signed, answered by an envelope, whose code says what HTTP's status does not."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import httpx
import msgspec

from connectors.contract import BadData, Busy, Conflict, Delivery, Down, Item, Receipt, Step, Undelivered
from connectors.push.settings import Means, Push
from connectors.push.translate import order_body
from connectors.rest.transport import as_json, failure
from connectors.signing import Keys, sign, written
from connectors.tasks import orders


class Reply(msgspec.Struct, frozen=True):
    """An envelope, opened: its code, what the code means, its data."""

    code: str
    means: Means
    data: dict[str, Any]
    retry_after: float | None = None


class Pushes:
    """The sink: an order a call. `keys` are asked for at each call: a secret may be replaced meanwhile."""

    many_at_once: ClassVar[bool] = True

    def __init__(
        self, config: Push, org: str, zone: ZoneInfo, keys: Callable[[], Keys], clock: Callable[[], int]
    ) -> None:
        self._config = config
        self._org = org
        self._zone = zone
        self._keys = keys
        self._clock = clock
        self._client = httpx.Client(base_url=config.url, timeout=config.timeout_seconds, follow_redirects=False)

    @property
    def reads_back(self) -> bool:
        """Whether their platform can be asked."""
        return self._config.query_path is not None

    def close(self) -> None:
        self._client.close()

    def translate(self, item: Item) -> list[Step]:
        """The orders of an item."""
        return orders.steps(self._config.orders, self._org, item)

    def deliver(self, delivery: Delivery) -> Receipt:
        """Push it. Raises Undelivered."""
        content = as_json(order_body(self._config, delivery.key, delivery.body, self._zone))
        what = f"{delivery.step} to {self._config.order_path}"
        reply = self._call(what, self._config.order_path, content, delivery.key, delivery.attempt)
        if reply.means != "taken":
            raise refusal(what, reply)
        return self._receipt(reply)

    def read_back(self, delivery: Delivery) -> Receipt | None:
        """What they took under the key of a delivery; None: nothing. Raises Undelivered."""
        path = self._config.query_path
        if path is None:
            return None
        reply = self._call("query", path, {self._config.fields["key"]: delivery.key}, delivery.key, 0)
        if reply.means == "missing":
            return None
        if reply.means != "taken":
            raise refusal("query", reply)
        return self._receipt(reply)

    def check(self) -> list[str]:
        """What is wrong with their side, in sentences; asks for an order that nobody has."""
        if self._config.query_path is None:
            return []
        try:
            reply = self._call("query", self._config.query_path, {self._config.fields["key"]: "nothing"}, "check", 0)
        except Undelivered as wrong:
            return [str(wrong)]
        return [] if reply.means in ("missing", "taken") else [str(refusal("query", reply))]

    def _receipt(self, reply: Reply) -> Receipt:
        number = reply.data.get(self._config.envelope.number)
        return Receipt(None if number in (None, "") else str(number), f"code {reply.code}")

    def _call(self, what: str, path: str, content: dict[str, Any], key: str, attempt: int) -> Reply:
        body, now = msgspec.json.encode(content), self._clock()
        nonce = sha256(f"{path} {key} {attempt} {now}".encode()).hexdigest()[:32]
        try:
            answer = self._client.post(path, content=body, headers=self._headers(now, nonce, body))
        except httpx.TimeoutException:
            raise Down(f"{what}: no answer in time, so nobody knows whether it was taken") from None
        except httpx.HTTPError as wrong:
            raise Down(f"{what}: their platform cannot be reached ({type(wrong).__name__})") from None
        if not answer.is_success:
            raise failure(what, answer)
        return opened(self._config, what, answer.content)

    def _headers(self, now: int, nonce: str, body: bytes) -> dict[str, str]:
        signed = sign(self._keys(), now, nonce, body)
        return {"Content-Type": "application/json; charset=utf-8", **written(self._config.headers, signed)}


def opened(config: Push, what: str, content: bytes) -> Reply:
    """The envelope of an answer. Raises Down where it is none: then nobody knows what happened there."""
    names = config.envelope
    try:
        found = msgspec.json.decode(content, type=dict[str, Any])
        code = str(found[names.code])
    except (msgspec.DecodeError, msgspec.ValidationError, KeyError):
        raise Down(f"{what}: the answer is no envelope with a code, so nobody knows whether it was taken") from None
    data = found.get(names.data)
    kept = data if isinstance(data, dict) else {}
    wait = kept.get(names.retry_after)
    seconds = float(wait) if isinstance(wait, int | float) else None
    return Reply(code, config.codes.get(code, "conflict"), kept, seconds)


def refusal(what: str, reply: Reply) -> Undelivered:
    """Which failure a code is. Their message is not repeated: it may be personal."""
    match reply.means:
        case "busy":
            return Busy(f"{what}: code {reply.code}, not now", reply.retry_after)
        case "down":
            return Down(f"{what}: code {reply.code}, their platform is failing")
        case "data":
            return BadData(f"{what}: code {reply.code}, they will not take this as it is")
        case _:
            return Conflict(f"{what}: code {reply.code}, it is in another state there, or the code is not known")
