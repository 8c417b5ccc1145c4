"""An application on a port, which can go away and come back on the same port."""

from __future__ import annotations

import socket
import threading

import uvicorn
from fastapi import FastAPI


class Listener:
    """Begins to listen when it is made, to answer with `up`."""

    def __init__(self, app: FastAPI, port: int) -> None:
        self._app = app
        self._socket = _listening(port)
        self.port: int = self._socket.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def up(self) -> None:
        """Answer; nothing changes where it does."""
        if self._thread is not None:
            return
        if self._server is not None:
            self._socket = _listening(self.port)
        config = uvicorn.Config(self._app, log_level="error", timeout_graceful_shutdown=1, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()

    def down(self) -> None:
        """Nobody is there: connections are refused."""
        if self._thread is None or self._server is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self._thread = None


def _listening(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen(128)
    return made
