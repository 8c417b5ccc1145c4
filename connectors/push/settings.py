"""`[push]` of a department's file: how its platform is called, how both sides sign, what its codes mean."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from connectors.contract import Secret
from connectors.signing import Algorithm, Headers
from connectors.tasks.orders import FIELDS
from connectors.tasks.settings import AnswerRule, OrderRule, check_words

Positive = Annotated[float, Meta(gt=0)]
Means = Literal["taken", "missing", "data", "conflict", "busy", "down"]
"""What a code of theirs means: taken (also: it was there before), nothing of that kind there, or a kind of failure."""


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names in the envelope of an answer, whose HTTP status is 200 even for errors. `number`: within data, theirs."""

    code: str = "code"
    message: str = "message"
    data: str = "data"
    number: str = "taskNo"
    retry_after: str = "retryAfter"


class CallBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of the fields of a call-back. Files are lists of {name, type, content in base64}."""

    message: str = "messageId"
    number: str = "taskId"
    word: str = "status"
    at: str = "time"
    text: str = "remark"
    reason: str = "reason"
    until: str = "until"
    files: str = "attachments"
    largest_bytes: Annotated[int, Meta(gt=0)] = 8 << 20


class Push(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """HTTP push with call-back, as platforms of urban management have it.

    `url` and the paths are of their platform. `system`: code of their numbering in the hub; ids are made of it, so
    never change it. `codes`: theirs → what it means; one that stands in no row is a conflict, which is asked about and
    fails for good after a few. `fields`: what of ours → the name in the body of an order. Call-backs are signed by the
    same key. Times are Unix milliseconds, or texts where `time_format` says how they are written.
    """

    url: str
    app_key: str
    secret: Secret
    system: str
    orders: tuple[OrderRule, ...]
    answers: tuple[AnswerRule, ...]
    fields: dict[str, str]
    codes: dict[str, Means]
    previous_secret: Secret | None = None
    algorithm: Algorithm = "hmac-sha256"
    window_seconds: Annotated[int, Meta(gt=0)] = 300
    order_path: str = "/api/task/dispatch"
    query_path: str | None = "/api/task/query"
    time_format: str | None = None
    timeout_seconds: Positive = 10.0
    headers: Headers = Headers()
    envelope: Envelope = Envelope()
    call_back: CallBack = CallBack()

    def __post_init__(self) -> None:
        """Raises ValueError with one sentence; the loader names the file."""
        check_words(self.orders, self.answers)
        if strange := sorted(self.fields.keys() - FIELDS):
            raise ValueError(
                f'fields has "{strange[0]}", which is nothing of ours; there are {", ".join(sorted(FIELDS))}'
            )
        if "key" not in self.fields:
            raise ValueError('fields has no "key": by it their platform takes an order once')
        if "taken" not in self.codes.values():
            raise ValueError("codes has no code that means taken, so no order could ever be delivered")
