"""The long campaign: python -m tests.faults [--seed N] [--minutes M] [--claims K] [--keep FOLDER]

Writes build/faults.json and prints a table. Exit code 0: nothing lost, duplicated, reordered or stale; 1: something was
(the folder is kept); 2: could not run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from ops.embedded.problem import ServerProblem
from ops.logs import log_to_file
from tests.faults.campaign import run
from tests.faults.kinds import KINDS
from tests.faults.witness import KINDS as WRONG

OUTPUT = Path(__file__).parents[2] / "build" / "faults.json"


def main() -> int:
    """Entry point; returns the exit code."""
    arguments = _parser().parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="threecross-faults-"))
    log_to_file(folder / "log", "campaign", also=100)
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {what}", file=sys.stderr, flush=True)

    try:
        figures = run(folder, arguments.seed, arguments.minutes, arguments.claims, say, _only(arguments.only))
    except ServerProblem as problem:
        print(problem, file=sys.stderr)
        return 2
    except AssertionError as failed:
        print(f"The campaign cannot go on: {failed}; its logs are in {folder}.", file=sys.stderr)
        return 1
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=2) + "\n")
    show(figures)
    if any(figures[kind] for kind in WRONG):
        print(f"The hub has failed; its logs are in {folder}.", file=sys.stderr)
        return 1
    if arguments.keep is None:
        shutil.rmtree(folder)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Faults of all kinds under load.")
    parser.add_argument("--seed", type=int, default=1, help="decides which faults come in which order")
    parser.add_argument("--minutes", type=float, default=10.0, help="of load; a slow machine may take longer")
    parser.add_argument("--claims", type=int, default=201_000, help="at least so many are acknowledged")
    parser.add_argument("--only", default="", help=f"some kinds of fault, with commas between them: {', '.join(KINDS)}")
    parser.add_argument("--keep", type=Path, help="folder of the hub, kept afterwards")
    return parser


def _only(text: str) -> frozenset[str]:
    kinds = frozenset(kind.strip() for kind in text.split(",") if kind.strip())
    if unknown := kinds - KINDS.keys():
        raise SystemExit(f"There is no fault {min(unknown)!r}; there are {', '.join(KINDS)}.")
    return kinds


def show(figures: dict[str, Any]) -> None:
    """The figures as a table."""
    console = Console()
    console.print(_pairs("Faults", figures["faults"]))
    counts = ("kills", "zombies", "claims", "repeated", "poison", "facts", "cases", "refused", "dead_letters", *WRONG)
    console.print(_pairs("What became of it", {name: figures[name] for name in counts}))
    table = Table("pauses in seconds", "n", "median", "p99", "max", "bound", "over", title="How long nothing came")
    rows = {**figures["takeover_seconds"], "unaffected partitions": figures["unaffected_pauses"]}
    for name, row in rows.items():
        table.add_row(name, *(str(row.get(column, "")) for column in ("n", "median", "p99", "max", "bound", "over")))
    console.print(table)
    for kind, found in figures["examples"].items():
        console.print(f"{kind}: {'; '.join(found)}", markup=False, soft_wrap=True)


def _pairs(title: str, pairs: dict[str, Any]) -> Table:
    table = Table(title, "", title=None)
    for name, value in pairs.items():
        table.add_row(name, f"{value:,}")
    return table


if __name__ == "__main__":
    sys.exit(main())
