"""`threecross evaluation`: scorecards of a month, frozen as versions, down to the cases that cost points."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from ops.cli.common import (
    BootstrapOption,
    CannotRun,
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
from ops.cli.months import head_of, period_of, print_finality, title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ops.evaluation.scorecards import Scorecard
    from ops.evaluation.scoring import Score
    from ops.finding import Found
    from ops.indicators.conditions import Period
    from schemas.events import ScoredPart
    from streams.core.reference import Loaded

Row = dict[str, Any]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("evaluation")(evaluation)


def evaluation(
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="A month; default: this one.")] = None,
    freeze: Annotated[bool, typer.Option("--freeze", help="Keep it as the next version of this month.")] = False,
    version: Annotated[int | None, typer.Option("--version", help="A frozen version of this month.")] = None,
    drill: Annotated[str | None, typer.Option("--drill", metavar="CODE", help="Cases of a department or grid.")] = None,
    scorecards: Annotated[Path | None, typer.Option("--scorecards", help="A city's own scorecards.")] = None,
    org: Annotated[str, typer.Option("--org", help="Organisation that freezes.")] = "centre",
    role: Annotated[str, typer.Option("--role", help="Role in which it does.")] = "steward",
    person: Annotated[str | None, typer.Option("--person", help="Opaque reference of the person.")] = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score the departments and grids of a month, and keep it once it is over.

    A frozen version never changes. What changes later, as by an approved appeal, makes the next version; freezing again
    what is as before makes none.
    """
    from ops.evaluation.scorecards import load
    from ops.indicators.definitions import BadDefinitions
    from ops.reference.loading import By

    if freeze and version is not None:
        raise CannotRun("Say either --freeze or --version.")
    found = find(data_dir, bootstrap=bootstrap, dsn=dsn, namespace=namespace)
    period = period_of(month, ZoneInfo(found.settings.timezone))
    try:
        cards = load(scorecards, period.start.date())
    except BadDefinitions as wrong:
        raise CannotRun(f"{wrong}.") from None
    name = f"{period.start:%Y-%m}"
    head, parts, rows = _live(found, period, cards, drill)
    if freeze:
        version = _freeze(found, name, period, head, parts, By(org, role, person))
    frozen = _frozen(found, name)
    if version is not None:
        parts = _version(name, frozen, version)
        rows = [_cost(part.part, case) for part in parts if part.group == drill for case in part.against]
    shown = _scores(name, parts, drill)
    said = {**head, "month": name, "version": version, "frozen": _history(frozen, parts if version is None else None)}
    if as_json:
        print_json({**said, "scores": [_plain(score) for score in shown], **({"cases": rows} if drill else {})})
    else:
        _show(said, shown, rows if drill else None, found.settings.timezone)


def _live(found: Found, period: Period, cards: list[Scorecard], drill: str | None) -> tuple[Row, Any, list[Row]]:
    """What the tables say now: period and finality, parts, and the rows of one group."""
    from ops import queries
    from ops.evaluation import scoring

    with database(found) as engine, engine.connect() as connection:
        head = head_of(period, queries.oldest_watermark(connection))
        parts = scoring.scored(connection, cards, period)
        rows = [
            {"part": part.name, "case_id": row.case_id, "number": row.number, "at": row.at, "counts": row.counts}
            for card in cards
            for part in card.parts
            for row in (scoring.rows_of(connection, card, part, period) if drill else ())
            if row.group == drill
        ]
    return head, parts, rows


def _freeze(found: Found, name: str, period: Period, head: Row, parts: Sequence[ScoredPart], by: Any) -> int:
    """Number of the version that says this."""
    from ops.clock import utc_now
    from ops.evaluation import freezing
    from ops.reference import loading

    try:
        freezing.check_over(name, period, head["final_until"], parts)
    except freezing.NotOver as early:
        raise CannotRun(f"{early}.") from None
    loading.load(found.kafka, found.settings.hub, [freezing.document(name, period, parts)], by, utc_now())
    return len(_frozen(found, name))


