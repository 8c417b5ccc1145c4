"""`python -m ops.demo.counterparts.utility --company power`: one company, until Ctrl-C.

Prints one JSON line with its ports. Secret and token come from COUNTERPART_SECRET and COUNTERPART_TOKEN.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from pathlib import Path

from ops.demo.counterparts.listener import Listener
from ops.demo.counterparts.utility.api import control_app, orders_app
from ops.demo.counterparts.utility.calling import Worker
from ops.demo.counterparts.utility.company import load
from ops.demo.counterparts.utility.faults import Faults
from ops.demo.counterparts.utility.ledger import Ledger

COMPANIES = Path(__file__).parents[1] / "companies"


def main() -> None:
    """Run until the process is told to end."""
    options = argparse.ArgumentParser(prog="utility", description=__doc__)
    options.add_argument("--company", default="power", help="name of a file in companies/")
    options.add_argument("--behave", type=Path, help="another file that says how it behaves")
    options.add_argument("--database", default=":memory:", help="file of its own book")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--control-port", type=int, default=0)
    options.add_argument("--call-backs", help="URL to which it tells what happens")
    options.add_argument("--hang-seconds", type=float, default=3.0, help="how long it does not answer when it hangs")
    given = options.parse_args()
    company = load(given.behave or COMPANIES / f"{given.company}.toml")
    ledger, faults = Ledger(given.database, company.prefix), Faults()
    worker = Worker(company, ledger, faults, os.environ.get("COUNTERPART_SECRET", ""))
    worker.url = given.call_backs
    token = os.environ.get("COUNTERPART_TOKEN", "")
    orders = Listener(orders_app(company, ledger, faults, token, given.hang_seconds), given.port)
    control = Listener(control_app(ledger, faults, worker, orders.down, orders.up), given.control_port)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    for part in (orders, control):
        part.up()
    worker.start()
    print(json.dumps({"port": orders.port, "control": control.port}), flush=True)
    ended.wait()
    worker.stop()


if __name__ == "__main__":
    main()
