"""`python -m ops.demo.counterparts.broker`: an MQTT broker, until it is told to end. Prints its port as a JSON line."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import socket
from contextlib import suppress

from amqtt.broker import Broker


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def _serve(port: int) -> None:
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await broker.start()
    print(json.dumps({"port": port}), flush=True)
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    await ended.wait()
    with suppress(Exception):  # what it had to say to clients that are gone is of no use any more
        await broker.shutdown()


def main() -> None:
    """Run until the process is told to end."""
    options = argparse.ArgumentParser(prog="broker", description=__doc__)
    options.add_argument("--port", type=int, default=0)
    given = options.parse_args()
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(_serve(given.port or _free_port()))


if __name__ == "__main__":
    main()
