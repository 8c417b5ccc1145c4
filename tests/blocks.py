"""Following a document: its blocks are files to write, commands to type, and what must come of them.

```LANGUAGE FILE``` is a file. ```console``` holds commands behind `$`, each followed by what it prints: `…` stands for
anything in a line, alone for any lines, spaces and rules of tables do not count, `[1]` is the exit code. ```console
until``` is asked again until it is so, ```console terminal=NAME``` goes on running, and what it prints is waited for.
A block of another language without a file is only read.
"""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RULE = re.compile(r"[─\s]*")
PATIENCE = 120.0
PAUSE = 0.3
END_SECONDS = 60.0


class Block(NamedTuple):
    """One fenced block; `line` is that of its first line of text."""

    language: str
    words: tuple[str, ...]
    text: str
    line: int


class Command(NamedTuple):
    """What is typed, and what must be printed."""

    typed: str
    printed: tuple[str, ...]
    code: int
    line: int


class NotSo(AssertionError):
    """What the document says is not so; the text says where and what came instead."""


def blocks(document: str) -> list[Block]:
    """Every fenced block, in order."""
    return [
        Block(found[1], tuple(found[2].split()), found[3], document.count("\n", 0, found.start(3)) + 1)
        for found in _BLOCK.finditer(document)
    ]


def commands(block: Block) -> list[Command]:
    """The commands of a console block. Raises ValueError where it begins with no command."""
    if not block.text.startswith("$ "):
        raise ValueError(f"line {block.line}: a console begins with a command behind $")
    found: list[tuple[int, list[str]]] = []
    for number, line in enumerate(block.text.splitlines(), block.line):
        if line.startswith("$ "):
            found.append((number, [line.removeprefix("$ ")]))
        else:
            found[-1][1].append(line)
    return [_command(number, lines) for number, lines in found]


def _command(number: int, lines: Sequence[str]) -> Command:
    typed, *printed = lines
    code = re.fullmatch(r"\[(\d+)\]", printed[-1]) if printed else None
    return Command(typed, tuple(printed[:-1] if code else printed), int(code[1]) if code else 0, number)


def matches(expected: Sequence[str], printed: str, *, within: bool = False) -> bool:
    """Whether it is what was printed, or with `within` a part of it."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in _plain(expected)
    )
    text = "".join(f"{line}\n" for line in _plain(printed.splitlines()))
    return bool(re.search(rf"^{pattern}", text, re.MULTILINE) if within else re.fullmatch(pattern, text))


def _plain(lines: Sequence[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines if not _RULE.fullmatch(line)]


class Follower:
    """Does in `folder` what blocks say, in order; the environment that commands leave is that of the next ones."""

    def __init__(self, folder: Path, environment: Mapping[str, str], patience: float = PATIENCE) -> None:
        self.folder = folder
        self._environment = dict(environment)
        self._patience = patience
        self._terminals: dict[str, subprocess.Popen[bytes]] = {}

    def follow(self, document: str) -> int:
        """Do all of it; returns how many commands were typed. Raises NotSo."""
        typed = 0
        for block in blocks(document):
            typed += self.do(block)
        return typed

    def do(self, block: Block) -> int:
        """One block; returns how many commands it had. Raises NotSo."""
        if block.language != "console":
            if block.words:
                path = self.folder / block.words[0]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, "utf-8")
            return 0
        how = block.words[0] if block.words else ""
        for command in commands(block):
            if how.startswith("terminal="):
                self._start(how.removeprefix("terminal="), command)
            else:
                self._type(command, self._patience if how == "until" else 0.0)
        return len(commands(block))

    def _type(self, command: Command, patience: float) -> None:
        deadline = time.monotonic() + patience
        while True:
            code, printed = self._run(command.typed)
            if code == command.code and matches(command.printed, printed):
                return
            if time.monotonic() > deadline:
                raise _not_so(command, code, printed)
            time.sleep(PAUSE)

    def _run(self, typed: str) -> tuple[int, str]:
        left = self.folder.with_suffix(".env")
        script = f'{typed}\ncode=$?; env -0 > "{left}"; exit $code'
        done = subprocess.run(
            ("bash", "-c", script),
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        pairs = [pair.partition("=") for pair in left.read_text("utf-8").split("\0") if pair]
        self._environment = {name: value for name, _, value in pairs}
        return done.returncode, done.stdout

    def _start(self, name: str, command: Command) -> None:
        log = self.folder.with_suffix(f".{name}")
        with log.open("wb") as output:
            started = subprocess.Popen(
                ("bash", "-c", f"exec {command.typed}"),
                cwd=self.folder,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._terminals[name] = started
        deadline = time.monotonic() + self._patience
        while not matches(command.printed, log.read_text("utf-8"), within=True):
            if started.poll() is not None or time.monotonic() > deadline:
                raise _not_so(command, started.returncode or 0, log.read_text("utf-8"))
            time.sleep(PAUSE)

    def end(self) -> dict[str, int]:
        """End what runs in every terminal, the last first; gives their exit codes."""
        found = {}
        for name, started in reversed(self._terminals.items()):
            if started.poll() is None:
                started.send_signal(signal.SIGTERM)
            found[name] = started.wait(END_SECONDS)
        self._terminals = {}
        return found


def _not_so(command: Command, code: int, printed: str) -> NotSo:
    wanted = "".join(f"  {line}\n" for line in (*command.printed, f"[{command.code}]"))
    came = "".join(f"  {line}\n" for line in (*printed.splitlines(), f"[{code}]"))
    return NotSo(f"line {command.line}: $ {command.typed}\nshould print\n{wanted}printed\n{came}")
