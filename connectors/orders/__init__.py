"""The hotline 12345: sheets of orders in and out, XLSX and CSV, over a drop folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.contract import Kind, Made, Surroundings
from connectors.notebook import Notebook
from connectors.orders.config import Config
from connectors.orders.incoming import OrderSource
from connectors.orders.outgoing import OrderSink

FOLDERS = ("inbox", "done", "verdicts", "answers")


def make(config: Config, around: Surroundings) -> Made:
    """Its connector; the folders below the drop folder are made, the drop folder itself must be there."""
    notes = Notebook(around.engine, around.department.name)
    if Path(config.folder).is_dir():
        for name in FOLDERS:
            (Path(config.folder) / name).mkdir(exist_ok=True)
    return Made(
        sink=OrderSink(config, around.department.zone, notes, around.clock),
        source=OrderSource(config, around.department, around.vault, notes, around.clock),
        check=lambda: list(_wrong(config)),
    )


def _wrong(config: Config) -> Iterator[str]:
    for name in FOLDERS:
        if not (Path(config.folder) / name).is_dir():
            yield f"{config.folder} has no folder {name}: make it, or correct the department's file"


KIND = Kind("orders", Config, make, "hotline 12345: sheets of orders in and out, XLSX and CSV, over a drop folder")
