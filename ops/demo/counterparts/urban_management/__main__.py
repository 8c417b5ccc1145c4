"""`python -m ops.demo.counterparts.urban_management --mode tables`: one department, until it is told to end.

Prints one JSON line with its ports. COUNTERPART_DSN is the address of the exchange database, COUNTERPART_SECRET the
secret of pushes and call-backs.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from pathlib import Path

from ops.demo.counterparts.listener import Listener
from ops.demo.counterparts.urban_management.book import Book
from ops.demo.counterparts.urban_management.control import Switches, control_app
from ops.demo.counterparts.urban_management.faults import Faults
from ops.demo.counterparts.urban_management.platform import Calling, Line, platform_app
from ops.demo.counterparts.urban_management.squad import Squad, load
from ops.demo.counterparts.urban_management.tables import Tables

SQUADS = Path(__file__).parent / "squads"


def options() -> argparse.ArgumentParser:
    """What can be said to it."""
    made = argparse.ArgumentParser(prog="urban_management", description=__doc__)
    made.add_argument("--mode", choices=("tables", "push"), default="tables")
    made.add_argument("--squad", default="xuesong", help="name of a file in squads/")
    made.add_argument("--behave", type=Path, help="another file that says how it works")
    made.add_argument("--database", default=":memory:", help="file of its own book")
    made.add_argument("--port", type=int, default=0, help="of its platform, where orders are pushed to")
    made.add_argument("--control-port", type=int, default=0)
    made.add_argument("--call-backs", default="", help="URL to which it tells what happens")
    made.add_argument("--app-key", default="songshan-squad")
    made.add_argument("--algorithm", default="hmac-sha256", help="of signatures: hmac-sha256 or md5")
    made.add_argument("--hang-seconds", type=float, default=3.0, help="how long it does not answer when it hangs")
    made.add_argument("--clock-offset", type=float, default=0.0, help="seconds by which its clock is ahead")
    return made


def main() -> None:
    """Run until the process is told to end."""
    given = options().parse_args()
    squad = load(given.behave or SQUADS / f"{given.squad}.toml")
    book, faults = Book(given.database, squad.prefix), Faults()
    works, platform = _by_tables(given, squad, book, faults), None
    if given.mode == "push":
        works, platform = _by_push(given, squad, book, faults)

    def down() -> None:
        works.down()
        if platform is not None:
            platform.down()

    def up() -> None:
        works.up()
        if platform is not None:
            platform.up()

    switches = Switches(down, up, lambda: getattr(works, "codes", []), lambda url: setattr(works, "url", url))
    control = Listener(control_app(book, faults, switches), given.control_port)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    control.up()
    if platform is not None:
        platform.up()
    works.start()
    print(json.dumps({"control": control.port, "port": platform.port if platform else None}), flush=True)
    ended.wait()
    works.stop()


def _by_tables(given: argparse.Namespace, squad: Squad, book: Book, faults: Faults) -> Tables | Calling:
    return Tables(squad, os.environ.get("COUNTERPART_DSN", ""), book, faults, given.clock_offset)


def _by_push(given: argparse.Namespace, squad: Squad, book: Book, faults: Faults) -> tuple[Calling, Listener]:
    line = Line(given.app_key, os.environ.get("COUNTERPART_SECRET", ""), given.algorithm)
    platform = Listener(platform_app(squad, line, book, faults, given.hang_seconds), given.port)
    return Calling(line, given.call_backs, book, faults), platform


if __name__ == "__main__":
    main()
