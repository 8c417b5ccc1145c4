"""`threecross claim`: one person says one thing, and sees what came of it."""

from __future__ import annotations

import json
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
    NamespaceOption,
    colour,
    console,
    database,
    find,
    placed,
    print_json,
    table,
)

if TYPE_CHECKING:
    from ops.scenario.facts import Fact


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("claim")(claim)


def claim(
    name: Annotated[str, typer.Argument(metavar="CLAIM", help="Report, File, Dispatch, ReportIn, HandBack, Check …")],
    about: Annotated[str, typer.Argument(metavar="SUBJECT", help="SYSTEM:NUMBER or id of a case, KIND:SYSTEM:NUMBER.")],
    by: Annotated[str, typer.Option("--by", metavar="ORG:ROLE[:PERSON]", help="Who says so.")],
    fields: Annotated[str, typer.Option("--fields", metavar="JSON", help="Fields of the claim.")] = "{}",
    text: Annotated[str | None, typer.Option("--text", help="Free text; it goes to the vault.")] = None,
    file: Annotated[list[Path] | None, typer.Option("--file", help="Evidence; it goes to the vault.")] = None,
    reporter: Annotated[str | None, typer.Option("--reporter", help="Who reported; goes to the vault.")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="When it happened; default: now.")] = None,
    occurrence: Annotated[str | None, typer.Option("--occurrence", help="Tells two equal claims apart.")] = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say one thing about a case, and see which facts came of it.

    Exit code 1 when a rule refused it. The very same words again change nothing.
    """
    from zoneinfo import ZoneInfo

    from connectors.desk.desk import open_desk
    from connectors.desk.words import read
    from ops.brokers import reader
    from ops.cli.imports import outlets
    from ops.scenario.facts import Facts

    found = placed(find(data_dir, bootstrap=bootstrap, dsn=dsn, namespace=namespace))
    zone = ZoneInfo(found.settings.timezone)
    given = {"text": text, "reporter": reporter, "occurrence": occurrence}
    document = {"claim": name, "about": about, "by": by, "at": at or _now(), "fields": _json(fields), **given}
    word = read({**document, "files": [path.name for path in file or ()]})
    folder = _folder(file or [])
    with database(found) as engine, reader(found.kafka) as consumer:
        facts = Facts(consumer, found.settings.hub, from_now=True)
        with open_desk(outlets(found, engine), zone, folder) as desk:
            said = desk.say(word)
        came = [] if said.known else facts.from_claim(said.claim_id)
    refused = any(fact.name == "Refused" for fact in came)
    if as_json:
        print_json({**said._asdict(), "facts": [_plain(fact) for fact in came]})
    else:
        _print(came, known=said.known)
    if refused or not (came or said.known):
        raise typer.Exit(FOUND_WRONG)


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat()


def _json(fields: str) -> Any:
    try:
        return json.loads(fields)
    except json.JSONDecodeError as wrong:
        raise CannotRun(f'--fields is not JSON: {wrong}; write it as \'{{"party": "power"}}\'.') from None


def _folder(files: list[Path]) -> Path:
    folders = {path.resolve().parent for path in files} or {Path.cwd()}
    if len(folders) > 1:
        raise CannotRun("The files of one claim must lie in one folder: copy them together.")
    return folders.pop()


def _plain(fact: Fact) -> dict[str, Any]:
    import msgspec

    body = msgspec.to_builtins(fact.body, builtin_types=(bytes,))
    return {"seq": fact.meta.seq, "fact": fact.name, "irregular": list(fact.meta.irregular), **body}


def _print(came: list[Fact], *, known: bool) -> None:
    where = console()
    if known:
        where.print("The very same was said before; nothing was sent.")
    elif not came:
        where.print(colour("No fact came of it: see threecross deadletters.", "bold red"))
    else:
        rows = [[fact.meta.seq, colour(fact.name, _style(fact)), _detail(fact)] for fact in came]
        where.print(table("", ("fact", "what", "details"), rows, right=("fact",)))


def _style(fact: Fact) -> str:
    return "bold red" if fact.name == "Refused" else "bold"


def _detail(fact: Fact) -> str:
    from ops.cli.replay import described

    return described(fact.body, "UTC")
