"""How commands find the hub that they work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ops.embedded.problem import ServerProblem
from ops.settings import Settings
from schemas.wire.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class Found:
    """A hub that a command works with. An address that the command did not need may be empty."""

    settings: Settings
    kafka: KafkaSettings
    dsn: str


BOTH = ("bootstrap", "dsn")


def find(settings: Settings, needs: Sequence[str] = BOTH) -> Found:
    """The hub that runs on the data directory; flags and environment go before its note.

    `needs` names the addresses without which the command cannot run. Raises ServerProblem when none runs and they were
    not given.
    """
    running = settings.data.running()
    if running is not None:
        known = {"bootstrap", "dsn", "namespace", "partitions", "timezone", "division"} - settings.model_fields_set
        settings = settings.model_copy(update={name: getattr(running, name) for name in known})
    missing = [f"--{name}" for name in needs if getattr(settings, name) is None]
    if missing:
        todo = f"start one with threecross up, or give {' and '.join(missing)}"
        raise ServerProblem("No hub runs here", str(settings.data.root), todo)
    return Found(settings, KafkaSettings(settings.bootstrap or ""), settings.dsn or "")
