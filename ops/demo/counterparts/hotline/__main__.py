"""`python -m ops.demo.counterparts.hotline --folder D`: until Ctrl-C. Prints its port as one JSON line.

It puts sheets into inbox/ and takes what stands in verdicts/ and answers/; nothing else of the hub does it see.
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ops.demo.counterparts.hotline import paper
from ops.demo.counterparts.hotline.book import ORDER, Book

ROUND_SECONDS = 0.2
TIME = "%Y-%m-%d %H:%M"


class Hotline:
    """What it can be told to do: take down an order, export a sheet; `round` takes in what has come back."""

    def __init__(self, book: Book, folder: Path) -> None:
        self._book = book
        self._folder = folder
        self._taken = folder / "taken"

    def answer(self, path: str, told: dict[str, Any]) -> Any:
        match path:
            case "/book":
                return {name: self._book.rows(f"SELECT * FROM {name}") for name in ("orders", "verdicts", "answers")}
            case "/order":
                self._book.take_down(told)
                return {}
            case "/export":
                return {"name": self._export(told)}
        raise KeyError(path)

    def round(self) -> None:
        """Take in verdicts and answers; a sheet is read whole and then put aside."""
        for kind, take in (("verdicts", self._judged), ("answers", self._heard)):
            for path in sorted((self._folder / kind).glob("[!.]*")) if (self._folder / kind).is_dir() else ():
                self._taken.mkdir(exist_ok=True)
                kept = path.rename(self._taken / f"{len(list(self._taken.iterdir())):04}-{path.name}")
                for row in paper.read(kept.name, kept.read_bytes()):
                    take(path.name, row)

    def _judged(self, file: str, row: dict[str, str]) -> None:
        self._book.judge(file, row)

    def _heard(self, _file: str, row: dict[str, str]) -> None:
        self._book.hear(row)

    def _export(self, told: dict[str, Any]) -> str:
        """A sheet of some orders, or of all, written as it is told: xlsx, utf-8, utf-8-sig or gb18030."""
        wanted, form = told.get("numbers"), told.get("as", "xlsx")
        orders = [
            one
            for one in self._book.rows("SELECT * FROM orders ORDER BY number")
            if not wanted or one["number"] in wanted
        ]
        rows: list[list[Any]] = [[place, *(one[name] for name in ORDER)] for place, one in enumerate(orders, 1)]
        name = told.get("name") or f"orders-{len(self._book.rows('SELECT * FROM exports')) + 1:04}"
        file = f"{name}.{'xlsx' if form == 'xlsx' else 'csv'}"
        if form == "xlsx":
            for row in rows:
                row[2] = _as_date(row[2])
            content = paper.workbook(rows, "12345热线工单（样例）", told.get("merge"))
        else:
            content = paper.csv_sheet(rows, form)
        part = self._folder / "inbox" / f".{file}"
        part.write_bytes(content[: told.get("cut", len(content))])
        part.rename(part.with_name(file))
        self._book.run("INSERT OR REPLACE INTO exports VALUES (?, ?)", file, len(rows))
        return file


def _as_date(text: str) -> datetime | str:
    try:
        return datetime.strptime(text, TIME)  # noqa: DTZ007  a spreadsheet knows no zones
    except ValueError:
        return text


def served(hotline: Hotline, port: int) -> ThreadingHTTPServer:
    """Its doors, on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            try:
                status, said = 200, hotline.answer(self.path, json.loads(raw or b"{}"))
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
    options = argparse.ArgumentParser(prog="hotline", description=__doc__)
    options.add_argument("--folder", type=Path, required=True, help="the drop folder")
    options.add_argument("--database", default=":memory:")
    options.add_argument("--port", type=int, default=0)
    given = options.parse_args()
    (given.folder / "inbox").mkdir(parents=True, exist_ok=True)
    hotline = Hotline(Book(given.database), given.folder)
    server = served(hotline, given.port)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_address[1]}), flush=True)
    while not ended.wait(ROUND_SECONDS):
        hotline.round()
    server.shutdown()


if __name__ == "__main__":
    main()
