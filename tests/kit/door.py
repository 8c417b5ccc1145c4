"""The routes of an inlet, served within this process, and one request to them."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI

from connectors.contract import Made


def asked(made: Made, take: Any, method: str, path: str, **request: Any) -> httpx.Response:
    """What the inlet answers; `request` is what httpx takes: `headers`, `content`, `json`, `data`."""
    assert made.inlet is not None
    router = made.inlet.routes(take)
    assert router is not None
    app = FastAPI()
    app.include_router(router)
    return asyncio.run(_asked(app, method, path, request))


async def _asked(app: FastAPI, method: str, path: str, request: dict[str, Any]) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:
        return await client.request(method, path, **request)
