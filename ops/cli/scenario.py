"""`threecross scenario`: a place is played from its first report to its end, on a simulated clock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

    from ops.scenario.counting import Counted
    from ops.scenario.perform import Performance
    from ops.scenario.play import Ended, Played

SERVERS = Path("build") / "scenario"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("scenario")(scenario)


def scenario(
    place: Annotated[
        str | None, typer.Argument(metavar="[PLACE]", help="yicheng 驿城, zhongyuan 中原 …; none: list them.")
    ] = None,
    twin: Annotated[str | None, typer.Option("--twin", help="Play this unhappy twin instead.")] = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play a place on a simulated clock, in a namespace of its own.

    Uses the servers of the hub that runs in the data directory, or starts its own. Exit code 1 when a step or the
    ending is not as expected.
    """
    from ops.demo import season
    from ops.scenario import script as scripts

    try:
        if place is None:
            _list(as_json=as_json)
            return
        script = scripts.load(place, [season.script()])
        script = script.twin(twin) if twin else script
    except scripts.BadScript as wrong:
        raise CannotRun(f"{wrong}.") from None
    where = console(stderr=as_json)
    performance = _perform(script, twin, where, data_dir, bootstrap, dsn)
    if as_json:
        print_json(performance.document())
    else:
        show_endings(where, performance)
    if not performance.right:
        raise typer.Exit(FOUND_WRONG)


def _list(*, as_json: bool) -> None:
    from ops.demo import season
    from ops.scenario import script as scripts

    found = [*scripts.scripts().values(), season.script()]
    if as_json:
        print_json(
            [
                {"place": s.called, "chinese": s.chinese, "title": s.title, "twins": [t.name for t in s.twins]}
                for s in found
            ]
        )
        return
    rows = [[s.called, s.chinese, s.title, "\n".join(twin.name for twin in s.twins)] for s in found]
    console().print(table("", ("place", "", "what is played", "twins"), rows))


def _perform(
    script: Any, twin: str | None, where: Console, data_dir: Path | None, bootstrap: str | None, dsn: str | None
) -> Performance:
    from ops import settings
    from ops.cli.common import find
    from ops.embedded.problem import ServerProblem
    from ops.logs import log_to_file
    from ops.scenario import stage
    from ops.scenario.perform import perform

    try:
        given = find(data_dir, bootstrap=bootstrap, dsn=dsn).settings
    except ServerProblem:
        given = settings.load(data_dir=data_dir or SERVERS, namespace="scenario")
    log_to_file(given.data.logs, "scenario")
    name = f"scenario-{script.called}" + (f"-{twin}" if twin else "")
    where.print(colour(f"{script.chinese} {script.place}: {script.title}", "bold"), soft_wrap=True)
    with stage.servers(given, lambda _what: None) as addressed:
        found = stage.namespace(addressed, name, script.division)
        return perform(found, script, lambda played: show_step(where, played))


def show_step(where: Console, played: Played) -> None:
    """A step, as soon as it is played."""
    from rich.text import Text

    step = played.step
    who = f"{step.by} {step.claim}" if step.claim else "time passes"
    facts = ", ".join(_fact(fact) for fact in played.facts) or "nothing"
    moment = played.at.strftime("%m-%d %H:%M")
    where.print(
        Text.assemble((f"{moment} ", "dim"), (f"{step.about} ", "cyan"), who, " → ", (facts, "bold")), soft_wrap=True
    )
    if step.tell:
        where.print(Text(f"            {step.tell}", style="dim"), soft_wrap=True)
    if played.problem:
        where.print(colour(f"            not as expected: {played.problem}", "bold red"), soft_wrap=True)


def _fact(fact: Any) -> str:
    return f"{fact.name} ({fact.body.rule})" if fact.name == "Refused" else str(fact.name)


def show_endings(where: Console, performance: Performance) -> None:
    """How it ended, and whether that is right."""
    for end in performance.endings:
        _show_ending(where, end)
    for one in performance.figures:
        where.print(_counted(one))
    if performance.figures:
        where.print(
            f"Its cases: threecross indicators --namespace {performance.namespace} "
            f"--from {one.wanted.start} --to {one.wanted.end} --drill {one.wanted.indicator}",
            soft_wrap=True,
        )
    if performance.right:
        where.print(colour("Every step and every ending as expected.", "bold green"))
    else:
        where.print(colour("Something is not as expected: see the lines in red.", "bold red"))


def _counted(one: Counted) -> Any:
    count, right = one.wanted, one.right
    shown = f"{count.indicator}: {one.part} of {one.whole}, {count.start} to before {count.end}"
    wanted = "" if right else f" instead of {count.part} of {count.whole}"
    return colour(shown + wanted, "green" if right else "bold red")


def _show_ending(where: Console, end: Ended) -> None:
    for key, wanted in end.ending.view.items():
        found = end.differences.get(key, wanted)
        style = "bold red" if key in end.differences else "green"
        shown = f"{key}: {found}" + (f" instead of {wanted}" if key in end.differences else "")
        where.print(colour(f"{end.ending.about}  {shown}", style), soft_wrap=True)
