"""Reports over HTTP: what is acknowledged comes once, what is wrong is told in one sentence and leaves no claim."""

from __future__ import annotations

from hashlib import sha256

from schemas.events import FeedCard, Report
from tests.integration.connecting import wait_until
from tests.integration.intake.asking import DIGEST, GOOD, OLD, PICTURE, PLANTED, SLOW, Asking, body, new_key


def test_a_report_is_acknowledged_once_and_is_told_by_its_number(asking: Asking) -> None:
    assert asking.put(DIGEST, PICTURE).status_code == 201
    assert asking.put(DIGEST, PICTURE).status_code == 204
    key, told = new_key(), body(evidence=[DIGEST])
    first = asking.report(told, key)
    assert first.status_code == 202, first.text
    assert asking.report(told, key).json() == first.json()
    number = first.json()["number"]
    (said,) = asking.claims_of(number)
    assert isinstance(said, Report)
    assert said.text
    assert said.reporter
    assert [file.size for file in said.evidence] == [len(PICTURE)]
    assert said.place.position is not None
    assert said.place.position.original_system == "GCJ-02"
    assert PLANTED not in str(said) + asking.hub.log()
    assert asking.status(number).json()["stage"] == "received"
    asking.feed.tell(number, 1, FeedCard("411702-1", "filed", lead="power"))
    wait_until(lambda: asking.status(number).json().get("with") == "power", "the feed being shown")
    assert asking.status("411702-1").json()["stage"] == "filed"
    asking.feed.tell(number, 2, FeedCard("411702-1", "filed", restricted=True))
    wait_until(lambda: asking.status(number).status_code == 404, "a restricted case being hidden")
    assert asking.status("411702-1").status_code == 404


def test_what_is_wrong_is_refused_in_one_sentence_and_leaves_no_claim(asking: Asking) -> None:
    key, before = new_key(), len(asking.hub.claims())
    point = {"point": {"x": 114.0, "y": 32.9, "system": "local"}}
    longer = b"\x89PNG\r\n\x1a\n" + b"x" * (8 << 20)
    wrong = [
        (asking.report(body(colour="red"), key), 422, "colour"),
        (asking.report(body(place={}), key), 422, "place"),
        (asking.report(body(place=point), key), 422, "local"),
        (asking.report(body(evidence=["0" * 64]), key), 422, "0" * 64),
        (asking.report(body(), "short"), 422, "Idempotency-Key"),
        (asking.report(body(text="x" * 70_000), key), 413, "longer"),
        (asking.report(body(), key, **{"Content-Type": "text/plain"}), 415, "application/json"),
        (asking.report(body(), key, **{"X-API-Key": "forged"}), 401, "unknown"),
        (asking.report(body(), key, **{"X-API-Key": ""}), 401, "missing"),
        (asking.report(body(), key, **{"X-API-Key": OLD}), 401, "2025-12-31"),
        (asking.put("0" * 64, PICTURE), 422, "SHA-256"),
        (asking.put(sha256(b"a page").hexdigest(), b"a page", "text/html"), 415, "content type"),
        (asking.put(sha256(b"a page").hexdigest(), b"a page", "image/png"), 415, "begin"),
        (asking.put(DIGEST, PICTURE, "image/jpeg"), 415, "begin"),
        (asking.put(DIGEST, PICTURE, **{"X-API-Key": "forged"}), 401, "unknown"),
        (asking.put(sha256(longer).hexdigest(), longer), 413, "longer"),
        (asking.status(new_key()), 404, "no report"),
        (asking.status(key, **{"X-API-Key": "forged"}), 401, "unknown"),
        (asking.send("DELETE", "/reports", {}), 404, "method"),
    ]
    for answer, status, word in wrong:
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
        assert word in answer.json()["detail"]
    assert len(asking.hub.claims()) == before


def test_an_idempotency_key_belongs_to_the_body_that_came_with_it_first(asking: Asking) -> None:
    key = new_key()
    first = asking.report(body(), key)
    other = asking.report(body(text="another"), key)
    assert other.status_code == 422
    assert key in other.json()["detail"]
    assert len(asking.claims_of(first.json()["number"])) == 1
    assert asking.report(body(), key).json() == first.json()


def test_a_file_belongs_to_the_key_that_put_it_and_an_idempotency_key_too(asking: Asking) -> None:
    assert asking.put(DIGEST, PICTURE).is_success
    slow, key = {"X-API-Key": SLOW}, new_key()
    assert asking.report(body(evidence=[DIGEST]), key, **slow).status_code == 422
    mine, theirs = asking.report(body(), key), asking.report(body(text="theirs"), key, **slow)
    assert (mine.status_code, theirs.status_code) == (202, 202)
    assert mine.json() != theirs.json()
    told = asking.report(body(), new_key(), **slow)
    assert told.status_code == 429
    assert 1 <= int(told.headers["retry-after"]) <= 60
    assert asking.status("nothing", **{"X-API-Key": GOOD}).status_code == 404
