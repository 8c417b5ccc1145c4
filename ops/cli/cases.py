"""`threecross case` and `threecross cases`: what the views know."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import (
    FOUND_WRONG,
    AsOption,
    CannotRun,
    CaseArgument,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    asker,
    colour,
    console,
    database,
    find,
    local_time,
    print_json,
    table,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ops.queries import Row

LIGHTS = {"green": "green", "yellow": "yellow", "red": "bold red"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("cases")(list_cases)
    app.command("case")(show_case)


def resolve(connection: Connection, wanted: str) -> str:
    """Id of the case that is meant. Raises CannotRun in one sentence."""
    from ops.queries import case_id_of
    from schemas.ids import NotANumber, parse_number

    found = case_id_of(connection, wanted)
    if found is not None:
        return found
    if sum(character.isdigit() for character in wanted) >= 15 and ":" not in wanted and "-" in wanted[6:8]:
        try:
            parse_number(wanted)
        except NotANumber as why:
            raise CannotRun(str(why)) from None
    raise unknown(wanted)


def unknown(wanted: str) -> CannotRun:
    """The same sentence for a case that is not there and for one that may not be seen."""
    return CannotRun(f"No case is known as {wanted}: give its id, its number, or SYSTEM:NUMBER of a source.")


def list_cases(
    stage: Annotated[str | None, typer.Option("--stage", help="reported, filed, dispatched … closed.")] = None,
    division: Annotated[str | None, typer.Option("--division", help="Leading digits of a division code.")] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="Organisation that leads.")] = None,
    late: Annotated[bool | None, typer.Option("--late/--on-time", help="Whether the limit has passed.")] = None,
    three_cross: Annotated[
        bool | None, typer.Option("--three-cross/--not-three-cross", help="Whether it crosses in some part.")
    ] = None,
    blocked: Annotated[
        bool | None, typer.Option("--blocked/--closable", help="Whether anything blocks its closing; open cases only.")
    ] = None,
    between: Annotated[
        str | None, typer.Option("--between", metavar="ORG,ORG", help="Cases in which all of these lead or assist.")
    ] = None,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="Count open three-cross cases by pair of organisations instead.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, newest first.")] = 50,
    seen_by: AsOption = None,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List cases, newest first."""
    from ops import queries

    found = find(data_dir, dsn=dsn, namespace=namespace, needs=("dsn",))
    wanted = queries.Wanted(
        stage=stage,
        division=division,
        lead=lead,
        late=late,
        three_cross=three_cross,
        blocked=blocked,
        between=tuple(org for org in (between or "").split(",") if org),
        asker=asker(seen_by),
        limit=limit,
    )
    with database(found) as engine, engine.connect() as connection:
        if pairs:
            _tell_pairs(queries.pairs(connection, wanted.asker), as_json=as_json)
            return
        total, rows = queries.list_cases(connection, wanted)
    if as_json:
        print_json({"total": total, "shown": len(rows), "cases": rows})
        return
    where = console()
    where.print(_listing(rows, found.settings.timezone))
    where.print(f"{len(rows)} of {total} cases · times of {found.settings.timezone}")


def _tell_pairs(rows: list[Row], *, as_json: bool) -> None:
    if as_json:
        print_json({"pairs": rows})
        return
    lines = [[row["org"], row["other"], row["cases"]] for row in rows]
    console().print(table("Open three-cross cases", ("org", "other", "cases"), lines, right=("cases",)))


def _listing(rows: list[Row], zone: str) -> Any:
    columns = ("number", "source", "stage", "category", "division", "lead", "reported", "due", "closed", "flags")
    return table("", columns, [_line(row, zone) for row in rows], whole=("number", "source", "stage", "lead"))


def _line(row: Row, zone: str) -> list[Any]:
    flags = [f"{row['refused']} refused"] * bool(row["refused"]) + ["irregular"] * bool(row["irregular"])
    return [
        row["number"] or row["case_id"],
        f"{row['system']}:{row['source_number']}",
        row["stage"],
        row["category_code"],
        row["division"],
        row["lead"],
        local_time(row["opened_at"], zone)[:16],
        colour(local_time(row["due_at"], zone)[:16], LIGHTS.get(row["light"] or "", "")),
        local_time(row["closed_at"], zone)[:16],
        ", ".join(flags),
    ]


def show_case(
    case: CaseArgument,
    three_cross: Annotated[
        bool, typer.Option("--three-cross", help="Only: in which part it crosses and why, who came, what hangs on it.")
    ] = False,
    seen_by: AsOption = None,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one case.

    State, parties, three-cross parts, who was called and came, what hangs together with it, other numbers, refused
    claims, broken rules, due date and light.
    """
    from ops import crossings, queries
    from ops.cli import casefile

    found = find(data_dir, dsn=dsn, namespace=namespace, needs=("dsn",))
    with database(found) as engine, engine.connect() as connection:
        file = queries.case_file(connection, resolve(connection, case), asker(seen_by))
        broken = queries.broken_subjects(connection)
    if file is None:
        raise unknown(case)
    reason = broken.get(file.case["case_id"])
    if as_json:
        print_json({**(crossings.document(file) if three_cross else asdict(file)), "broken": reason})
    else:
        casefile.show(file, found.settings.timezone, only_three_cross=three_cross)
    if reason is not None:
        raise typer.Exit(_tell_broken(reason, as_json=as_json))


def _tell_broken(reason: str, *, as_json: bool) -> int:
    if not as_json:
        console().print(colour(f"The views could not go on with this case: {reason}", "bold red"))
    return FOUND_WRONG
