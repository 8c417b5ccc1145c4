"""Chat groups: members write to a robot, which tells the hub and says into the groups what the hub tells it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from connectors.chat.connector import QUIET
from ops.wires.links.link import COUNTERPARTS, Ground, Sent, shipped
from ops.wires.programs import program
from ops.wires.script import Member

FIRST_ANSWER_SECONDS = 3_600
"""As the place's policy has it."""
REPORTED = ("taken", "repeated")
DONE = (*REPORTED, "answered")
MEMBER = ("group", "member", "name", "phone", "text")


@dataclass
class Groups:
    """The groups of one chat system."""

    name: str
    file: str
    url: str
    control: httpx.Client
    secrets: Mapping[str, str]

    def department(self) -> str:
        address = f"https://chat.{self.file.removesuffix('-chat')}.example/robot"
        return shipped(self.file, {address: self.url, "[chat.robot]\n": "[chat.robot]\ntimeout_seconds = 2\n"})

    def connect(self, url: str) -> None:
        self._tell("/hub", {"url": url})

    def do(self, what: str, form: Mapping[str, str]) -> None:
        match what:
            case "write":
                self._write(form, _message(form))
            case "ask":
                self._write(form, {"text": f"状态 {self._number()}"})
            case "down" | "up":
                self._tell(f"/{what}", None)
            case _:
                self._tell("/faults", {what: int(form.get("times", "1"))})

    def disagreements(self, sent: Sent) -> Iterator[str]:
        return differences(self._messages(), sent)

    def _write(self, form: Mapping[str, str], more: Mapping[str, Any]) -> None:
        told = {name: form[name] for name in MEMBER if name in form}
        self._tell("/write", {**told, "id": f"message {len(self._messages()) + 1}", **more})

    def _number(self) -> str:
        """The number of the first report, which its group has been told."""
        found: str = next(row["number"] for row in self._messages() if row["number"])
        return found

    def _messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control.get("/book").raise_for_status().json()["messages"]
        return found

    def _tell(self, path: str, content: Any) -> None:
        self.control.post(path, json=content).raise_for_status()


def _message(form: Mapping[str, str]) -> dict[str, Any]:
    point = {"x": float(form["x"]), "y": float(form["y"]), "system": form["system"]}
    return {"place": {"point": point, "address": form["address"]}, "photos": [form["photo"]]}


def differences(messages: Sequence[Mapping[str, Any]], sent: Sent) -> Iterator[str]:
    """What stands in the groups against what was delivered. Pure."""
    robot = [row for row in messages if row["writer"] == "robot"]
    told = [row for row in robot if not row["key"].startswith("reply")]
    ours = sorted(row["key"] for row in sent.done if row["detail"] != QUIET)
    if sorted(row["key"] for row in told) != ours:
        yield f"the robot has said {len(told)} things, {len(ours)} were delivered"
    asked = [row for row in messages if row["outcome"] == "answered"]
    if len(asked) != len(robot) - len(told):
        yield f"{len(asked)} asked for a status, {len(robot) - len(told)} were answered"
    for row in messages:
        if row["writer"] != "robot" and row["outcome"] not in DONE:
            yield f"{row['key']} is {row['outcome'] or 'not told yet'}"
        if row["outcome"] in REPORTED:
            yield from _answered(row, told)


def _answered(report: Mapping[str, Any], told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What a report lacks that must stand once in its group: its number, and the first answer in time."""
    mine = [row for row in told if (row["number"], row["group_name"]) == (report["number"], report["group_name"])]
    answers = [row for row in mine if "答复" in row["text"]]
    if len([row for row in mine if "已收到。" in row["text"]]) != 1:
        yield f"the number of {report['key']} does not stand once in its group"
    if len(answers) != 1:
        yield f"the first answer to {report['key']} does not stand once in its group"
    elif answers[0]["at"] - report["at"] > FIRST_ANSWER_SECONDS:
        yield f"the first answer to {report['key']} came late"


@contextmanager
def groups(member: Member, ground: Ground) -> Iterator[Groups]:
    """Groups with their robot, running."""
    ours, robots = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    told = {"COUNTERPART_SECRET": ours, "COUNTERPART_ROBOT_SECRET": robots}
    options = ("--database", str(ground.folder / f"{member.name}.sqlite"), "--app-key", member.file)
    prefix = f"THREECROSS_{member.file.upper().replace('-', '_')}"
    with (
        program(
            ground.folder, member.name, f"{COUNTERPARTS}.chat_group", (*options, "--hang-seconds", "3"), told
        ) as ports,
        httpx.Client(base_url=f"http://127.0.0.1:{ports['control']}", timeout=10) as control,
    ):
        known = {f"{prefix}_SECRET": ours, f"{prefix}_ROBOT_SECRET": robots}
        yield Groups(member.name, member.file, f"http://127.0.0.1:{ports['port']}", control, known)
