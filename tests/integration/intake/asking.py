"""An app that speaks to the intake of a connectors process: the shipped example, and keys for what may go wrong."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx

from connectors import department
from connectors.keys import hashed
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.integration.connecting import Feed, Linked, linked

PLANTED = "Zhoumei, 9 Spring Street, 13812345678"
PICTURE = b"\x89PNG\r\n\x1a\n a pole"
DIGEST = sha256(PICTURE).hexdigest()
GOOD, SLOW, OLD, QUICK = "a key for trying", "a key that may ask twice", "a key of last year", "a key without end"
MORE_KEYS = f"""
[[intake.keys]]
name = "slow"
sha256 = "{hashed(SLOW)}"
per_minute = 1
burst = 2

[[intake.keys]]
name = "old"
sha256 = "{hashed(OLD)}"
until = 2025-12-31

[[intake.keys]]
name = "quick"
sha256 = "{hashed(QUICK)}"
burst = 100_000
"""


def body(**changed: Any) -> dict[str, Any]:
    """A report as an app sends it."""
    told = {
        "category": {"scheme": "yicheng", "version": "2026", "code": "0105"},
        "place": {"point": {"x": 114.02, "y": 32.97, "system": "GCJ-02"}, "address": PLANTED},
        "text": PLANTED,
        "reporter": {"phone": PLANTED},
    }
    return told | changed


def new_key() -> str:
    """An idempotency key that nobody has used."""
    return str(uuid.uuid4())


class Asking:
    """The app; `hub` is what it speaks to."""

    def __init__(self, hub: Linked, feed: Feed) -> None:
        self.hub, self.feed = hub, feed

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.hub.port}/in/app"

    def report(self, told: Any, key: str, **headers: str) -> httpx.Response:
        return self.send("POST", "/reports", {"Idempotency-Key": key, **headers}, json=told)

    def put(self, digest: str, content: bytes, kind: str = "image/png", **headers: str) -> httpx.Response:
        return self.send("PUT", f"/files/{digest}", {"Content-Type": kind, **headers}, content=content)

    def status(self, number: str, **headers: str) -> httpx.Response:
        return self.send("GET", f"/reports/{number}", headers)

    def send(self, method: str, path: str, headers: Mapping[str, str], **more: Any) -> httpx.Response:
        """With the example's key, if `headers` have no other."""
        return httpx.request(method, self.url + path, headers={"X-API-Key": GOOD} | dict(headers), timeout=60, **more)

    def document(self) -> Any:
        return httpx.get(self.url + "/openapi.json").json()

    def claims_of(self, number: str) -> list[Any]:
        """Claims on Kafka about a report."""
        return [said for meta, said in self.hub.claims() if meta.subject.id == number]


@contextmanager
def asked(kafka: KafkaSettings, hub: HubSettings, dsn: str, folder: Path, more: str = "") -> Iterator[Asking]:
    """A connectors process that has not been started yet, and the app; `more` is added to the department's file."""
    with linked(kafka, hub, dsn, folder) as made:
        example = department._examples() / "app.toml"
        made.department("app", example.read_text("utf-8").replace("[[", f"{more}\n[[", 1) + MORE_KEYS)
        yield Asking(made, made.feed("app"))
