"""`threecross reference`: documents are checked, compared and loaded; what holds is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import (
    FOUND_WRONG,
    BootstrapOption,
    DataDirOption,
    JsonOption,
    NamespaceOption,
    colour,
    console,
    print_json,
    table,
)
from ops.cli.reference_show import builtin, hub_of, moment_of, now, say, show, stored, where
from ops.cli.standards import check_workbook

if TYPE_CHECKING:
    from ops.reference.documents import Document
    from ops.reference.problems import Found
    from streams.core.reference import Reference

app = typer.Typer(help="Load, check, compare and show reference data.", no_args_is_help=True)
app.command()(show)
app.command()(where)

PathsArgument = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Documents, or folders of them.")]


def _documents(paths: list[Path], as_json: bool) -> list[Document]:
    from ops.reference.documents import read_all
    from ops.reference.problems import BadDocuments

    try:
        return read_all(paths)
    except BadDocuments as bad:
        _tell(bad.found, as_json)
        raise typer.Exit(FOUND_WRONG) from None


def _tell(found: Sequence[Found], as_json: bool, **more: Any) -> None:
    if as_json:
        print_json({**more, "wrong": [_plain(one) for one in found]})
        return
    for one in found:
        console().print(colour(str(one), "yellow" if one.warning else "bold red"), soft_wrap=True)


def _plain(one: Found) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("file", "line", "column", "what", "warning")}


@app.command()
def check(
    paths: PathsArgument,
    alone: Annotated[bool, typer.Option("--alone", help="Without a hub: the documents name everything.")] = False,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with documents, by file, line and column; load nothing.

    Exit code 1 where something is. Overlaps, gaps and unstaffed grids are warnings. Of a workbook of filing conditions
    alone, without a hub: how many there are, how many are accepted, what is refused and why.
    """
    if [path.suffix for path in paths] == [".xlsx"]:
        check_workbook(paths[0], as_json)
        return
    from ops.reference import checks

    documents = _documents(paths, as_json)
    reference = _empty() if alone else stored(hub_of(data_dir, bootstrap, namespace))
    found = checks.check(reference, documents, now())
    items = sum(len(document.items) for document in documents)
    _tell(found, as_json, documents=len(documents), items=items)
    if not as_json and not found:
        console().print(f"{len(documents)} documents with {items:,} items: nothing is wrong.")
    if found:
        raise typer.Exit(FOUND_WRONG)


def _empty() -> Reference:
    from streams.core.reference import EMPTY

    return EMPTY


@app.command()
def load(
    paths: PathsArgument,
    org: Annotated[str, typer.Option("--org", help="Organisation that loads.")] = "centre",
    role: Annotated[str, typer.Option("--role", help="Role in which it is loaded.")] = "steward",
    person: Annotated[str | None, typer.Option("--person", help="Opaque reference of the person.")] = None,
    valid_from: Annotated[
        str | None, typer.Option("--valid-from", help="Of documents that say no day; without it: from now on.")
    ] = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load documents, each as the next version.

    Where one of them is wrong nothing is loaded (exit code 1). What says what holds already changes nothing.
    """
    from ops.reference import checks, loading

    hub = hub_of(data_dir, bootstrap, namespace)
    documents = _begun(_documents(paths, as_json), valid_from, hub.settings.timezone)
    found = checks.check(stored(hub), documents, now())
    if any(not one.warning for one in found):
        _tell(found, as_json, loaded=[])
        raise typer.Exit(FOUND_WRONG)
    by = loading.By(org, role, person)
    outcomes = loading.load(hub.kafka, hub.settings.hub, documents, by, now())
    _tell(found, as_json, loaded=[_outcome(one) for one in outcomes])
    if not as_json:
        rows = [
            [o.document.kind, o.document.name, len(o.document.items), o.version, "" if o.new else "as before"]
            for o in outcomes
        ]
        console().print(table("", ("kind", "name", "items", "version", ""), rows, right=("items", "version")))


def _begun(documents: list[Document], valid_from: str | None, zone: str) -> list[Document]:
    from dataclasses import replace

    if valid_from is None:
        return documents
    since = moment_of(valid_from, zone)
    return [replace(one, valid_from=since) if one.valid_from is None else one for one in documents]


def _outcome(one: Any) -> dict[str, Any]:
    document = one.document
    return {
        "kind": document.kind,
        "name": document.name,
        "items": len(document.items),
        "version": one.version,
        "new": one.new,
    }


@app.command()
def diff(
    paths: PathsArgument,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what loading documents would change, item by item.

    Compared with what holds when they begin.
    """
    from ops.reference.differences import changes

    documents = _documents(paths, as_json)
    reference = stored(hub_of(data_dir, bootstrap, namespace))
    found = [change for document in documents for change in changes(reference, document, now())]
    if as_json:
        print_json({"version": reference.version, "changes": [_change(one) for one in found]})
        return
    rows = [
        [c.what, c.kind, c.document, c.item, "; ".join(f"{n}: {say(a)} → {say(b)}" for n, a, b in c.fields)]
        for c in found
    ]
    console().print(
        table("", ("", "kind", "document", "item", "what changes"), rows) if rows else "Nothing would change."
    )


def _change(one: Any) -> dict[str, Any]:
    fields = [{"field": n, "before": builtin(a), "after": builtin(b)} for n, a, b in one.fields]
    return {"kind": one.kind, "document": one.document, "what": one.what, "item": one.item, "fields": fields}
