"""What tests of chat groups are made with: the example department, messages, a door that is spoken to as over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from connectors import department
from connectors.chat.inlet import HEADERS, Door
from connectors.contract import GridOfGroup
from connectors.intake.kept import RECEIVED, Kept
from connectors.intake.translate import Shown
from connectors.signing import Keys, sign, written
from schemas.events import FileRef, Grid
from tests.builders import T0
from tests.link_samples import Clock, around
from tests.link_samples import Kept as InKafka

EXAMPLE = department.example("yicheng-chat")
CONFIG = EXAMPLE.options
GROUP, OTHER_GROUP = "yc-0001", "yc-0002"
GRID = Grid("411702007003001", "yicheng", "residential", "grid", division="411702007003")
NOW = T0 + 60_000_000
PHOTO = b"\x89PNG\r\n\x1a\n and what follows"
DIGEST = sha256(PHOTO).hexdigest()
KEYS = Keys(CONFIG.app_key, ("agreed",), window_seconds=CONFIG.window_seconds)


def grid_of_group(system: str, group: str) -> Grid | None:
    return GRID if system == "chat" and group in (GROUP, OTHER_GROUP) else None


def written_at(at: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).isoformat()


def message(identity: str = "m-1", **changes: Any) -> dict[str, Any]:
    """A message with place and photo."""
    place = {"address": "春晓街 12 号旁", "point": {"x": 114.0203, "y": 32.9772, "system": "GCJ-02"}}
    sender = {"id": "u-7", "name": "王春晓", "phone": "13900000000"}
    told = {"id": identity, "group": GROUP, "at": written_at(T0), "sender": sender, "text": "电线杆斜了"}
    return {**told, "place": place, "photos": [DIGEST], **changes}


class Rows:
    """Rows of an intake that no process survives; `take` knows what is in Kafka."""

    def __init__(self, take: InKafka) -> None:
        self._take = take
        self.kept: dict[str, FileRef] = {}
        self.cases: dict[str, Shown] = {}

    def put_file(self, _caller: str, digest: str, content: bytes, media_type: str, _vault: object) -> bool:
        new = digest not in self.kept
        name = f"00000000-0000-4000-8000-{len(self.kept):012}"
        self.kept.setdefault(digest, FileRef(name, bytes(32), media_type, len(content)))
        return new

    def files(self, _caller: str, digests: tuple[str, ...]) -> dict[str, FileRef]:
        return {digest: self.kept[digest] for digest in digests if digest in self.kept}

    def show(self, row: Shown) -> None:
        self.cases[row.case] = row

    def status(self, number: str, case: str | None) -> Shown | None:
        found = [row for row in self.cases.values() if case in (row.case, None) and (case or row.number == number)]
        if not found and case in {draft.meta.subject.id for draft in self._take.drafts}:
            return Shown(case or "", 0, hidden=False, stage=RECEIVED)
        return found[0] if found and not found[0].hidden else None


class Speaking:
    """The inlet of 驿城区's chat groups and the rows behind it."""

    def __init__(self, folder: Path, config: Any = CONFIG, groups: GridOfGroup = grid_of_group) -> None:
        self.take, self.clock = InKafka(), Clock(NOW)
        self.rows = Rows(self.take)
        self.registry = CollectorRegistry()
        given = around(folder, clock=self.clock, registry=self.registry, grid_of_group=groups)
        given = given._replace(department=EXAMPLE.department)
        door = Door(config, given, lambda: KEYS, cast(Kept, self.rows))
        app = FastAPI()
        app.include_router(door.routes(self.take))
        self.client = TestClient(app)

    def tell(self, told: Any, *, secret: str = "agreed", signed_at: int | None = None) -> httpx.Response:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        answer: httpx.Response = self.client.post(
            "/messages", content=body, headers=self._headers(body, secret, signed_at)
        )
        return answer

    def put(self, content: bytes = PHOTO, kind: str = "image/png", digest: str | None = None) -> httpx.Response:
        headers = {**self._headers(content, "agreed", None), "Content-Type": kind}
        address = f"/files/{digest or sha256(content).hexdigest()}"
        answer: httpx.Response = self.client.put(address, content=content, headers=headers)
        return answer

    def counted(self, outcome: str) -> float:
        labels = {"connector": EXAMPLE.name, "outcome": outcome}
        return self.registry.get_sample_value("threecross_connector_told_total", labels) or 0.0

    def _headers(self, body: bytes, secret: str, signed_at: int | None) -> Mapping[str, str]:
        at = self.clock() if signed_at is None else signed_at
        return written(HEADERS, sign(KEYS._replace(secrets=(secret,)), at, "n-1", body))
