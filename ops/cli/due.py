"""`threecross due`: when a limit runs out, by a calendar."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import CannotRun, JsonOption, console, print_json, table

if TYPE_CHECKING:
    from ops.due_times import Answer
    from streams.core.calendars import Calendar

StartArgument = Annotated[
    str | None,
    typer.Argument(metavar="START", help="ISO 8601; without an offset it is a time of the calendar's zone."),
]
UnitArgument = Annotated[
    str | None,
    typer.Argument(metavar="UNIT", help="urgent_hours, urgent_days, working_hours or working_days."),
]
AmountArgument = Annotated[str | None, typer.Argument(metavar="AMOUNT", help="A number above 0, such as 2 or 0.5.")]
CsvOption = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Rows with start, unit, amount.")]
CalendarOption = Annotated[
    str, typer.Option("--calendar", metavar="NAME", help="A shipped calendar (china, new_york), or a .toml file.")
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("due")(show_due)


def show_due(
    start: StartArgument = None,
    unit: UnitArgument = None,
    amount: AmountArgument = None,
    csv: CsvOption = None,
    calendar: CalendarOption = "china",
    as_json: JsonOption = False,
) -> None:
    """Say when a limit that starts then is due.

    Urgent units run round the clock, working units in the calendar's hours. Where the calendar does not know the year
    that it runs into, the answer is what it is not before, and the exit code still 0.
    """
    from ops import due_times
    from ops.reference import calendars
    from streams.core.calendars import CalendarError

    try:
        loaded = calendars.load(calendar)
        if csv is not None and start is None:
            found = due_times.answers(loaded, csv)
        elif csv is None and start is not None and unit is not None and amount is not None:
            found = [due_times.answer(loaded, start, unit, amount)]
        else:
            raise CannotRun("Give START UNIT AMOUNT, or --csv FILE with the columns start,unit,amount.")
    except (CalendarError, due_times.BadQuestion) as wrong:
        raise CannotRun(str(wrong).removeprefix("column ")) from None
    if as_json:
        print_json([_document(loaded, one) for one in found])
    else:
        _print(loaded, found)


def _document(calendar: Calendar, one: Answer) -> dict[str, str | None]:
    asked: dict[str, str | None] = {"start": one.start, "unit": one.unit, "amount": one.amount}
    if isinstance(one.due, int):
        return {**asked, "due": calendar.local(one.due).isoformat()}
    return {**asked, "due": None, "not_before": calendar.local(one.due.moment_us).isoformat()}


def _print(calendar: Calendar, found: list[Answer]) -> None:
    title = f"calendar {calendar.data.name} {calendar.data.version}, {calendar.zone}"
    rows = [[one.start, one.unit, one.amount, _words(calendar, one)] for one in found]
    console().print(table(title, ("start", "unit", "amount", "due"), rows, right=("amount",)))


def _words(calendar: Calendar, one: Answer) -> str:
    if isinstance(one.due, int):
        return calendar.local(one.due).isoformat(sep=" ")
    moment = calendar.local(one.due.moment_us).isoformat(sep=" ")
    return f"not before {moment}: the calendar does not know {one.due.year}"
