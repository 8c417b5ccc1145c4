"""Administration in the shape of Kafka Connect's REST interface, so that its tools and dashboards know it.

Source: https://docs.confluent.io/platform/current/connect/references/restapi.html
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec
from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import JSONResponse, Response

from connectors import department, kinds
from connectors.contract import Kind, Refused, Secret
from connectors.running import states
from connectors.running.connector import Connector
from connectors.running.fleet import Fleet
from connectors.running.guard import guard


def administration(fleet: Fleet, worker: str, token_hash: str | None = None) -> APIRouter:
    """Its routes, for whoever has the token. Wishes are kept in PostgreSQL, so that they outlive the process; they are
    followed in a second."""
    told: dict[int | str, dict[str, Any]] = {401: {"description": "no token, or another one"}}
    router = APIRouter(tags=["connectors"], dependencies=[Depends(guard(token_hash))], responses=told)
    router.include_router(_looking(fleet, worker))
    router.include_router(_wishing(fleet))
    router.include_router(_kinds(fleet))
    return router


def _looking(fleet: Fleet, worker: str) -> APIRouter:
    router = APIRouter()

    @router.get("/connectors")
    def listed(expand: str | None = None) -> Any:
        if expand == "status":
            return {name: {"status": status(one, worker)} for name, one in fleet.connectors.items()}
        return sorted(fleet.connectors)

    @router.get("/connectors/{name}")
    def shown(name: str) -> Any:
        return described(_find(fleet, name))

    @router.get("/connectors/{name}/config")
    def config(name: str) -> Any:
        return flat(department.shown(_find(fleet, name).loaded))

    @router.get("/connectors/{name}/status")
    def asked(name: str) -> Any:
        return status(_find(fleet, name), worker)

    return router


def _wishing(fleet: Fleet) -> APIRouter:
    router = APIRouter()

    @router.put("/connectors/{name}/pause", status_code=202)
    def pause(name: str) -> Response:
        fleet.wish(_find(fleet, name).name, states.PAUSED)
        return Response(status_code=202)

    @router.put("/connectors/{name}/resume", status_code=202)
    def resume(name: str) -> Response:
        fleet.wish(_find(fleet, name).name, states.RUNNING)
        return Response(status_code=202)

    @router.post("/connectors/{name}/restart", status_code=204)
    def restart(name: str) -> Response:
        fleet.wish_restart(_find(fleet, name).name)
        return Response(status_code=204)

    return router


def _kinds(fleet: Fleet) -> APIRouter:
    router = APIRouter()

    @router.get("/connector-plugins")
    def plugins() -> Any:
        found = [kinds.kind(name, fleet.folder) for name in kinds.names(fleet.folder)]
        return [{"class": one.name, "type": "sink", "version": "1", "about": one.about} for one in found]

    @router.put("/connector-plugins/{kind}/config/validate")
    async def validate(kind: str, request: Request) -> Any:
        try:
            found = kinds.kind(kind, fleet.folder)
        except Refused as wrong:
            raise HTTPException(404, str(wrong)) from None
        return validated(found, await request.body(), fleet.folder)

    return router


def _find(fleet: Fleet, name: str) -> Connector:
    if name not in fleet.connectors:
        raise HTTPException(404, f"there is no connector {name}")
    return fleet.connectors[name]


def described(one: Connector) -> dict[str, Any]:
    """A connector with its configuration, secrets masked."""
    tasks = [{"connector": one.name, "task": 0}]
    return {"name": one.name, "config": flat(department.shown(one.loaded)), "tasks": tasks, "type": "sink"}


def status(one: Connector, worker: str) -> dict[str, Any]:
    """How it stands. A part that has failed is a failed task, its reason the trace."""
    standing = one.standing()
    now: dict[str, Any] = {"state": standing.state.upper(), "worker_id": worker}
    task = now | {"id": 0} | ({"trace": standing.detail} if standing.detail else {})
    return {"name": one.name, "connector": now, "tasks": [task], "type": "sink", "breaker": standing.breaker}


def flat(tables: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Tables as Kafka Connect's flat configuration: dotted names, values as text."""
    found: dict[str, str] = {}
    for name, value in tables.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        elif value is not None:
            found[prefix + name] = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return found


def validated(kind: Kind, body: bytes, beside: Path | None = None) -> Any:
    """What is wrong with a department's file, given as JSON tables or as {"toml": "…"}; nothing is started."""
    try:
        loaded = department.checked("department", _tables(msgspec.json.decode(body)), beside)
        if loaded.kind.name != kind.name:
            raise Refused(f"the file is of the kind {loaded.kind.name}: ask for that one")
    except (Refused, msgspec.DecodeError, tomllib.TOMLDecodeError) as wrong:
        return JSONResponse(_answer(kind, [str(wrong)]))
    return _answer(kind, [])


def _tables(given: Any) -> dict[str, Any]:
    """The tables of a department's file. Raises Refused, TOMLDecodeError."""
    match given:
        case {"toml": str(text)}:
            return tomllib.loads(text)
        case dict() if "toml" not in given:
            return given
    raise Refused('give the tables of a department\'s file as a JSON object, or {"toml": "…"}')


def _answer(kind: Kind, errors: list[str]) -> dict[str, Any]:
    configs = [_config(kind.name, field) for field in msgspec.structs.fields(kind.config)]
    value = {"name": kind.name, "errors": errors, "visible": True}
    head = {"definition": {"name": kind.name, "type": "TABLE"}, "value": value}
    return {"name": kind.name, "error_count": len(errors), "groups": [], "configs": [head, *configs]}


def _config(kind: str, field: msgspec.structs.FieldInfo) -> dict[str, Any]:
    secret = field.type is Secret or Secret in getattr(field.type, "__args__", ())
    definition = {
        "name": f"{kind}.{field.name}",
        "type": "PASSWORD" if secret else "STRING",
        "required": field.required,
        "default_value": None if field.default is msgspec.NODEFAULT else msgspec.to_builtins(field.default),
    }
    return {"definition": definition, "value": {"name": definition["name"], "errors": [], "visible": True}}
