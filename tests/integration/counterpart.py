"""Counterparts in processes of their own, told what to do over their control ports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
END_SECONDS = 10


@contextmanager
def counterpart(name: str, options: Sequence[str] = (), **environment: str) -> Iterator[dict[str, Any]]:
    """The program ops.demo.counterparts.<name>, ended at the end; gives the JSON line that it prints first."""
    command = [sys.executable, "-m", f"ops.demo.counterparts.{name}", *options]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(END_SECONDS)


class Company:
    """One company of utility.py: where it is, what shall go wrong, what stands in its book."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.url = f"http://127.0.0.1:{ports['port']}"
        self._control = httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=10)

    def fault(self, **kinds: int) -> None:
        """What happens so many times from now on; `_500` stands for 500."""
        self._tell("/faults", {kind.removeprefix("_"): times for kind, times in kinds.items()})

    def calls_back(self, url: str) -> None:
        self._tell("/call-backs", {"url": url})

    def down(self) -> None:
        self._tell("/down")

    def up(self) -> None:
        self._tell("/up")

    def book(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = self._control.get("/book").raise_for_status().json()
        return found

    def _tell(self, path: str, content: Any = None) -> None:
        self._control.post(path, json=content).raise_for_status()


@contextmanager
def company(name: str, *options: str, secret: str = "agreed", token: str = "") -> Iterator[Company]:
    """A company of ops/demo/counterparts/companies in a process of its own."""
    given = ("--company", name, *options)
    with counterpart("utility", given, COUNTERPART_SECRET=secret, COUNTERPART_TOKEN=token) as ports:
        yield Company(ports)


class Groups:
    """The chat groups of chat_group: members who write, what the robot has said, what shall go wrong."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.url = f"http://127.0.0.1:{ports['port']}"
        self._control = httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=10)

    def hub_is_at(self, url: str) -> None:
        self._tell("/hub", {"url": url})

    def exist(self, *names: str) -> None:
        """Groups in which the robot is, before anybody has written."""
        self._tell("/groups", {name: name for name in names})

    def write(self, identity: str, group: str, text: str, **more: Any) -> None:
        """A member writes a message; `photos` and `place` come with it."""
        self._tell("/write", {"id": identity, "group": group, "member": "u-7", "text": text, **more})

    def fault(self, **kinds: int) -> None:
        """What happens so many times from now on; `_500` stands for 500."""
        self._tell("/faults", {kind.removeprefix("_"): times for kind, times in kinds.items()})

    def down(self) -> None:
        self._tell("/down")

    def up(self) -> None:
        self._tell("/up")

    def messages(self) -> list[dict[str, Any]]:
        """Every message of every group, in the order in which it came there."""
        found: dict[str, list[dict[str, Any]]] = self._control.get("/book").raise_for_status().json()
        return found["messages"]

    def message(self, identity: str) -> dict[str, Any]:
        (found,) = [row for row in self.messages() if row["key"] == identity]
        return found

    def said(self, group: str) -> list[str]:
        """What the robot has said in a group."""
        return [row["text"] for row in self.messages() if row["writer"] == "robot" and row["group_name"] == group]

    def _tell(self, path: str, content: Any = None) -> None:
        self._control.post(path, json=content).raise_for_status()


@contextmanager
def chat_groups(*options: str, secret: str = "agreed", robot_secret: str = "agreed") -> Iterator[Groups]:
    """Chat groups with their robot in a process of their own."""
    given = ("--app-key", "yicheng-chat", *options)
    with counterpart("chat_group", given, COUNTERPART_SECRET=secret, COUNTERPART_ROBOT_SECRET=robot_secret) as ports:
        yield Groups(ports)
