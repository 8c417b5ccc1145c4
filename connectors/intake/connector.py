"""An intake, put together: its inlet takes reports, its sink writes what the feed tells into its own rows."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter
from sqlalchemy.exc import OperationalError

from connectors.contract import BadData, Delivery, Down, Item, Made, Receipt, Step, Surroundings, Take
from connectors.intake import translate
from connectors.intake.desk import Desk
from connectors.intake.kept import Kept
from connectors.intake.routes import router
from connectors.intake.settings import Intake


class Showing:
    """The intake's own subscription, kept as rows from which it answers."""

    reads_back = False

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    def translate(self, item: Item) -> list[Step]:
        return translate.steps(item)

    def deliver(self, delivery: Delivery) -> Receipt:
        try:
            self._kept.show(msgspec.convert(delivery.body, translate.Shown))
        except msgspec.ValidationError:
            raise BadData("the step was left by another version of this connector: replay the case") from None
        except OperationalError as wrong:
            raise Down(f"the rows of the intake do not answer ({type(wrong).__name__})") from None
        return Receipt()

    def read_back(self, _delivery: Delivery) -> Receipt | None:
        return None


class Door:
    """The routes."""

    def __init__(self, desk: Desk, config: Intake, around: Surroundings) -> None:
        self._desk, self._config, self._around = desk, config, around

    def routes(self, take: Take) -> APIRouter:
        return router(self._desk, self._config, take, self._count)

    def start(self, _take: Take) -> None:
        """Routes are all there is. The first question for a grid reads the reference: no caller should wait for it."""
        self._around.grid_at(0.0, 0.0)

    def _count(self, outcome: str) -> None:
        self._around.metrics.told.labels(self._around.department.name, outcome).inc()

    def stop(self) -> None:
        """Nothing runs of its own."""


def make(config: Intake, around: Surroundings) -> Made:
    """The connector of a department."""
    kept = Kept(around.engine, config.system, around.department.name)
    return Made(sink=Showing(kept), inlet=Door(Desk(config, around, kept), config, around))
