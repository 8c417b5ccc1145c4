"""Companies that take work orders by REST and call back, in a storm."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors import department
from tests.faults.wires.books import Book, Entry, Reading
from tests.faults.wires.side import rows
from tests.integration.counterpart import Company, company

KINDS = ("500", "409", "429", "503", "hang", "twice", "reordered", "forged", "skewed")
LOST = "lost"
"""A call-back that the company itself loses: nobody ever learns of it where the company cannot be asked."""
SAYS = {
    "accepted": "Acknowledged",
    "promised": "Committed",
    "working": "Progressed",
    "needs_time": "ExtensionAsked",
    "done": "HandedBack",
}
_CASE = "json_extract(o.content, '$.reference') AS reference"
_TOLD = f"""
    SELECT {_CASE}, 'order' AS word, 0 AS moment, o.at, 0 AS id FROM orders o
    UNION ALL SELECT {_CASE}, i.kind, coalesce(json_extract(i.content, '$.at'), ''), i.at, i.id
    FROM instructions i JOIN orders o ON o.number = i.number ORDER BY at, id"""
_SAID = f"SELECT {_CASE}, e.status FROM events e JOIN orders o ON o.number = e.number ORDER BY e.number, e.sequence"


class CompanySide:
    """A company; its events are numbered within a case, so that the hub can see their order."""

    silent = "hang"

    def __init__(self, name: str, program: Company, database: Path, *, can_be_asked: bool) -> None:
        self.faults = (*KINDS, LOST) if can_be_asked else KINDS
        self.name, self._program, self._database = name, program, database
        tells = {"Dispatched": ("order", "work"), "Urged": ("urge",)}
        self.reading = Reading(name, tells, SAYS)

    def fault(self, kind: str, times: int) -> None:
        self._program.fault(**{f"_{kind}": 1 if kind == "409" else times})

    def down(self) -> None:
        self._program.down()

    def up(self) -> None:
        self._program.up()

    def calm(self) -> None:
        self._program.fault(**{f"_{kind}": 0 for kind in self.faults})

    def moved(self, hub: str) -> None:
        self._program.calls_back(f"{hub}/in/{self.name}/events")

    def took(self, case: str) -> bool:
        query = f"SELECT {_CASE} FROM orders o WHERE reference = ?"
        return bool(rows(self._database, query, case))

    def idle(self) -> bool:
        query = "SELECT 1 FROM plans UNION ALL SELECT 1 FROM events WHERE next_try IS NOT NULL LIMIT 1"
        return not rows(self._database, query)

    def book(self) -> Book:
        told = [
            Entry(row["reference"], row["word"], row["moment"] if row["word"] == "urge" else "")
            for row in rows(self._database, _TOLD)
        ]
        return Book(told, [Entry(row["reference"], row["status"]) for row in rows(self._database, _SAID)])


def text_of(name: str, program: Company) -> str:
    """The shipped example of a company, at another address and quicker to give up."""
    example = str((department._examples() / f"{name}.toml").read_text("utf-8"))
    placed = example.replace(f"https://orders.{name}.example", program.url)
    placed = placed.replace("[rest]\n", "[rest]\ntimeout_seconds = 1\n")
    return placed.replace("[rest.call_backs]\n", "[rest.call_backs]\nask_seconds = 4\n")


@contextmanager
def running(name: str, folder: Path) -> Iterator[tuple[CompanySide, str]]:
    """A company in a process of its own, and its department file."""
    database = folder / f"{name}.sqlite"
    with company(name, "--hang-seconds", "2", "--database", str(database), token="token") as program:
        text = text_of(name, program)
        can_be_asked = tomllib.loads(text)["rest"]["call_backs"].get("gap") != "wait"
        yield CompanySide(name, program, database, can_be_asked=can_be_asked), text
