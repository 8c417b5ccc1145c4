"""`python -m ops.demo.counterparts.messengers`: robots and mailboxes, until Ctrl-C.

Prints one JSON line with its ports. COUNTERPART_TOKEN has the tokens in the robots' addresses, with commas between.
COUNTERPART_SECRET signs, and is the password of the mail server's only user; with a certificate it asks for STARTTLS
and a log-in.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import ssl
import threading
import tomllib
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from ops.demo.counterparts.listener import Listener
from ops.demo.counterparts.messengers.book import Book
from ops.demo.counterparts.messengers.mailbox import Clerk, Mailbox
from ops.demo.counterparts.messengers.robots import Robots, site
from ops.demo.counterparts.messengers.trouble import Trouble


def control(book: Book, trouble: Trouble, robots: Listener, mailbox: Mailbox) -> FastAPI:
    """Where they are told what goes wrong, and show their book."""
    app = FastAPI(title="Control", openapi_url=None)
    parts: dict[str, Listener | Mailbox] = {"robots": robots, "mail": mailbox}

    @app.post("/faults")
    def faults(told: dict[str, int]) -> None:
        trouble.expect(told)

    @app.post("/clock")
    def clock(told: dict[str, float]) -> None:
        trouble.skew = told["fast"]

    @app.post("/{part}/down")
    def down(part: str) -> None:
        parts[part].down()

    @app.post("/{part}/up")
    def up(part: str) -> None:
        parts[part].up()

    @app.get("/book")
    def shown() -> dict[str, list[dict[str, Any]]]:
        return book.all()

    return app


def main() -> None:
    """Run until the process is told to end."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd finds fault with itself
    options = argparse.ArgumentParser(prog="messengers", description=__doc__)
    options.add_argument("--database", default=":memory:", help="file of their own book")
    options.add_argument("--port", type=int, default=0, help="of the robots")
    options.add_argument("--mail-port", type=int, default=0)
    options.add_argument("--control-port", type=int, default=0)
    options.add_argument("--certificate", type=Path, help="PEM with certificate and key of the mail server")
    options.add_argument("--user", default="duty", help="who may send mail")
    options.add_argument("--behave", type=Path, help="TOML: what goes wrong, and how often")
    options.add_argument("--hang-seconds", type=float, default=3.0, help="how long a lost answer does not come")
    given = options.parse_args()
    tokens, secret = os.environ.get("COUNTERPART_TOKEN", "").split(","), os.environ.get("COUNTERPART_SECRET", "")
    book, trouble = Book(given.database), Trouble(given.hang_seconds)
    trouble.expect(tomllib.loads(given.behave.read_text("utf-8")) if given.behave else {})
    robots = Listener(site(Robots(book, trouble, tokens, secret), trouble), given.port)
    mailbox = Mailbox(Clerk(book, trouble), given.mail_port, _tls(given.certificate), (given.user, secret))
    told = Listener(control(book, trouble, robots, mailbox), given.control_port)
    ended = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: ended.set())
    for part in (robots, mailbox, told):
        part.up()
    print(json.dumps({"port": robots.port, "mail": mailbox.port, "control": told.port}), flush=True)
    ended.wait()


def _tls(certificate: Path | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


if __name__ == "__main__":
    main()