def _frozen(found: Found, name: str) -> list[Loaded]:
    from ops.evaluation import freezing
    from ops.reference.stored import stored

    return freezing.versions(stored(found.kafka, found.settings.hub), name)


def _version(name: str, frozen: list[Loaded], version: int) -> Sequence[ScoredPart]:
    if not 1 <= version <= len(frozen):
        there = f"there are {len(frozen)}" if frozen else "it has not been frozen"
        raise CannotRun(f"{name} has no version {version}: {there}.")
    return frozen[version - 1].items


def _scores(name: str, parts: Sequence[ScoredPart], drill: str | None) -> list[Score]:
    from ops.evaluation.scoring import scores

    found = [score for score in scores(parts) if drill in (None, score.group)]
    if drill is not None and not found:
        raise CannotRun(f"{drill} has no score in {name}.")
    return found


def _history(frozen: list[Loaded], live: Sequence[ScoredPart] | None) -> list[Row]:
    """The frozen versions, with what each changed; last, without a number, what freezing now would change."""
    from ops.evaluation.freezing import changes

    told: list[Row] = []
    before: Sequence[ScoredPart] = ()
    for n, load in enumerate(frozen, 1):
        changed = [one._asdict() for one in changes(before, load.items)] if n > 1 else []
        at = datetime.fromtimestamp(load.header.recorded_at / 1e6, UTC)
        by = f"{load.header.org} ({load.header.role})"
        told.append({"version": n, "reference": load.header.version, "at": at, "by": by, "changes": changed})
        before = load.items
    if frozen and live is not None and (changed := [one._asdict() for one in changes(before, live)]):
        told.append({"version": None, "reference": None, "at": None, "by": "", "changes": changed})
    return told


def _cost(part: str, case: str) -> Row:
    return {"part": part, "case_id": case, "number": None, "at": None, "counts": False}


def _plain(score: Score) -> Row:
    parts = [
        {name: getattr(part, name) for name in ("part", "weight", "met", "whole", "exempt")} for part in score.parts
    ]
    return {"scorecard": score.scorecard, "group": score.group, "score": score.shown, "parts": parts}


def _show(said: Row, shown: list[Score], rows: list[Row] | None, zone: str) -> None:
    where, kept = console(), said["version"]
    what = f"version {kept}, frozen" if kept else "as the tables have it"
    lines = [
        [score.scorecard, score.group, f"{score.shown:.2f}", ", ".join(_said(part) for part in score.parts)]
        for score in shown
    ]
    title = f"Evaluation 综合评价 {said['month']}, {what} · {title_of(said, zone)}"
    where.print(
        table(title, ("", "of", "score", "parts, each with its points"), lines, right=("score",), whole=("of",))
    )
    if rows is not None:
        cells = [
            [row["part"], row["number"] or row["case_id"], local_time(row["at"], zone),
             colour("yes", "green") if row["counts"] else "no"]
            for row in rows
        ]  # fmt: skip
        where.print(table("", ("part", "case", "when", "counts"), cells, whole=("case",)))
    for one in said["frozen"]:
        where.print(_told(one, zone), soft_wrap=True)
    if not kept:
        print_finality(said, zone)


def _said(part: ScoredPart) -> str:
    exempt = f", {part.exempt} exempt" if part.exempt else ""
    return f"{part.part} {part.met}/{part.whole}{exempt} ({part.weight})"


def _told(one: Row, zone: str) -> str:
    changed = [
        f"{change['group']} {_number(change['before'])} → {_number(change['after'])}" for change in one["changes"]
    ]
    what = f": {', '.join(changed)}" if changed else ""
    if one["version"] is None:
        return f"Freezing now would change{what}"
    return f"Version {one['version']}, frozen {local_time(one['at'], zone)} by {one['by']}{what}"


def _number(score: float | None) -> str:
    return "none" if score is None else f"{score:.2f}"
