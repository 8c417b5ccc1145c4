"""`python -m ops.demo.counterparts.police_station --outgoing D --incoming D`: until Ctrl-C.

It prints one JSON line: the port on which it can be told what to do, and its public keys. Keys are in hex.
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from ops.demo.counterparts.police_station.book import Book
from ops.demo.counterparts.police_station.post import Post, Terms
from ops.demo.counterparts.police_station.station import Station, manners
from ops.demo.counterparts.police_station.wire import Keys

SHOWN = (
    "received",
    "lines",
    "cases",
    "looks",
    "refused_looks",
    "sent",
    "verdicts",
    "aside",
    "persons",
    "spool",
    "numbers",
)
ROUND_SECONDS = 0.05


def now() -> int:
    """UTC µs."""
    return time.time_ns() // 1_000


class Doors:
    """What the station can be told to do: transfer, say, look, mishaps; and what its book holds."""

    def __init__(self, book: Book, station: Station, post: Post) -> None:
        self._book = book
        self._station = station
        self._post = post

    def answer(self, path: str, told: dict[str, Any]) -> Any:
        match path:
            case "/book":
                tables = self._book.tables(SHOWN)
                for one in tables["sent"]:
                    one["content"] = len(one["content"])
                return tables
            case "/transfer":
                body = {"at": told.get("at", now()), "category": told["category"]}
                body |= {name: told[name] for name in ("police_code", "place", "restricted") if name in told}
                words: dict[str, Any] = {name: told[name] for name in ("text", "contact") if name in told}
                lane, case = ("urgent" if told.get("urgent") else "regular"), f"110:{told['number']}"
                return {"key": self._station.say(lane, case, "transfer", body, words)}
            case "/say":
                body = {"at": now(), **told.get("body", {})}
                lane = told.get("lane", "regular")
                return {"key": self._station.say(lane, told["case"], told["kind"], body, told.get("sealed"))}
            case "/look":
                return self._station.look(told["capsule"], told["officer"], told.get("now", now()))
            case "/mishaps":
                self._post.mishaps.extend(told["next"])
                return {"next": self._post.mishaps}
        raise KeyError(path)


def served(doors: Doors, port: int) -> ThreadingHTTPServer:
    """Its doors, on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            self._say(json.loads(raw or b"{}"))

        def do_GET(self) -> None:
            self._say({})

        def _say(self, told: dict[str, Any]) -> None:
            try:
                status, said = 200, doors.answer(self.path, told)
            except KeyError as wrong:
                status, said = 404, {"unknown": str(wrong)}
            content = json.dumps(said, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_given: Any) -> None:
            """It keeps quiet."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    """Run until the process is told to end."""
    options = argparse.ArgumentParser(prog="police_station", description=__doc__)
    options.add_argument("--outgoing", type=Path, required=True)
    options.add_argument("--incoming", type=Path, required=True)
    options.add_argument("--database", default=":memory:")
    options.add_argument("--behave", type=Path, help="TOML file: how it behaves")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--us", default="xitu-police")
    options.add_argument("--them", default="xitu-hub")
    options.add_argument("--signing-key", required=True, help="file with its Ed25519 key")
    options.add_argument("--opening-key", required=True, help="file with its X25519 key")
    options.add_argument("--their-signing-key", required=True)
    options.add_argument("--their-sealing-key", required=True)
    options.add_argument("--interval-seconds", type=float, default=900)
    options.add_argument("--patience-seconds", type=float, default=3600)
    given = options.parse_args()
    keys = Keys(
        Ed25519PrivateKey.from_private_bytes(_hex(given.signing_key)),
        X25519PrivateKey.from_private_bytes(_hex(given.opening_key)),
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(given.their_signing_key)),
        X25519PublicKey.from_public_bytes(bytes.fromhex(given.their_sealing_key)),
    )
    for folder in (given.outgoing, given.incoming):
        folder.mkdir(parents=True, exist_ok=True)
    book = Book(given.database)
    station = Station(book, keys, manners(given.behave))
    times = (given.interval_seconds, given.patience_seconds)
    post = Post(book, keys, Terms(given.us, given.them, given.outgoing, given.incoming, *times), station, now)
    server = served(Doors(book, station, post), given.port)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    while not ended.wait(ROUND_SECONDS):
        post.round()
    server.shutdown()


def _hex(path: str) -> bytes:
    return bytes.fromhex(Path(path).read_text("ascii").strip())


if __name__ == "__main__":
    main()
