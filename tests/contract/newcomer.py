"""A newcomer: reads a section of CONTRIBUTING.md and does, in a copy of the project, what its blocks say.

A block of shell commands is run. A block that names a file is written there; of an Avro schema it is one more field, of
a TOML file that is there already it is the keys of a row.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "CONTRIBUTING.md"
_BLOCK = re.compile(r"^ *```(\w+) ?(\S*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
MAKE = f'make() {{ command make --no-print-directory -o setup RUN="{sys.executable}" "$@"; }}\n'
"""The newcomer has run `make setup`; here this Python is what it would have made."""


class Block(NamedTuple):
    """A block of the guide. `file` is empty where it is a command."""

    language: str
    file: str
    text: str


def section(heading: str) -> str:
    """The text of the guide under a heading."""
    return GUIDE.read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def blocks(heading: str) -> list[Block]:
    """The blocks of a section, in order."""
    return [Block(found[1], found[2], textwrap.dedent(found[3])) for found in _BLOCK.finditer(section(heading))]


def with_field(schema: str, field: str) -> str:
    """An Avro schema with one more field at the end."""
    document = json.loads(schema)
    document["fields"].append(json.loads(field))
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def with_row(table: str, change: str) -> str:
    """A TOML file in which the keys of one row have new values. Raises ValueError where the row is not there."""
    heading, *lines = change.splitlines()
    before, found, rest = table.partition(f"{heading}\n")
    if not found:
        raise ValueError(f"there is no row {heading}")
    row, blank, others = rest.partition("\n\n")
    for line in lines:
        row, count = re.subn(rf"^{line.partition(' =')[0]} = .*$", line, row, flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"{heading} has no such key: {line}")
    return before + found + row + blank + others


class Newcomer:
    """Works in `folder`, a copy of what git keeps of the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, listing.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, folder / name)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command in the copy, with its packages and not the installed ones."""
        given = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "THREECROSS_"))}
        paths = {"PYTHONPATH": str(self.folder), "THREECROSS_DATA_DIR": str(self.folder / "build/hub")}
        return subprocess.run(
            words, cwd=self.folder, env=given | paths, capture_output=True, text=True, check=False, timeout=120
        )

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Python in the copy."""
        return self.run(sys.executable, *words)

    def do(self, block: Block) -> subprocess.CompletedProcess[str] | None:
        """What a block says; gives the outcome of a command, None for a file."""
        if not block.file:
            return self.run("bash", "-euc", MAKE + block.text)
        path = self.folder / block.file
        known = path.read_text("utf-8") if path.is_file() else None
        change = {"json": with_field, "toml": with_row}.get(block.language)
        path.write_text(block.text if known is None or change is None else change(known, block.text), "utf-8")
        return None

    def follow(self, heading: str) -> list[Block]:
        """Do all that a section says, every command ending well; gives its blocks."""
        done = blocks(heading)
        for block in done:
            outcome = self.do(block)
            assert outcome is None or outcome.returncode == 0, f"{block.text}{outcome.stdout}{outcome.stderr}"
        return done

    def check(self, *tests: str, own: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """What `make check` looks at, as far as such a change can break it: format and lint of the newcomer's `own`
        tests, generated files, these tests and the own ones."""
        ruff = str(Path(sys.executable).with_name("ruff"))
        generated = (sys.executable, "-m", "schemas.generate", "--check")
        for words in ((ruff, "format", "--check", *own), (ruff, "check", *own), generated):
            outcome = self.run(*words)
            if outcome.returncode:
                return outcome
        return self.test(*tests, *own)

    def test(self, *tests: str) -> subprocess.CompletedProcess[str]:
        """These tests of the copy; the codec is not compiled for it."""
        return self.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not compiled", *tests)
