"""The sensors' connector, put together."""

from __future__ import annotations

from connectors.contract import Made, Secret, Surroundings
from connectors.mqtt.listening import Listening, Login, reachable
from connectors.mqtt.sensors import Sensors
from connectors.mqtt.settings import Mqtt
from connectors.notebook import Notebook


def make(config: Mqtt, around: Surroundings) -> Made:
    """The connector of one broker; it connects when it is started."""
    login = Login(_secret(config.user, around), _secret(config.password, around))
    listening = Listening(config, login, around.clock, around.log)
    inlet = Sensors(config, around, listening, Notebook(around.engine, around.department.name))
    return Made(inlet=inlet, check=lambda: reachable(config, login))


def _secret(name: Secret | None, around: Surroundings) -> str | None:
    return around.secret(name) if name else None
