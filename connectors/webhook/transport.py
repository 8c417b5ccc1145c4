"""Posts messages, signed, and says which failure an answer is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import msgspec

from connectors.contract import BadData, Busy, Delivery, Down, FileContent, Receipt
from connectors.feeds.shown import ONE
from connectors.retry_after import retry_after
from connectors.webhook.signing import headers

_json = msgspec.json.Encoder(order="deterministic").encode


class Posting:
    """One department's address. `clock` gives UTC µs, `source` is the CloudEvents source up to the partition."""

    def __init__(self, url: str, keys: Sequence[bytes], source: str, clock: Callable[[], int], seconds: float) -> None:
        self._url = url
        self._keys = keys
        self._source = source
        self._clock = clock
        self._client = httpx.Client(timeout=seconds, follow_redirects=False)

    def deliver(self, delivery: Delivery) -> Receipt:
        """Post it; the same key at every attempt is its id, so that it can be told from another. Raises Undelivered."""
        body = self.body(delivery)
        told = headers(self._keys, delivery.key, self._clock() // 1_000_000, body)
        try:
            answer = self._client.post(self._url, content=body, headers=told | {"Content-Type": ONE})
        except httpx.TimeoutException:
            raise Down("no answer in time, so nobody knows whether it was taken") from None
        except httpx.HTTPError as wrong:
            raise Down(f"the address cannot be reached ({type(wrong).__name__})") from None
        if not answer.is_success:
            raise failure(answer)
        return Receipt(detail=str(answer.status_code))

    def body(self, delivery: Delivery) -> bytes:
        """The CloudEvent that is posted."""
        event = delivery.body
        head = {"specversion": "1.0", "source": f"{self._source}/{event['data']['partition']}"}
        return _json(head | {"datacontenttype": "application/json"} | opened(event))

    def check(self) -> list[str]:
        """What is wrong with the address, in a sentence; asks for nothing but an answer, whatever it is."""
        try:
            self._client.head(self._url)
        except httpx.HTTPError as wrong:
            return [f"The address cannot be reached ({type(wrong).__name__}): is it right, and is the receiver up?"]
        return []

    def close(self) -> None:
        self._client.close()


def opened(value: Any) -> Any:
    """The same with files as base64, as they travel in JSON."""
    match value:
        case FileContent():
            return {"media_type": value.media_type, "content": b64encode(value.content).decode("ascii")}
        case dict():
            return {key: opened(inner) for key, inner in value.items()}
        case list() | tuple():
            return [opened(inner) for inner in value]
    return value


def failure(answer: httpx.Response) -> BadData | Busy | Down:
    """Which failure an answer is. What stands beside the status is not repeated: it may be personal."""
    code = answer.status_code
    match code:
        case 429 | 503:
            return Busy(f"answered {code}, not now", retry_after(answer))
        case 400 | 413 | 415 | 422:
            return BadData(f"answered {code}: this message will never be taken as it is")
        case _:
            return Down(f"answered {code}, so it is tried again")
