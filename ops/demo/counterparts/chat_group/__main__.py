"""Chat groups with a robot: members write, their messages go to the hub, what the hub says comes into the group.

A program of its own with its own database; it knows the hub's protocol and nothing else of it. Whatever it is told by
the hub under one key it says once, whatever it tells is told again until it is answered for good.

    python -m ops.demo.counterparts.chat_group --database F --app-key yicheng-chat

prints {"port": …, "control": …}: at `port` listens the robot, at `control` whoever plays the members. Secrets come from
COUNTERPART_SECRET (signs what it tells) and COUNTERPART_ROBOT_SECRET (by which it believes the hub).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading

from ops.demo.counterparts.chat_group.assistant import Assistant
from ops.demo.counterparts.chat_group.book import Book, Faults
from ops.demo.counterparts.chat_group.robot import control, robot
from ops.demo.counterparts.listener import Listener


def main() -> None:
    """Run until the process is told to end."""
    options = argparse.ArgumentParser(prog="chat_group", description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--database", default=":memory:", help="file of its own book")
    options.add_argument("--app-key", default="chat")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--control-port", type=int, default=0)
    options.add_argument("--hang-seconds", type=float, default=3.0, help="how long it does not answer when it hangs")
    given = options.parse_args()
    book, faults = Book(given.database), Faults()
    assistant = Assistant(book, faults, given.app_key, os.environ.get("COUNTERPART_SECRET", ""))
    told = os.environ.get("COUNTERPART_ROBOT_SECRET", "")
    speaks = Listener(robot(book, faults, given.app_key, told, given.hang_seconds), given.port)
    tells = Listener(control(book, faults, assistant, speaks), given.control_port)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    for part in (speaks, tells):
        part.up()
    assistant.start()
    print(json.dumps({"port": speaks.port, "control": tells.port}), flush=True)
    ended.wait()
    assistant.stop()


if __name__ == "__main__":
    main()
