"""The long campaigns: python -m tests.faults [engine|connectors] [--seed N] [--minutes M] …

`engine`: a hub under constant load, its processes killed, frozen, starved and flooded. `connectors`: departments over
the wires that fail in every way they can, and the connectors killed at every moment. Without a word: both.

Writes build/faults.json and prints tables; the figures of the connectors stand in it under "connectors". Exit code 0:
nothing lost, duplicated, reordered or stale; 1: something was (the folder is kept); 2: could not run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ops.embedded.problem import ServerProblem
from ops.logs import log_to_file
from tests.faults import campaign, showing
from tests.faults.kinds import KINDS
from tests.faults.wires import campaign as wires

OUTPUT = Path(__file__).parents[2] / "build" / "faults.json"
CAMPAIGNS = ("engine", "connectors")
CONNECTORS = "connectors"
Figures = dict[str, Any]


def main() -> int:
    """Entry point; returns the exit code."""
    arguments = _parser().parse_args()
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="threecross-faults-"))
    log_to_file(folder / "log", "campaign", also=100)
    wanted = [name for name in CAMPAIGNS if arguments.what in (None, name)]
    codes = [_campaign(name, folder / name, arguments) for name in wanted]
    if not any(codes) and arguments.keep is None:
        shutil.rmtree(folder)
    return max(codes)


def _campaign(name: str, folder: Path, arguments: argparse.Namespace) -> int:
    began = time.monotonic()

    def say(what: str) -> None:
        print(f"{name} {time.monotonic() - began:6.1f} s  {what}", file=sys.stderr, flush=True)

    folder.mkdir(parents=True, exist_ok=True)
    try:
        figures = (_engine if name == "engine" else _connectors)(folder, arguments, say)
    except ServerProblem as problem:
        print(problem, file=sys.stderr)
        return 2
    except AssertionError as failed:
        print(f"The campaign cannot go on: {failed}; its logs are in {folder}.", file=sys.stderr)
        return 1
    if any(figures[kind] for kind in wires.WRONG):
        print(f"The hub has failed; its logs are in {folder}.", file=sys.stderr)
        return 1
    return 0


def _engine(folder: Path, given: argparse.Namespace, say: Callable[[str], None]) -> Figures:
    figures = campaign.run(folder, given.seed, given.minutes, given.claims, say, _only(given.only))
    _write(figures | {CONNECTORS: _written().get(CONNECTORS)})
    showing.engine(figures)
    return figures


def _connectors(folder: Path, given: argparse.Namespace, say: Callable[[str], None]) -> Figures:
    with wires.servers_in(folder) as servers:
        figures = wires.run(servers, folder, given.seed, given.minutes, say)
    _write(_written() | {CONNECTORS: figures})
    showing.connectors(figures)
    return figures


def _written() -> Figures:
    """Figures of earlier campaigns; empty where there are none."""
    return dict(json.loads(OUTPUT.read_text())) if OUTPUT.exists() else {}


def _write(figures: Figures) -> None:
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description="Faults of all kinds under load.")
    parser.add_argument("what", nargs="?", choices=CAMPAIGNS, help="one of the campaigns; both without")
    parser.add_argument("--seed", type=int, default=1, help="decides which faults come in which order")
    parser.add_argument("--minutes", type=float, default=10.0, help="of load; a slow machine may take longer")
    parser.add_argument("--claims", type=int, default=201_000, help="engine: at least so many are acknowledged")
    kinds = ", ".join(KINDS)
    parser.add_argument("--only", default="", help=f"engine: some kinds of fault, with commas between them: {kinds}")
    parser.add_argument("--keep", type=Path, help="folder of the campaigns, kept afterwards")
    return parser


def _only(text: str) -> frozenset[str]:
    kinds = frozenset(kind.strip() for kind in text.split(",") if kind.strip())
    if unknown := kinds - KINDS.keys():
        raise SystemExit(f"There is no fault {min(unknown)!r}; there are {', '.join(KINDS)}.")
    return kinds


if __name__ == "__main__":
    sys.exit(main())
