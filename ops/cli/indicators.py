"""`threecross indicators`: the rates of a period, and the cases that each is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ops.cli.common import (
    AsOption,
    CannotRun,
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
from ops.cli.months import head_of, period_of, print_finality, title_of

if TYPE_CHECKING:
    from ops.indicators.conditions import Period
    from ops.indicators.definitions import Definition
    from ops.indicators.figures import Counted, Figure

DateOption = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")]
UntilOption = Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Day behind the last one.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("indicators")(indicators)


def indicators(
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="A month; default: this one.")] = None,
    start: DateOption = None,
    end: UntilOption = None,
    by: Annotated[str | None, typer.Option("--by", help="department, category, division, grid or level.")] = None,
    drill: Annotated[str | None, typer.Option("--drill", metavar="NAME", help="The cases of this figure.")] = None,
    definitions: Annotated[Path | None, typer.Option("--definitions", help="A city's own definitions.")] = None,
    seen_by: AsOption = None,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the rates of a period by their definitions, or the cases of one of them.

    With --as, restricted cases that this side may not see are in no figure and no list. What is due is what fell due in
    the period. Figures are final once all partitions have passed its end.
    """
    from ops import queries
    from ops.indicators import figures
    from ops.indicators.conditions import GROUPS
    from ops.indicators.definitions import BadDefinitions, load

    if by is not None and by not in GROUPS:
        raise CannotRun(f"--by {by} is not known: say {', '.join(GROUPS)}.")
    who = asker(seen_by)
    found = find(data_dir, dsn=dsn, namespace=namespace, needs=("dsn",))
    zone = ZoneInfo(found.settings.timezone)
    period = _period(month, start, end, zone)
    try:
        known = load(definitions, period.start.date())
    except BadDefinitions as wrong:
        raise CannotRun(f"{wrong}.") from None
    with database(found) as engine, engine.connect() as connection:
        final = queries.oldest_watermark(connection)
        if drill is not None:
            one = _named(known, drill)
            counted = figures.drill(connection, one, period, by, who)
        else:
            shown = list(figures.figures(connection, known, period, by, who))
    head = head_of(period, final)
    if drill is not None:
        _show_cases(head, one, counted, by, str(zone), as_json=as_json)
    else:
        _show_figures(head, known, shown, by, str(zone), as_json=as_json)


def _named(known: list[Definition], name: str) -> Definition:
    for one in known:
        if name in (one.name, one.chinese):
            return one
    raise CannotRun(f"There is no indicator {name}; there are {', '.join(one.name for one in known)}.")


def _period(month: str | None, start: datetime | None, end: datetime | None, zone: ZoneInfo) -> Period:
    from ops.indicators.conditions import Period

    if start is None and end is None:
        return period_of(month, zone)
    if month is not None or start is None or end is None or start >= end:
        raise CannotRun("Say either --month, or --from and a later --to.")
    return Period(start.replace(tzinfo=zone), end.replace(tzinfo=zone), datetime.now(UTC))


def _show_figures(
    head: dict[str, Any], known: list[Definition], shown: list[Figure], by: str | None, zone: str, *, as_json: bool
) -> None:
    if as_json:
        rows = [{**figure._asdict(), "rate": figure.rate} for figure in shown]
        print_json({**head, "by": by, "indicators": rows})
        return
    words = {one.name: one for one in known}
    columns = ("indicator", "", *(["group"] if by else []), "part", "whole", "rate", "what it is")
    lines = [
        [
            figure.name,
            words[figure.name].chinese,
            *([figure.group or "none"] if by else []),
            figure.part,
            figure.whole,
            "" if figure.rate is None else f"{figure.rate:.2%}",
            words[figure.name].says,
        ]
        for figure in shown
    ]
    where = console()
    where.print(table(title_of(head, zone), columns, lines, right=("part", "whole", "rate"), whole=("indicator",)))
    print_finality(head, zone)


def _show_cases(
    head: dict[str, Any], one: Definition, counted: list[Counted], by: str | None, zone: str, *, as_json: bool
) -> None:
    part = sum(row.counts for row in counted)
    if as_json:
        rows = [row._asdict() for row in counted]
        print_json({**head, "indicator": one.name, "part": part, "whole": len(counted), "by": by, "cases": rows})
        return
    columns = ("case", *(["group"] if by else []), "party", "when", "counts")
    lines = [
        [
            row.number or row.case_id,
            *([row.group or "none"] if by else []),
            row.party,
            local_time(row.at, zone),
            colour("yes", "green") if row.counts else "no",
        ]
        for row in counted
    ]
    where = console()
    where.print(
        table(f"{one.name} {one.chinese}: {one.says} · {title_of(head, zone)}", columns, lines, whole=("case",))
    )
    where.print(f"{part} of {len(counted)}")
    print_finality(head, zone)
