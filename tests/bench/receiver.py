"""A department that takes messages as fast as Python can: HTTP/1.1 over asyncio's own protocols, and nothing more.

`--answer 200` is what it answers, `--wait 0.02` how long it thinks before. Prints its port as one JSON line and serves
until it is ended.
"""

from __future__ import annotations

import argparse
import asyncio
import json


class Answering(asyncio.Protocol):
    """One connection, kept alive; requests have a Content-Length."""

    def __init__(self, answer: int, wait: float) -> None:
        self._told = f"HTTP/1.1 {answer} as told\r\nContent-Length: 0\r\n\r\n".encode()
        self._wait = wait
        self._received = b""
        self._line: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._line = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (size := _size(self._received)) is not None and len(self._received) >= size:
            self._received = self._received[size:]
            if self._wait:
                asyncio.get_running_loop().call_later(self._wait, self._tell)
            else:
                self._tell()

    def _tell(self) -> None:
        if self._line is not None:
            self._line.write(self._told)


def _size(received: bytes) -> int | None:
    """Bytes of the first request; None where its head is not whole yet."""
    head, found, _ = received.partition(b"\r\n\r\n")
    if not found:
        return None
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    return len(head) + 4 + int(length.partition(b":")[2])


async def serve(answer: int, wait: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Answering(answer, wait), "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--answer", type=int, default=200)
    parser.add_argument("--wait", type=float, default=0.0)
    options = parser.parse_args()
    asyncio.run(serve(options.answer, options.wait))
