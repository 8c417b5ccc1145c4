"""The department's own switchboard: what shall go wrong, whether it works, what stands in its book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from fastapi import FastAPI, HTTPException

from ops.demo.counterparts.urban_management.book import Book
from ops.demo.counterparts.urban_management.faults import Faults


class Switches(NamedTuple):
    """What the switchboard can do with the department: `calls_back` tells it where to."""

    down: Callable[[], None]
    up: Callable[[], None]
    codes: Callable[[], list[int]]
    calls_back: Callable[[str], None]


def control_app(book: Book, faults: Faults, switches: Switches) -> FastAPI:
    """POST /faults/{kind}/{times}, /down, /up, /call-backs; GET /book: all of it, and how call-backs were answered."""
    app = FastAPI(title="urban management, its own switchboard")

    @app.post("/faults/{kind}/{times}")
    def fault(kind: str, times: int) -> dict[str, Any]:
        try:
            faults.set(kind, times)
        except ValueError as wrong:
            raise HTTPException(422, str(wrong)) from None
        return {"fault": kind, "times": times}

    @app.post("/down")
    def goes() -> dict[str, Any]:
        switches.down()
        return {"up": False}

    @app.post("/up")
    def comes_back() -> dict[str, Any]:
        switches.up()
        return {"up": True}

    @app.post("/call-backs")
    def call_backs(content: dict[str, str]) -> dict[str, Any]:
        switches.calls_back(content["url"])
        return content

    @app.get("/book")
    def whole() -> dict[str, Any]:
        return {**book.all(), "codes": switches.codes()}

    return app
