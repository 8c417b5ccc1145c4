"""What each process of the hub serves: /metrics, /healthz, /readyz, and the schemas as a Schema Registry shows them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ops.embedded.problem import ServerProblem
from schemas import registry as schemas
from schemas.topics import load_topics
from schemas.wire.settings import HubSettings

REGISTRY_JSON = "application/vnd.schemaregistry.v1+json"


class Reporting(Protocol):
    """What /readyz asks."""

    @property
    def ready(self) -> bool: ...
    def report(self) -> dict[str, object]: ...


def application(readiness: Mapping[str, Reporting], metrics: CollectorRegistry, hub: HubSettings) -> Starlette:
    """The ASGI application of one process; `readiness` by processor."""
    topics = {hub.topic(topic.name): topic.value for topic in load_topics() if not topic.is_pattern}
    return Starlette(routes=[*own_routes(readiness, metrics), *_registry(topics)])


def own_routes(readiness: Mapping[str, Reporting], metrics: CollectorRegistry) -> list[Route]:
    """What every process of the hub answers."""

    def show_metrics(_: Request) -> Response:  # in a thread: a collector may ask PostgreSQL
        return Response(generate_latest(metrics), media_type=CONTENT_TYPE_LATEST)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readyz(_: Request) -> Response:
        ready = all(one.ready for one in readiness.values())
        reports = {name: one.report() for name, one in readiness.items()}
        return JSONResponse({"ready": ready, "processors": reports}, 200 if ready else 503)

    return [Route("/metrics", show_metrics), Route("/healthz", healthz), Route("/readyz", readyz)]


def _registry(topics: Mapping[str, str]) -> list[Route]:
    """The read side of Confluent's REST interface."""

    def subjects(_: Request) -> Any:
        return schemas.subjects(topics)

    def versions(request: Request) -> Any:
        return schemas.versions(request.path_params["subject"])

    def version(request: Request) -> Any:
        wanted = request.path_params["version"]
        return schemas.version(request.path_params["subject"], None if wanted == "latest" else int(wanted))

    def by_id(request: Request) -> Any:
        return {"schemaType": "AVRO", "schema": schemas.schema_by_id(request.path_params["id"])}

    return [
        Route("/subjects", _answer(subjects)),
        Route("/subjects/{subject}/versions", _answer(versions)),
        Route("/subjects/{subject}/versions/{version}", _answer(version)),
        Route("/schemas/ids/{id:int}", _answer(by_id)),
        Route("/schemas/types", _answer(lambda _: ["AVRO"])),
    ]


def _answer(ask: Callable[[Request], Any]) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(ask(request), media_type=REGISTRY_JSON)
        except schemas.Unknown as unknown:
            body = {"error_code": 40401, "message": str(unknown)}
        except ValueError:
            body = {"error_code": 40402, "message": "A version is a number, or latest."}
        return JSONResponse(body, 404, media_type=REGISTRY_JSON)

    return endpoint


class _Server(uvicorn.Server):
    """Leaves the signals to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class HttpServer:
    """Serves an application in the running loop. `port` is known from the start; 0 asked for a free one."""

    def __init__(self, host: str, port: int) -> None:
        """Take the port. Raises ServerProblem when another program has it."""
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._server: _Server | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, app: Starlette) -> None:
        """Serve from now on."""
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1, server_header=False
        )
        self._server = _Server(config)
        self._task = asyncio.create_task(self._server.serve([self._socket]))

    async def stop(self) -> None:
        """End within about a second."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        what = f"The HTTP port cannot be used: {error.strerror}"
        raise ServerProblem(what, f"{host}:{port}", "end what listens there, or say --http-port 0") from error
    return listener
