"""The figures of campaigns as tables in a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from tests.faults.wires.campaign import WRONG as WRONG_OVER_WIRES
from tests.faults.witness import KINDS as WRONG


def engine(figures: dict[str, Any]) -> None:
    """A campaign of the engine."""
    console = Console()
    console.print(_pairs("Faults", figures["faults"]))
    counts = ("kills", "zombies", "claims", "repeated", "poison", "facts", "cases", "refused", "dead_letters", *WRONG)
    console.print(_pairs("What became of it", {name: figures[name] for name in counts}))
    table = Table("pauses in seconds", "n", "median", "p99", "max", "bound", "over", title="How long nothing came")
    rows = {**figures["takeover_seconds"], "unaffected partitions": figures["unaffected_pauses"]}
    for name, row in rows.items():
        table.add_row(name, *(str(row.get(column, "")) for column in ("n", "median", "p99", "max", "bound", "over")))
    console.print(table)
    _examples(console, figures)


def connectors(figures: dict[str, Any]) -> None:
    """A storm over the wires."""
    console = Console()
    console.print(_pairs("Faults over the wires", figures["faults"]))
    console.print(_pairs("Attempts, by what came of them", figures["attempts"]))
    counts = ("kills", "claims", "facts", "cases", "delivered", "told", "said", *WRONG_OVER_WIRES)
    console.print(_pairs("What became of it", {name: figures[name] for name in counts}))
    undelivered = figures["undelivered"]
    left = {f"undelivered at the end: {why}": count for why, count in undelivered["left"].items()}
    owed = {f"owed when the storm ended: {why}": count for why, count in undelivered["in the storm"].items()}
    console.print(_pairs("Undelivered", {**owed, "tried again by an operator": undelivered["replayed"], **left}))
    _examples(console, figures)


def _examples(console: Console, figures: dict[str, Any]) -> None:
    for kind, found in figures["examples"].items():
        console.print(f"{kind}: {'; '.join(found)}", markup=False, soft_wrap=True)


def _pairs(title: str, pairs: dict[str, Any]) -> Table:
    table = Table(title, "", title=None)
    for name, value in pairs.items():
        table.add_row(name, f"{value:,}")
    return table
