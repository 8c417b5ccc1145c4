"""`threecross vault`: looking at an entry and erasing one. Every look and every refusal is recorded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import (
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    console,
    database,
    find,
    print_json,
    table,
)

if TYPE_CHECKING:
    from ops.vault import Vault

app = typer.Typer(help="Look at what is personal, and erase it. Every look is recorded.", no_args_is_help=True)

RefArgument = Annotated[str, typer.Argument(metavar="REF", help="Reference, as claims and facts carry it.")]
WhoOption = Annotated[str | None, typer.Option("--who", help="Who looks; by default the account.")]


@contextmanager
def _vault(data_dir: Path | None, dsn: str | None, namespace: str | None) -> Iterator[Vault]:
    from ops.vault import open_vault

    found = find(data_dir, dsn=dsn, namespace=namespace, needs=("dsn",))
    with database(found) as engine:
        yield open_vault(engine, found.settings.key_file)


def _who(given: str | None) -> str:
    from ops.cli.deadletters import account

    return given or account()


@app.command()
def get(
    ref: RefArgument,
    role: Annotated[str, typer.Option("--role", help="In which role, e.g. dispatcher.")],
    purpose: Annotated[str, typer.Option("--purpose", help="What for, e.g. dispatch.")],
    who: WhoOption = None,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show an entry, if this role may see it for this purpose."""
    with _vault(data_dir, dsn, namespace) as vault:
        content = vault.get(ref, who=_who(who), role=role, purpose=purpose)
    if as_json:
        print_json({"ref": ref, "content": content})
    elif isinstance(content, bytes):
        sys.stdout.buffer.write(content)
    else:
        sys.stdout.write(content + "\n")


@app.command()
def looks(
    ref: RefArgument,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who has looked at an entry, and what for."""
    columns = ("at", "who", "role", "purpose", "granted", "outcome")
    with _vault(data_dir, dsn, namespace) as vault:
        found = [{name: getattr(look, name) for name in columns} for look in vault.looks(ref)]
    if as_json:
        print_json({"ref": ref, "looks": found})
    else:
        console().print(table("", columns, [list(look.values()) for look in found]) if found else "Nobody has looked.")


@app.command()
def erase(
    ref: RefArgument,
    role: Annotated[str, typer.Option("--role", help="In which role, e.g. privacy_officer.")],
    person: Annotated[bool, typer.Option("--person", help="REF is a person: erase all that is theirs.")] = False,
    who: WhoOption = None,
    data_dir: DataDirOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Erase an entry, or a person with all entries, for ever."""
    with _vault(data_dir, dsn, namespace) as vault:
        erasing = vault.erase_person if person else vault.erase_entry
        count = erasing(ref, who=_who(who), role=role)
    if as_json:
        print_json({"ref": ref, "erased": count})
    else:
        console().print(f"{count} erased." if count else "It had been erased before.")
