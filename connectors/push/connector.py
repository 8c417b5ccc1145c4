"""The connector of one platform, put together."""

from __future__ import annotations

from connectors.contract import Made, Surroundings
from connectors.nonces import Nonces
from connectors.push.callbacks import CallBacks
from connectors.push.settings import Push
from connectors.push.transport import Pushes
from connectors.signing import Keys


def make(config: Push, around: Surroundings) -> Made:
    """Connects to nothing yet."""
    department = around.department

    def keys() -> Keys:
        named = [config.secret, *([config.previous_secret] if config.previous_secret else [])]
        secrets = tuple([around.secret(name) for name in named])
        return Keys(config.app_key, secrets, config.algorithm, config.window_seconds)

    pushes = Pushes(config, department.org, department.zone, keys, around.clock)
    nonces = Nonces(around.engine, department.name, keep_seconds=3 * config.window_seconds)
    return Made(pushes, None, CallBacks(config, around, keys, nonces), pushes.check, pushes.close)
