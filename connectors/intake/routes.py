"""Addresses of an intake, and its OpenAPI document, made of the types that are read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response, Security
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from connectors.contract import Take
from connectors.intake.desk import AGAIN_SECONDS, Desk, Problem
from connectors.intake.settings import Intake
from connectors.intake.translate import ReportTold, Shown

MAX_BODY = 64 << 10
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
TEXT = {"type": "string"}
NUMBER = {"type": "object", "required": ["number"], "properties": {"number": TEXT}}
MAYBE = {"type": ["string", "null"]}
STATUS = {
    "type": "object",
    "required": ["number", "case_number", "stage", "with", "due"],
    "properties": {"number": TEXT, "case_number": MAYBE, "stage": TEXT, "with": MAYBE, "due": MAYBE},
}
PROBLEM = {
    "type": "object",
    "required": ["type", "status", "detail"],
    "properties": {"type": TEXT, "status": {"type": "integer"}, "detail": TEXT},
}
OUTCOMES = {401: "forged", 413: "too_large", 415: "unreadable", 422: "unreadable", 429: "too_often", 503: "not_now"}
"""By status of an answer, as reports and files are counted."""
API_KEY = APIKeyHeader(name="X-API-Key", auto_error=False, description="an API key of this intake")
Handler = Callable[[Request], Awaitable[Response]]
Count = Callable[[str], None]


class Direct(APIRoute):
    """A route whose handler reads the request itself: it is told in the document and called without detours."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
        else:
            response = await self.endpoint(Request(scope, receive))
            await response(scope, receive, send)


def router(desk: Desk, config: Intake, take: Take, count: Count) -> APIRouter:
    """All routes; `count` is told what became of each report and file."""
    made = APIRouter(tags=["intake"], route_class=Direct)
    body = {"application/json": {"schema": _inlined(msgspec.json.schema(ReportTold))}}
    types = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in config.file_types}
    again = _parameter("Idempotency-Key", "header", minLength=16, maxLength=200)
    at, number = _parameter("sha256", "path", pattern="^[0-9a-f]{64}$"), _parameter("number", "path")
    report, put = _report(desk, take, count), _put(desk, config, count)
    _add(made, "POST", "/reports", _answered(report, count), [again], {202: NUMBER}, (413, 415, 422), body)
    _add(made, "PUT", "/files/{sha256}", _answered(put, count), [at], {201: None, 204: None}, (413, 415, 422), types)
    _add(made, "GET", "/reports/{number}", _answered(_status(desk)), [number], {200: STATUS}, ())
    made.add_api_route("/{path:path}", _answered(_nothing), methods=METHODS, include_in_schema=False)
    return made


def _report(desk: Desk, take: Take, count: Count) -> Handler:
    async def report(request: Request) -> Response:
        key = desk.caller(request.headers.get("x-api-key", ""))
        if _media_type(request) != "application/json":
            raise Problem(415, "the content type has to be application/json.")
        body = await _body(request, MAX_BODY)
        said = await desk.report(key, request.headers.get("idempotency-key", ""), body, take)
        count("repeated" if said.known else "taken")
        return JSONResponse({"number": said.subject}, 202)

    return report


def _put(desk: Desk, config: Intake, count: Count) -> Handler:
    free = asyncio.Semaphore(config.most_uploads)

    async def put(request: Request) -> Response:
        key = desk.caller(request.headers.get("x-api-key", ""))
        if free.locked():
            raise Problem(503, "too many files come at once: send the same again in a moment.", 1)
        async with free:
            content = await _body(request, config.max_file_bytes)
            digest, kind = request.path_params["sha256"], _media_type(request)
            new = await run_in_threadpool(desk.put_file, key, digest, kind, content)
        count("taken" if new else "repeated")
        return Response(status_code=201 if new else 204)

    return put


def _status(desk: Desk) -> Handler:
    async def status(request: Request) -> Response:
        desk.caller(request.headers.get("x-api-key", ""))
        return JSONResponse(_shown(await run_in_threadpool(desk.status, request.path_params["number"])))

    return status


async def _nothing(_request: Request) -> Response:
    raise Problem(404, "there is no such address, or it does not take this method.")


def _add(
    made: APIRouter,
    method: str,
    path: str,
    handler: Handler,
    parameters: list[dict[str, Any]],
    good: dict[int, Any],
    bad: tuple[int, ...],
    body: dict[str, Any] | None = None,
) -> None:
    responses: dict[int | str, dict[str, Any]] = {
        status: {"description": "Done"} | ({"content": {"application/json": {"schema": schema}}} if schema else {})
        for status, schema in good.items()
    }
    problem = {"description": "One sentence", "content": {"application/problem+json": {"schema": PROBLEM}}}
    responses |= dict.fromkeys((401, 404, *bad, 429, 503), problem)
    extra = {"parameters": parameters} | ({"requestBody": {"required": True, "content": body}} if body else {})
    made.add_api_route(
        path,
        handler,
        methods=[method],
        status_code=next(iter(good)),
        responses=responses,
        response_class=Response,
        dependencies=[Security(API_KEY)],
        openapi_extra=extra,
    )


def _answered(handler: Handler, count: Count = lambda _outcome: None) -> Handler:
    """The handler, whose problems become answers, and are counted."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Problem as wrong:
            found = wrong
        except OperationalError:
            found = Problem(503, "not answered just now: ask again in a few seconds.", AGAIN_SECONDS)
        if outcome := OUTCOMES.get(found.status):
            count(outcome)
        return _problem(found)

    answer.__annotations__ = {"request": Request, "return": Response}  # FastAPI reads them, as objects
    return answer


def _problem(wrong: Problem) -> Response:
    told = {"type": "about:blank", "status": wrong.status, "detail": wrong.detail}
    headers = {} if wrong.seconds is None else {"Retry-After": str(wrong.seconds)}
    return JSONResponse(told, wrong.status, headers, media_type="application/problem+json")


async def _body(request: Request, most: int) -> bytes:
    """The body, as long as it is not more than this; a length that the caller states proves nothing."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > most:
            raise Problem(413, f"the body is longer than {most:,} bytes.")
    return bytes(found)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _shown(row: Shown) -> dict[str, Any]:
    due = None if row.due_at is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=row.due_at)
    told = {"number": row.case, "case_number": row.number, "stage": row.stage, "with": row.lead}
    return told | {"due": due.isoformat() if due else None}


def _parameter(name: str, where: str, **limits: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "required": True, "schema": TEXT | limits}


def _inlined(schema: Any, known: dict[str, Any] | None = None) -> Any:
    """A schema without references, which would mean something else inside of a larger document."""
    known = schema.get("$defs", {}) if known is None else known
    match schema:
        case {"$ref": str(ref)}:
            return _inlined(known[ref.rpartition("/")[2]], known)
        case dict():
            return {name: _inlined(inner, known) for name, inner in schema.items() if name != "$defs"}
        case list():
            return [_inlined(inner, known) for inner in schema]
    return schema
