"""A department's own receiver of webhooks: keeps what it took, checks signatures by itself, misbehaves when told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """`taken` has each message once, by its id, in the order in which it first came; `faults` is used up one by one:
    a status to answer, or "lost": taken, and the answer never sent. A message of an unknown type is never taken."""

    def __init__(self, secret: str) -> None:
        self.key = base64.b64decode(secret.removeprefix("whsec_"))
        self.taken: dict[str, dict[str, Any]] = {}
        self.faults: list[int | str] = []
        self.forged = 0
        self.attempts = 0
        self.port = 0
        self._server: ThreadingHTTPServer | None = None

    def answer(self, headers: Any, body: bytes) -> int | None:
        """The status to answer; None: nothing is answered."""
        self.attempts += 1
        fault = self.faults.pop(0) if self.faults else 200
        if isinstance(fault, int) and fault >= 300:
            return fault
        identity, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
        mac = hmac.new(self.key, f"{identity}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        if "v1," + base64.b64encode(mac).decode() not in headers["webhook-signature"].split(" "):
            self.forged += 1
            return 401
        message = json.loads(body)
        if not message["type"].startswith("threecross."):
            return 422
        self.taken.setdefault(identity, message)
        return None if fault == "lost" else 200

    def up(self) -> None:
        """Listen, at the same port as before."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def down(self) -> None:
        """Hear nothing more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            code = receiver.answer(self.headers, self.rfile.read(int(self.headers["Content-Length"])))
            if code is None:
                self.close_connection = True
                return
            self.send_response(code)
            if code == 429:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silence."""

    return Handler


@contextmanager
def receiving(secret: str) -> Iterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver(secret)
    receiver.up()
    try:
        yield receiver
    finally:
        receiver.down()
