"""`threecross case` and `threecross cases`: what the views know."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import (
    FOUND_WRONG,
    CannotRun,
    CaseArgument,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
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

    from ops.queries import CaseFile, Row

LIGHTS = {"green": "green", "yellow": "yellow", "red": "bold red"}
STEPS = (
    ("opened_at", "reported"),
    ("filed_at", "filed"),
    ("dispatched_at", "dispatched"),
    ("handed_back_at", "handed back"),
    ("checked_at", "checked"),
    ("closed_at", "closed"),
)


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
    raise CannotRun(f"No case is known as {wanted}: give its id, its number, or SYSTEM:NUMBER of a source.")


def list_cases(
    stage: Annotated[str | None, typer.Option("--stage", help="reported, filed, dispatched … closed.")] = None,
    division: Annotated[str | None, typer.Option("--division", help="Leading digits of a division code.")] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="Organisation that leads.")] = None,
    late: Annotated[bool | None, typer.Option("--late/--on-time", help="Whether the limit has passed.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, newest first.")] = 50,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List cases, newest first."""
    from ops import queries

    found = find(data_dir, dsn=dsn, namespace=namespace, needs=("dsn",))
    wanted = queries.Wanted(stage=stage, division=division, lead=lead, late=late, limit=limit)
    with database(found) as engine, engine.connect() as connection:
        total, rows = queries.list_cases(connection, wanted)
    if as_json:
        print_json({"total": total, "shown": len(rows), "cases": rows})
        return
    where = console()
    where.print(_listing(rows, found.settings.timezone))
    where.print(f"{len(rows)} of {total} cases · times of {found.settings.timezone}")


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
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one case.

    State, parties, other numbers, refused claims, broken rules, due date and light.
    """
    from ops import queries

    found = find(data_dir, dsn=dsn, namespace=namespace, needs=("dsn",))
    with database(found) as engine, engine.connect() as connection:
        file = queries.case_file(connection, resolve(connection, case))
        broken = queries.broken_subjects(connection)
    assert file is not None
    reason = broken.get(file.case["case_id"])
    if as_json:
        print_json({**asdict(file), "broken": reason})
    else:
        _print_case(file, found.settings.timezone)
    if reason is not None:
        raise typer.Exit(_tell_broken(reason, as_json=as_json))


def _tell_broken(reason: str, *, as_json: bool) -> int:
    if not as_json:
        console().print(colour(f"The views could not go on with this case: {reason}", "bold red"))
    return FOUND_WRONG


def _print_case(file: CaseFile, zone: str) -> None:
    where, row = console(), file.case
    title = f"Case {row['number']}" if row["number"] else f"Case {row['case_id']} (not filed)"
    where.print(table(title, ("", ""), _facts(file, zone)))
    if file.parties:
        columns = ("role", "org", "status", "dispatched", "acknowledged", "handed back")
        times = ("dispatched_at", "acknowledged_at", "handed_back_at")
        rows = [[p["role"], p["org"], p["status"], *(local_time(p[t], zone) for t in times)] for p in file.parties]
        where.print(table("Parties", columns, rows))
    if file.refusals:
        refused = [[r["seq"], r["claim_type"].split(".")[-1], r["rule"], r["detail"]] for r in file.refusals]
        where.print(table("Refused claims", ("fact", "claim", "rule", "what stands against it"), refused))


def _facts(file: CaseFile, zone: str) -> list[list[Any]]:
    row = file.case
    category = " ".join(
        str(row[f"category_{part}"]) for part in ("scheme", "version", "code") if row[f"category_{part}"]
    )
    lines: list[list[Any]] = [
        ["id", row["case_id"]],
        ["known as", ", ".join(f"{a['system']}:{a['number']}" for a in file.aliases)],
        ["stage", row["stage"] + (f" ({row['closing_kind']})" if row["closing_kind"] else "")],
        ["category", category],
        ["place", _place(row)],
        *([word, local_time(row[name], zone)] for name, word in STEPS if row[name] is not None),
        ["due", _due(row, zone)],
        ["status there", row["upstream_status"]],
        ["reworks", row["reworks"] or None],
        ["against rules", ", ".join(row["irregular"]) or None],
        ["facts", f"{row['seq']}, partition {row['partition']}, offsets {row['first_offset']} to {row['last_offset']}"],
    ]
    return [line for line in lines if line[1] not in (None, "")]


def _place(row: Row) -> str:
    place = [row["division"], row["grid"]]
    if row["longitude"] is not None:
        place.append(f"{row['longitude']:.6f}, {row['latitude']:.6f}")
    return " · ".join(part for part in place if part)


def _due(row: Row, zone: str) -> Any:
    if row["due_at"] is None:
        return None
    promised = " (promised)" if row["committed_due_at"] else ""
    word = {"red": "late", "yellow": "more than 80 % used", "green": "in time"}[row["light"]]
    return colour(f"{local_time(row['due_at'], zone)}{promised} · {word}", LIGHTS[row["light"]])
