"""`threecross what-if`: which verdicts of clocks would be others under another standard or calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import (
    BootstrapOption,
    CannotRun,
    DataDirOption,
    JsonOption,
    NamespaceOption,
    console,
    find,
    local_time,
    placed,
    print_json,
    progress,
    table,
)

if TYPE_CHECKING:
    from ops.finding import Found
    from ops.reference.documents import Document
    from ops.what_if.comparing import Case, Change, Comparison, Period
    from streams.core.clocks import Clock

StandardOption = Annotated[
    Path | None, typer.Option("--standard", metavar="FILE", help="Workbook or document of filing conditions.")
]
CalendarOption = Annotated[Path | None, typer.Option("--calendar", metavar="FILE", help="Document of a calendar.")]
FromOption = Annotated[str, typer.Option("--from", metavar="DATE", help="First day, from which on it is supposed.")]
ToOption = Annotated[str, typer.Option("--to", metavar="DATE", help="Last day of the clocks that are compared.")]
InsteadOption = Annotated[
    str | None,
    typer.Option(
        "--instead-of",
        metavar="NAME",
        help="Loaded document whose place it takes; by default that of its name, all of its scheme, or the only one.",
    ),
]


@dataclass(frozen=True)
class _Answer:
    """What was supposed, and what came of it; `at` is UTC µs."""

    document: Document
    replaced: list[str]
    version: int
    at: int
    zone: str
    found: Comparison


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("what-if")(what_if)


def what_if(
    since: FromOption,
    until: ToOption,
    standard: StandardOption = None,
    calendar: CalendarOption = None,
    instead_of: InsteadOption = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which verdicts of clocks would be others under another standard or calendar. Nothing is written.

    All facts on Kafka are folded once and judged twice: by the reference as it is, and as if the document had stood in
    the place of the loaded one in all its versions, from the first day on. Compared are the clocks that were opened or
    fell due from the first to the last day; one that began earlier is judged as ever, unless an amendment or another
    regime judges it anew. What people did stays what they did.
    """
    document = _document(standard, calendar)
    found = find(data_dir, bootstrap=bootstrap, namespace=namespace, needs=("bootstrap",))
    period = _period(since, until, found.settings.hub.timezone)
    answer = _compared(placed(found), document, instead_of, period)
    if as_json:
        print_json({"from": since, "to": until, **_plain(answer)})
    else:
        _print(answer, since, until)


def _document(standard: Path | None, calendar: Path | None) -> Document:
    from ops.reference.documents import read
    from ops.reference.problems import BadDocuments

    path, kind = (standard, "standards") if standard else (calendar, "calendars")
    if path is None or (standard and calendar):
        raise CannotRun("Give one document: --standard FILE or --calendar FILE.")
    if not path.is_file():
        raise CannotRun(f"{path}: there is no such file.")
    try:
        document = read(path)
    except BadDocuments as bad:
        raise CannotRun(str(bad)) from None
    if document.kind != kind:
        raise CannotRun(f"{path} is a document of {document.kind}, not of {kind}.")
    return document


def _period(since: str, until: str, zone: str) -> Period:
    from ops.what_if.comparing import Period

    first, last = _day("--from", since), _day("--to", until)
    if last < first:
        raise CannotRun(f"--to {until} lies before --from {since}.")
    return Period(_begins(first, zone), _begins(last + timedelta(days=1), zone))


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CannotRun(f"{option} {text}: write a day like 2026-10-01.") from None


def _begins(day: date, zone: str) -> int:
    from zoneinfo import ZoneInfo

    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()) * 1_000_000


def _compared(hub: Found, document: Document, instead_of: str | None, period: Period) -> _Answer:
    from ops.clock import utc_now
    from ops.reference.stored import stored
    from ops.what_if.comparing import compare
    from ops.what_if.supposing import InPlaceOfNothing, takes_the_place
    from streams.core.clocks import Supposed
    from streams.core.clocks.from_reference import terms_of
    from streams.core.reference import instead

    cases = _cases(hub)
    reference = stored(hub.kafka, hub.settings.hub)  # read last: it knows every version that a fact cites
    try:
        said = takes_the_place(reference, document, instead_of)
    except InPlaceOfNothing as wrong:
        raise CannotRun(str(wrong)) from None
    present = terms_of(reference)
    supposed = Supposed(present, terms_of(instead(reference, said)), period.start)
    at = utc_now()
    with progress("cases") as told:
        found = compare(cases, present, supposed, period, at, told)
    replaced = [name for _, name in said]
    return _Answer(document, replaced, reference.version, at, hub.settings.hub.timezone, found)


def _cases(hub: Found) -> dict[str, Case]:
    from ops.what_if.comparing import gather
    from ops.what_if.facts import every_fact

    with progress("facts") as told:
        return gather(every_fact(hub.kafka, hub.settings.hub, told))


def _plain(answer: _Answer) -> dict[str, Any]:
    found, document = answer.found, answer.document
    return {
        "as_of": _moment(answer.at),
        "reference": answer.version,
        "document": {"kind": document.kind, "name": document.name, "edition": document.edition, "file": document.file},
        "instead_of": answer.replaced,
        "cases": found.cases,
        "clocks": found.clocks,
        "changed": len(found.changes),
        "moved": found.moved,
        "verdicts": {"before": dict(sorted(found.before.items())), "after": dict(sorted(found.after.items()))},
        "transitions": [
            {"before": before, "after": after, "clocks": count}
            for (before, after), count in sorted(found.transitions.items())
        ],
        "changes": [_change(one) for one in found.changes],
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "case_id": one.case_id,
        "number": one.number,
        "clock": one.clock.clock,
        "party": one.clock.party,
        "opened_by": one.clock.opened_by,
        "opened_at": _moment(one.clock.opened_at),
        "before": _side(one.before),
        "after": _side(one.after),
    }


def _side(clock: Clock | None) -> dict[str, Any]:
    from ops.what_if.comparing import due, verdict

    limit = {name: getattr(clock, name) if clock else None for name in ("amount", "unit", "calendar", "trouble")}
    return {"verdict": verdict(clock), "due_at": _moment(due(clock)), **limit}


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at / 1e6, UTC)


def _print(answer: _Answer, since: str, until: str) -> None:
    from ops.what_if.comparing import due, verdict

    found = answer.found
    rows = [
        [
            one.number or one.case_id,
            one.clock.clock,
            one.clock.party,
            f"{verdict(one.before)} → {verdict(one.after)}",
            local_time(_moment(due(one.before)), answer.zone),
            local_time(_moment(due(one.after)), answer.zone),
        ]
        for one in found.changes
    ]
    title = f"{answer.document.name} in the place of {', '.join(answer.replaced)}, from {since} to {until}"
    if rows:
        console().print(table(title, ("case", "clock", "party", "verdict", "due", "due then"), rows, whole=("case",)))
    said = f"{found.clocks:,} clocks of {found.cases:,} cases were opened or fell due from {since} to {until}:"
    console().print(f"{said} {len(found.changes):,} verdicts would be others, {found.moved:,} more due times.")
    for (before, after), count in sorted(found.transitions.items()):
        console().print(f"  {count:,} {before} → {after}")
