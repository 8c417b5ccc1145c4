"""Addresses of the endpoint: one for each call and format, so that the OpenAPI document says exactly what there is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool

from connectors.contract import Take
from connectors.open311 import answers, documents, forms, spoken
from connectors.open311.documents import Document
from connectors.open311.server import Server
from connectors.open311.settings import Endpoint
from connectors.open311.translate.posted import Problem, Refused

RETRY_SECONDS = 5
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def router(server: Server, endpoint: Endpoint, take: Take) -> APIRouter:
    """All routes."""
    made = APIRouter(tags=["Open311"])
    for form in documents.MEDIA_TYPES:
        _reading(made, server, form)
        _writing(made, server, endpoint, take, form)
    made.add_api_route("/{path:path}", _nothing, methods=METHODS, include_in_schema=False)
    return made


async def _nothing(path: str, request: Request) -> Response:
    """An address that is none of ours, or one that is and takes another method."""
    plain, _, form = path.rpartition(".")
    known = form in documents.MEDIA_TYPES and any(spoken.is_address(call, f"/{plain}") for call in spoken.CALLS)
    problem = Problem(405, f"{request.method} is not taken here") if known else Problem(404, "there is no such address")
    return _refused(form if form in documents.MEDIA_TYPES else documents.XML, Refused(problem))


def _reading(made: APIRouter, server: Server, form: str) -> None:
    for call in spoken.READ:
        answer = getattr(server, call.name)
        made.add_api_route(
            f"{call.path}.{form}",
            _one(answer, form) if "{" in call.path else _all(answer, form),
            methods=["GET"],
            name=f"{call.name}_{form}",
            summary=call.summary,
            responses=spoken.responses(call, form),
            response_class=Response,
            openapi_extra={"parameters": spoken.parameters(call)},
        )


def _writing(made: APIRouter, server: Server, endpoint: Endpoint, take: Take, form: str) -> None:
    for call in spoken.WRITE:
        made.add_api_route(
            f"{call.path}.{form}",
            _post(getattr(server, call.name), endpoint, take, form),
            methods=["POST"],
            name=f"{call.name}_{form}",
            summary=call.summary,
            responses=spoken.responses(call, form),
            response_class=Response,
            openapi_extra={"requestBody": spoken.body(call), "parameters": spoken.parameters(call)},
        )


def _all(answer: Callable[..., Document], form: str) -> Callable[[Request], Awaitable[Response]]:
    async def read(request: Request) -> Response:
        return await run_in_threadpool(_answered, form, partial(_read, answer, request))

    return read


def _one(answer: Callable[..., Document], form: str) -> Callable[[Request, str], Awaitable[Response]]:
    async def read(request: Request, number: str) -> Response:
        return await run_in_threadpool(_answered, form, partial(_read, answer, request, number))

    return read


def _read(answer: Callable[..., Document], request: Request, *path: str) -> Document:
    query = {name: request.query_params.getlist(name) for name in request.query_params}
    if any("\0" in each for values in (*query.values(), path) for each in values):
        raise Refused(Problem(400, "the address holds a zero byte"))
    return answer(query, *path)


def _post(
    answer: Callable[..., Document], endpoint: Endpoint, take: Take, form: str
) -> Callable[[Request], Awaitable[Response]]:
    async def write(request: Request) -> Response:
        key = request.headers.get("idempotency-key", "").strip()[:200] or None
        try:
            found = await forms.read(request, endpoint.media)
        except Refused as refused:
            return _refused(form, refused)
        return await run_in_threadpool(_answered, form, partial(answer, found, key, take))

    return write


def _answered(form: str, call: Callable[[], Document]) -> Response:
    try:
        return _response(form, call(), 200)
    except Refused as refused:
        return _refused(form, refused)
    except OperationalError:
        return _refused(form, Refused(Problem(503, "not answered just now: ask again in a few seconds")))


def _refused(form: str, refused: Refused) -> Response:
    first = refused.problems[0]
    response = _response(form, answers.errors(refused.problems), first.status)
    if first.status == 503 or first.seconds is not None:
        response.headers["retry-after"] = str(first.seconds or RETRY_SECONDS)
    return response


def _response(form: str, document: Document, status: int) -> Response:
    return Response(documents.write(document, form), status, media_type=documents.MEDIA_TYPES[form])
