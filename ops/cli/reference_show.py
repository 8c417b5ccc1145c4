"""`threecross reference show`: all loads, and what holds at a version or a time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import (
    FOUND_WRONG,
    BootstrapOption,
    CannotRun,
    DataDirOption,
    JsonOption,
    NamespaceOption,
    console,
    find,
    local_time,
    print_json,
    table,
)

if TYPE_CHECKING:
    from ops.finding import Found
    from streams.core.reference import InForce, Reference


def now() -> int:
    """UTC microseconds."""
    return time.time_ns() // 1000


def hub_of(data_dir: Path | None, bootstrap: str | None, namespace: str | None) -> Found:
    """The hub that these options mean. Raises ServerProblem, SettingsProblem."""
    return find(data_dir, bootstrap=bootstrap, namespace=namespace, needs=("bootstrap",))


def stored(hub: Found) -> Reference:
    """Every load of the hub. Raises ServerProblem."""
    from ops.reference import stored

    return stored.stored(hub.kafka, hub.settings.hub)


def show(
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", help="For example grids; without it: all loads.")
    ] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Name of the document.")] = None,
    version: Annotated[int | None, typer.Option("--version", help="As of this version of the reference.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="What holds at this time (ISO 8601).")] = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show all loads, or the items of a kind that hold.

    --version goes back to what had been loaded, --as-of to what holds at a time.
    """
    from streams.core.reference import KINDS, NotReadYet

    if kind is not None and kind not in KINDS:
        raise CannotRun(f"There is no kind {kind}: take one of {', '.join(KINDS)}.")
    hub = hub_of(data_dir, bootstrap, namespace)
    reference = stored(hub)
    try:
        reference = reference if version is None else reference.at(version)
    except NotReadYet as missing:
        raise CannotRun(str(missing)) from None
    zone = hub.settings.timezone
    if kind is None:
        _show_loads(reference, zone, as_json)
    else:
        at = now() if as_of is None else moment_of(as_of, zone)
        _show_items(reference.in_force(at), KINDS[kind], name, as_json)


def where(
    x: Annotated[float, typer.Argument(metavar="EAST", help="Degrees east.")],
    y: Annotated[float, typer.Argument(metavar="NORTH", help="Degrees north.")],
    system: Annotated[str, typer.Option("--system", help="WGS-84, CGCS2000, GCJ-02 or BD-09.")] = "WGS-84",
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the grids at a point and who works there now.

    Finest first; a point on a border names both. Exit code 1 where there is none.
    """
    from schemas.wire.coordinates import BadCoordinates, to_wgs84
    from streams.core.reference.places import workers
    from streams.grids import grids_at

    try:
        longitude, latitude = to_wgs84(x, y, system)
    except BadCoordinates as bad:
        raise CannotRun(str(bad)) from None
    view = stored(hub_of(data_dir, bootstrap, namespace)).in_force(now())
    found = [(grid, workers(view, grid.code, now())) for grid in grids_at(view, longitude, latitude)]
    if as_json:
        grids = [{**builtin(grid), "outline": None, "workers": list(staff)} for grid, staff in found]
        print_json({"longitude": longitude, "latitude": latitude, "grids": grids})
    else:
        rows = [
            [grid.code, grid.scheme, grid.level, grid.kind, grid.division, ", ".join(staff)] for grid, staff in found
        ]
        columns = ("grid", "scheme", "level", "kind", "division", "who works there")
        console().print(table("", columns, rows) if rows else "No grid lies there.")
    if not found:
        raise typer.Exit(FOUND_WRONG)


def moment_of(text: str, zone: str) -> int:
    """UTC µs of a time as people write it. Raises CannotRun."""
    from zoneinfo import ZoneInfo

    from ops.reference.fitting import moment

    try:
        return moment(datetime.fromisoformat(text), ZoneInfo(zone))
    except ValueError:
        raise CannotRun(f"{text} is no time: write 2026-01-31 or 2026-01-31T08:00.") from None


def _show_loads(reference: Reference, zone: str, as_json: bool) -> None:
    headers = [load.header for load in reference.loads]
    if as_json:
        print_json({"version": reference.version, "loads": [builtin(header) for header in headers]})
        return
    columns = ("version", "kind", "name", "edition", "items", "holds from", "loaded", "by")
    rows = [
        [
            h.version,
            h.kind,
            h.name,
            h.edition,
            h.items,
            _time(h.valid_from, zone),
            _time(h.recorded_at, zone),
            f"{h.org} ({h.role})",
        ]
        for h in headers
    ]
    console().print(table("", columns, rows, right=("version", "items")) if rows else "Nothing has been loaded.")


def _show_items(view: InForce, cls: type, name: str | None, as_json: bool) -> None:
    from ops.reference.fitting import fields

    loads = [load for load in view.documents(cls) if name in (None, load.header.name)]
    if name is not None and not loads:
        raise CannotRun(f"No document {name} of this kind holds then.")
    if as_json:
        documents = [{"load": builtin(load.header), "items": [builtin(item) for item in load.items]} for load in loads]
        print_json({"version": view.version, "documents": documents})
        return
    items = [item for load in loads for item in load.items]
    names = [field.name for field in fields(cls)]
    told = [name for name in names if any(getattr(item, name) not in (None, "", ()) for item in items)]
    rows = [[d.header.name, *(say(getattr(item, n)) for n in told)] for d in loads for item in d.items]
    console().print(table("", ("document", *told), rows))
    console().print(f"{len(items):,} items in {len(loads)} documents")


def _time(at: int, zone: str) -> str:
    return local_time(datetime.fromtimestamp(at / 1e6, UTC), zone)


def builtin(value: Any) -> Any:
    """A record as plain values."""
    import msgspec

    return msgspec.to_builtins(value, builtin_types=(bytes,))


def say(value: Any) -> str:
    """A value in a few words."""
    from schemas.events import Candidate, Category, Outline

    match value:
        case None:
            return ""
        case tuple():
            return ", ".join(say(one) for one in value)
        case Category():
            return f"{value.scheme}/{value.version}/{value.code}"
        case Candidate():
            return value.name if value.kind == "named" else f"{value.name} ({value.kind})"
        case Outline():
            return f"{sum(len(ring.points) - 1 for ring in value.rings)} corners, {value.original_system}"
    return str(value)
