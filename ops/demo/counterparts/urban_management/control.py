"""The department's own switchboard: what shall go wrong, whether it works, what stands in its book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, HTTPException

from ops.demo.counterparts.urban_management.book import Book
from ops.demo.counterparts.urban_management.faults import Faults


def control_app(
    book: Book, faults: Faults, down: Callable[[], None], up: Callable[[], None], codes: Callable[[], list[int]]
) -> FastAPI:
    """POST /faults/{kind}/{times}, /down, /up; GET /book: all of it, and how call-backs were answered."""
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
        down()
        return {"up": False}

    @app.post("/up")
    def comes_back() -> dict[str, Any]:
        up()
        return {"up": True}

    @app.get("/book")
    def whole() -> dict[str, Any]:
        return {**book.all(), "codes": codes()}

    return app
