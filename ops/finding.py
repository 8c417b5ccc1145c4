"""How commands find the hub that they work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.embedded.problem import ServerProblem
from ops.provision import read_epoch
from ops.settings import Settings
from schemas.wire.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class Found:
    """A hub that a command works with. An address that the command did not need may be empty.

    `counted`: the number of partitions is known to be that of the namespace, not the usual one.
    """

    settings: Settings
    kafka: KafkaSettings
    dsn: str
    counted: bool = True


BOTH = ("bootstrap", "dsn")
_TOLD = (*BOTH, "namespace", "partitions", "timezone", "division")


def find(settings: Settings, needs: Sequence[str] = BOTH) -> Found:
    """The hub that runs on the data directory; flags and environment go before its note.

    `needs` names the addresses without which the command cannot run. Raises ServerProblem when none runs and they were
    not given.
    """
    running, counted = settings.data.running(), "partitions" in settings.model_fields_set
    if running is not None:
        told = {name: getattr(running, name) for name in _TOLD} | {"departments": _path(running.departments)}
        settings = settings.model_copy(update={n: told[n] for n in told.keys() - settings.model_fields_set})
        counted = counted or settings.namespace == running.namespace
    missing = [f"--{name}" for name in needs if getattr(settings, name) is None]
    if missing:
        todo = f"start one with threecross up, or give {' and '.join(missing)}"
        raise ServerProblem("No hub runs here", str(settings.data.root), todo)
    return Found(settings, KafkaSettings(settings.bootstrap or ""), settings.dsn or "", counted)


def _path(told: str | None) -> Path | None:
    return None if told is None else Path(told)


def with_partitions(found: Found) -> Found:
    """The hub with as many partitions as its namespace was made with: a subject lives where their number says.

    Raises ServerProblem.
    """
    recorded = None if found.counted else read_epoch(found.kafka, found.settings.hub)
    if recorded is None:
        return found
    settings = found.settings.model_copy(update={"partitions": recorded.partitions})
    return Found(settings, found.kafka, found.dsn)
