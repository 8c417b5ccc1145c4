"""Open311 GeoReport v2: an endpoint that others report to and ask, and a client of the endpoints of other councils."""

from __future__ import annotations

from contextlib import ExitStack

from connectors.contract import Kind, Made, Surroundings
from connectors.open311.settings import Config


def make(config: Config, around: Surroundings) -> Made:
    """The sides that the configuration names."""
    from connectors.open311 import (
        making,
    )  # HTTP and database are loaded by who runs a connector, not by who lists kinds

    doors = ExitStack()
    offered = making.offered(config.endpoint, around, doors) if config.endpoint is not None else Made()
    called = making.called(config.abroad, around, doors) if config.abroad is not None else Made()
    return Made(
        sink=called.sink or offered.sink,
        source=called.source,
        inlet=offered.inlet,
        check=lambda: [*offered.check(), *called.check()],
        close=doors.close,
    )


KIND = Kind("open311", Config, make, "Open311 GeoReport v2: an endpoint of our own, or another council's")
