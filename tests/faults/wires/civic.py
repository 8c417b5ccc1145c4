"""Open311 in a storm: a council that takes orders, and a civic app that reports and asks how its reports stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas import ids
from tests.faults.wires.books import Book, Entry, Reading
from tests.faults.wires.side import rows
from tests.integration.open311.linking import App, Council, civic_app, council, council_text, example

STATUS = "investigating"
"""What the app must have heard of each report when it has been filed."""


class CouncilSide:
    """A neighbouring council. It knows an order by the hub's key alone, so cases are told by the keys that they must
    have."""

    faults = ("500", "429", "409", "lost", "down")
    silent = "lost"
    name = "open311_council"
    reading = Reading("neighbour-council", {"Dispatched": ("order",)}, {"fixed": "HandedBack"})

    def __init__(self, program: Council) -> None:
        self._program = program
        self._keys: dict[str, str] = {}

    def expects(self, case: str) -> None:
        """It is to be given this case."""
        self._keys[ids.delivery_key(self.name, case, "order")] = case

    def fault(self, kind: str, times: int) -> None:
        self._program.behave(mode=kind, calls=1 if kind == "409" else times, keys_tell=True)

    def down(self) -> None:
        self.fault("down", 1_000_000)

    def up(self) -> None:
        self.calm()

    def calm(self) -> None:
        self._program.behave(keys_tell=True)

    def moved(self, hub: str) -> None:
        """It is asked by the hub, and never asks."""

    def took(self, case: str) -> bool:
        return any(self._keys.get(row["external_id"]) == case for row in self._program.orders())

    def mend(self, most: int) -> None:
        """So many of its open orders are fixed."""
        for row in [row for row in self._program.orders() if row["status"] == "open"][:most]:
            self._program.say(row["id"], "fixed")

    def idle(self) -> bool:
        return all(row["status"] == "fixed" for row in self._program.orders())

    def book(self) -> Book:
        orders = self._program.orders()
        case = {row["id"]: self._keys.get(row["external_id"], f"order {row['id']}") for row in orders}
        said = rows(self._program.database, "SELECT request, status FROM updates ORDER BY id")
        return Book(
            [Entry(case[row["id"]], "order") for row in orders],
            [Entry(case[row["request"]], row["status"]) for row in said],
        )


class AppSide:
    """A civic app; the number that it is given for a report is the case."""

    name = "open311_endpoint"
    reading = Reading("yicheng-open311", {"Filed": (STATUS,)}, {"report": "Reported"}, reports=True)

    def __init__(self, program: App) -> None:
        self._program = program
        self.reports = 0

    def report(self, service: str) -> None:
        self._program.report(service_code=service, lat="32.9", long="114", description="out")
        self.reports += 1

    def moved(self, hub: str) -> None:
        self._program.ask_at(f"{hub}/in/{self.name}")

    def numbers(self) -> list[str]:
        return self._program.numbers()

    def idle(self) -> bool:
        """Whether each report has its number, and the app has heard of each."""
        return len(self.numbers()) == self.reports and not self.stale()

    def stale(self) -> list[str]:
        """Reports of which the app believes what is no longer so."""
        found = rows(self._program.database, "SELECT id, service_request_id, status FROM reports")
        return [f"report {row['id']} is {row['status']!r} to the app" for row in found if row["status"] != STATUS]

    def book(self) -> Book:
        """It hears of all that is public; what counts is what it hears of its own reports."""
        heard = rows(self._program.database, "SELECT service_request_id, status FROM updates ORDER BY at, update_id")
        own = self.numbers()
        told = [Entry(row["service_request_id"], row["status"]) for row in heard if row["service_request_id"] in own]
        return Book(told, [Entry(number, "report") for number in own])


@contextmanager
def running(folder: Path) -> Iterator[tuple[CouncilSide, AppSide, dict[str, str]]]:
    """Both in processes of their own, and their department files by name."""
    with council(folder) as there, civic_app(folder, "http://127.0.0.1:9", "json") as app:
        texts = {AppSide.name: example(AppSide.name), CouncilSide.name: council_text(there)}
        yield CouncilSide(there), AppSide(app), texts
