"""`threecross wires`: a place is played with every department as a program of its own, behind its own protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import (
    FOUND_WRONG,
    BootstrapOption,
    CannotRun,
    DataDirOption,
    DsnOption,
    JsonOption,
    colour,
    console,
    print_json,
    table,
)

if TYPE_CHECKING:
    from rich.console import Console

    from ops.wires.perform import Outcome
    from ops.wires.play import Played
    from ops.wires.script import Play

SERVERS = Path("build") / "wires"
ALL = "all"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("wires")(wires)


def wires(
    place: Annotated[
        str | None,
        typer.Argument(
            metavar="[PLACE]", help="yicheng 驿城 …, all of them, or a script of your own; none: list them."
        ),
    ] = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    patience: Annotated[
        float, typer.Option("--patience", min=1, help="Seconds in which what is expected must come.")
    ] = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Play a place over the wires: departments run as programs of their own, reachable only through their protocols.

    Uses the servers of the hub that runs in the data directory, or starts its own. Exit code 1 when a step, the ending
    or a department's own book is not as expected.
    """
    from ops.wires.script import plays

    found = plays()
    if place is None:
        _list(found, as_json=as_json)
        return
    where = console(stderr=as_json)
    outcomes = []
    for outcome in _performed(_wanted(place, found), where, data_dir, bootstrap, dsn, patience):
        outcomes.append(outcome)
        if not as_json:
            show_end(where, outcome)
    if as_json:
        documents = [outcome.document() for outcome in outcomes]
        print_json(documents if place == ALL else documents[0])
    if not all(outcome.right for outcome in outcomes):
        raise typer.Exit(FOUND_WRONG)


def _wanted(place: str, found: dict[str, Play]) -> list[Play]:
    from ops.wires.script import BadPlay, read

    if place == ALL:
        return list(found.values())
    if place.endswith(".toml"):
        try:
            return [read(Path(place).read_text("utf-8"), place)]
        except OSError as wrong:
            raise CannotRun(f"{place} cannot be read ({wrong.strerror}): give the path of a script.") from None
        except BadPlay as wrong:
            raise CannotRun(str(wrong)) from None
    wanted = [one for one in found.values() if place in (one.place, one.chinese, one.chinese.rstrip("区县"))]
    if not wanted:
        raise CannotRun(f'There is no play over the wires for "{place}"; there are {", ".join(found)}.')
    return wanted


def _list(found: dict[str, Play], *, as_json: bool) -> None:
    if as_json:
        print_json([{"place": one.place, "chinese": one.chinese, "title": one.title} for one in found.values()])
        return
    rows = [[one.place, one.chinese, one.title, ", ".join(m.name for m in one.members)] for one in found.values()]
    console().print(table("", ("place", "", "what is played", "departments"), rows))


def _performed(
    wanted: list[Play], where: Console, data_dir: Path | None, bootstrap: str | None, dsn: str | None, patience: float
) -> Iterator[Outcome]:
    from ops import settings
    from ops.cli.common import find
    from ops.embedded.problem import ServerProblem
    from ops.logs import log_to_file
    from ops.scenario import stage
    from ops.wires.perform import perform

    try:
        given = find(data_dir, bootstrap=bootstrap, dsn=dsn).settings
    except ServerProblem:
        given = settings.load(data_dir=data_dir or SERVERS, namespace="wires")
    log_to_file(given.data.logs, "wires")
    with stage.servers(given, lambda _what: None) as addressed:
        for play in wanted:
            where.print(colour(f"{play.chinese} {play.place}: {play.title}", "bold"), soft_wrap=True)
            found = stage.namespace(addressed, f"wires-{play.place}", play.division)
            yield perform(found, play, lambda played: show_step(where, played), patience)


def show_step(where: Console, played: Played) -> None:
    """A step, as soon as it is played."""
    from rich.text import Text

    step = played.step
    if step.tell:
        where.print(Text(step.tell, style="dim"), soft_wrap=True)
    if step.claim:
        where.print(Text.assemble("  ", (step.by, "cyan"), f" {step.claim}"), soft_wrap=True)
    if step.does:
        where.print(Text.assemble("  ", (step.to, "cyan"), f" {step.does}"), soft_wrap=True)
    for fact in played.facts:
        where.print(Text.assemble("    → ", (fact.name, "bold"), (f" {fact.meta.actor.org}", "dim")), soft_wrap=True)
    if played.problem:
        where.print(colour(f"    not as expected: {played.problem}", "bold red"), soft_wrap=True)


def show_end(where: Console, outcome: Outcome) -> None:
    """How it ended, and whether every book agrees."""
    for key, found in outcome.differences.items():
        where.print(colour(f"{key}: {found} instead of {outcome.play.ends[key]}", "bold red"), soft_wrap=True)
    for one in outcome.agreed:
        said = "; ".join(one.disagreements) or "its own book agrees with the hub"
        where.print(colour(f"{one.member.name}: {said}", "bold red" if one.disagreements else "green"), soft_wrap=True)
    if outcome.right:
        where.print(colour("Every step, the ending and every department's own book as expected.", "bold green"))
    else:
        where.print(colour("Something is not as expected: see the lines in red.", "bold red"))
