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
from connectors.chat.register import Register
from connectors.contract import Vault
from connectors.signing import Keys, sign, written
from schemas.events import FileRef, Grid
from tests.builders import T0
from tests.link_samples import Clock, Kept, Notepad, around

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


class OwnVault:
    """Keeps files as a vault does."""

    def __init__(self) -> None:
        self.files: list[bytes] = []

    def put_files(self, files: list[tuple[bytes, str, str | None]]) -> list[FileRef]:
        self.files += [content for content, _, _ in files]
        return [FileRef(f"00000000-0000-4000-8000-{len(self.files):012}", bytes(32), t, len(c)) for c, t, _ in files]


class Speaking:
    """The inlet of 驿城区's chat groups and the notes behind it."""

    def __init__(self, folder: Path, config: Any = CONFIG) -> None:
        self.take, self.clock, self.notes, self.vault = Kept(), Clock(NOW), Notepad(), OwnVault()
        self.registry = CollectorRegistry()
        self.register = Register(self.notes, cast(Vault, self.vault))
        given = around(folder, clock=self.clock, registry=self.registry, grid_of_group=grid_of_group)
        self.around = given._replace(department=EXAMPLE.department)
        door = Door(config, self.around, lambda: KEYS, self.register)
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
