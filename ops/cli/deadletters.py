"""`threecross deadletters`: what could not be read or mapped, and opening one of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import (
    BootstrapOption,
    CannotRun,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    console,
    database,
    find,
    local_time,
    placed,
    print_json,
    progress,
    table,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ops.deadletters import DeadLetter
    from ops.finding import Found


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("deadletters")(dead_letters)


def dead_letters(
    open_id: Annotated[str | None, typer.Option("--open", metavar="ID", help="Decrypt this one.")] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="What for: repair or audit.")] = None,
    who: Annotated[str | None, typer.Option("--who", help="Who looks; by default the account.")] = None,
    role: Annotated[str, typer.Option("--role", help="In which role.")] = "operator",
    out: Annotated[Path | None, typer.Option("--out", help="Write the bytes there.")] = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what could not be read, or open one of it.

    The vault opens it, and records who looked and what for.
    """
    if (open_id is None) != (purpose is None):
        raise CannotRun("Opening a dead letter is recorded: give both --open ID and --purpose, for example repair.")
    found = placed(find(data_dir, bootstrap=bootstrap, dsn=dsn, namespace=namespace))
    with database(found) as engine:
        if open_id is None or purpose is None:
            _list(found, engine, as_json=as_json)
        else:
            _open(found, engine, open_id, (who or account(), role, purpose), out)


def account() -> str:
    """Name of the account that runs this command."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _list(found: Found, engine: Engine, *, as_json: bool) -> None:
    from ops import deadletters

    with progress("dead letters") as told:
        letters = deadletters.on_kafka(found.kafka, found.settings.hub, told)
    with engine.connect() as connection:
        letters += deadletters.of_connectors(connection)
    if as_json:
        listed = [{name: getattr(one, name) for name in one.__slots__ if name != "sealed"} for one in letters]
        print_json({"total": len(letters), "dead_letters": listed})
        return
    columns = ("id", "at", "from", "reason", "what is wrong", "where the original stands")
    zone = found.settings.timezone
    rows = [[one.id, local_time(one.at, zone), one.stage, one.reason, one.detail, one.position] for one in letters]
    console().print(table("", columns, rows) if letters else "No dead letters.")


def _open(found: Found, engine: Engine, wanted: str, viewer: tuple[str, str, str], out: Path | None) -> None:
    from ops.vault import open_vault

    who, role, purpose = viewer
    letter = _by_id(found, engine, wanted)
    vault = open_vault(engine, found.settings.key_file)
    content = vault.open_dead_letter(letter.sealed, who=who, role=role, purpose=purpose)
    if out is not None:
        out.write_bytes(content)
        console().print(f"{len(content):,} bytes written to {out}; the look is recorded.")
        return
    sys.stdout.write(readable(content))
    sys.stdout.flush()
    console(stderr=True).print(f"{len(content):,} bytes; the look is recorded for {who}, {role}, {purpose}.")


def _by_id(found: Found, engine: Engine, wanted: str) -> DeadLetter:
    from ops import deadletters
    from ops.queries import is_uuid

    if is_uuid(wanted):
        with engine.connect() as connection:
            letters = deadletters.of_connectors(connection, wanted)
        letter = letters[0] if letters else None
    else:
        letter = deadletters.on_kafka_by_id(found.kafka, found.settings.hub, wanted)
    if letter is None:
        raise CannotRun(f"There is no dead letter {wanted}: threecross deadletters lists them.")
    return letter


def readable(content: bytes) -> str:
    """Bytes for a terminal: as text where they are text, else as a hex dump."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if all(character.isprintable() or character in "\n\r\t" for character in text):
        return text if text.endswith("\n") else text + "\n"
    lines = (content[at : at + 16] for at in range(0, len(content), 16))
    return "".join(f"{n * 16:08x}  {line.hex(' '):<47}  {_ascii(line)}\n" for n, line in enumerate(lines))


def _ascii(line: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)
