"""Webhooks: what is posted of an item, how it is signed, and which failure an answer is."""

from __future__ import annotations

import httpx
import pytest

from connectors.contract import BadData, Busy, Down, FileContent, Item
from connectors.webhook.signing import headers, key_of, signature
from connectors.webhook.translate import step
from connectors.webhook.transport import failure, opened
from schemas import ids
from tests.builders import PHOTO, TEXT, reported
from tests.feeds import fact_in, fed, placed, since, subscription
from tests.linking import story


def item_of() -> Item:
    found = fed(placed(story("1", reported(text=TEXT, evidence=(PHOTO,)))), since(subscription()))[-1]
    meta, fact = fact_in(found)
    head = (found.subscription, 3, found.number, found.reason, found.subject, found.seq, found.card)
    return Item(*head, recorded_at=found.recorded_at, meta=meta, fact=fact)


def test_every_item_is_one_message_with_a_name_of_its_own() -> None:
    told = step(item_of(), opens=True)
    assert told.name == "item-3-2"
    assert told.body["type"] == "threecross.fact.report.Reported"
    assert told.body["id"] == ids.item_id("power", 3, 2)
    assert told == step(item_of(), opens=True)


def test_texts_and_files_are_opened_at_delivery_where_that_is_wanted() -> None:
    opens, closed = (step(item_of(), opens=wanted).body["data"]["card"] for wanted in (True, False))
    assert (opens["text"], opens["evidence"]) == (TEXT, [PHOTO])
    assert closed["text"] == {"ref": TEXT.ref, "digest": "00" * 32}


def test_a_file_travels_as_base64() -> None:
    assert opened({"card": [FileContent(b"\x00\x01", "image/png")]}) == {
        "card": [{"media_type": "image/png", "content": "AAE="}]
    }


def test_a_signature_is_that_of_the_standard() -> None:
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    told = headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body)
    assert told == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_a_secret_changes_both_sign() -> None:
    told = headers([b"new", b"old"], "1", 2, b"x")["webhook-signature"].split(" ")
    assert told == [signature(b"new", "1", "2", b"x"), signature(b"old", "1", "2", b"x")]


def test_another_body_time_or_id_has_another_signature() -> None:
    signed = {
        signature(b"k", *rest) for rest in (("1", "2", b"x"), ("2", "2", b"x"), ("1", "3", b"x"), ("1", "2", b"y"))
    }
    assert len(signed) == 4


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, BadData), (422, BadData), (429, Busy), (503, Busy), (500, Down), (404, Down), (401, Down), (302, Down)],
)
def test_each_answer_is_a_failure_of_its_own_kind(code: int, kind: type[Exception]) -> None:
    assert type(failure(httpx.Response(code, text="secret"))) is kind
    assert "secret" not in str(failure(httpx.Response(code, text="secret")))


def test_who_is_busy_may_say_for_how_long() -> None:
    busy = failure(httpx.Response(429, headers={"Retry-After": "7"}))
    assert isinstance(busy, Busy)
    assert busy.retry_after == 7.0
