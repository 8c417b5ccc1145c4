"""`threecross feed`: what a department is told; subscriptions, pausing, going on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from ops.cli.common import (
    BootstrapOption,
    CannotRun,
    DataDirOption,
    JsonOption,
    NamespaceOption,
    console,
    find,
    print_json,
    table,
)

if TYPE_CHECKING:
    from connectors.feeds.reading import FeedReader, Read
    from ops.finding import Found

LIMIT = 500
POLL_SECONDS = 1.0


class _ReadsUnlessTold(TyperGroup):
    """`threecross feed CODE` reads the feed: what is no command is the code of a subscription."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["read", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    help="Read the feed of a SUBSCRIPTION; subscribe, pause, go on, show.", no_args_is_help=True, cls=_ReadsUnlessTold
)

CodeArgument = Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Code of the subscription.")]


def _hub(data_dir: Path | None, bootstrap: str | None, namespace: str | None) -> Found:
    return find(data_dir, bootstrap=bootstrap, namespace=namespace, needs=("bootstrap",))


def _now() -> int:
    from ops.clock import utc_now

    return utc_now()


@app.command()
def read(
    code: CodeArgument,
    since: Annotated[str, typer.Option("--from", metavar="CURSOR", help="A cursor as it was printed.")] = "beginning",
    follow: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="A CloudEvent a line, each with the cursor behind it.")
    ] = False,
) -> None:
    """Print a feed: number, reason, case, what happened. `threecross feed CODE` does the same."""
    from connectors.feeds.reading import FeedReader
    from ops.brokers import answering

    found = _hub(data_dir, bootstrap, namespace)
    place = None if since == "beginning" else since
    with answering(found.kafka), FeedReader(found.kafka, found.settings.hub, code, place) as reader:
        while follow or not reader.at_end():
            for one in reader.read(LIMIT, POLL_SECONDS):
                _print(reader, one, found.settings.hub.namespace, as_json)
        if not as_json:
            console().print(f"cursor {reader.cursor}", soft_wrap=True)


def _print(reader: FeedReader, one: Read, namespace: str, as_json: bool) -> None:
    from connectors.feeds.shown import event, moment

    item = one.item
    if as_json:
        told = event(item, one.meta, one.fact, namespace, one.partition)
        sys.stdout.write(json.dumps(told | {"cursor": reader.cursor}, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    what = (item.fact_type or item.reason).rpartition(".")[2]
    case = item.card.number or f"{item.subject.kind} {item.subject.id}"
    at = moment(item.recorded_at)[:19].replace("T", " ")
    line = f"{one.partition}-{item.number:<6} {at}  {item.reason:<10}  {case:<28}  {item.card.stage:<12} {what}"
    console().print(line, soft_wrap=True, markup=False)


@app.command()
def subscribe(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Documents of the kind subscriptions.")],
    org: Annotated[str, typer.Option("--org", help="Who loads it.")] = "centre",
    role: Annotated[str, typer.Option("--role", help="Role in which it is loaded.")] = "steward",
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load subscriptions; their feeds begin at once. The same as threecross reference load."""
    from ops.cli.reference import load

    _only_subscriptions(paths)
    load(paths, org=org, role=role, data_dir=data_dir, bootstrap=bootstrap, namespace=namespace, as_json=as_json)


def _only_subscriptions(paths: list[Path]) -> None:
    from ops.reference.documents import read_all
    from ops.reference.problems import BadDocuments

    try:
        others = [one for one in read_all(paths) if one.kind != "subscriptions"]
    except BadDocuments:
        return  # whoever loads them tells what is wrong
    if others:
        raise CannotRun(
            f"{others[0].file} holds {others[0].kind}, no subscriptions: threecross reference load does that."
        )


@app.command()
def pause(
    code: CodeArgument,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a feed stand still; what happens meanwhile follows when it goes on."""
    _set_paused(code, _hub(data_dir, bootstrap, namespace), paused=True, as_json=as_json)


@app.command()
def resume(
    code: CodeArgument,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a paused feed go on; it is brought up beside the others."""
    _set_paused(code, _hub(data_dir, bootstrap, namespace), paused=False, as_json=as_json)


def _set_paused(code: str, found: Found, *, paused: bool, as_json: bool) -> None:
    from ops import feeds
    from ops.reference.loading import By

    outcome = feeds.pause(found.kafka, found.settings.hub, code, By("centre", "steward"), _now(), paused=paused)
    if as_json:
        print_json({"subscription": code, "paused": paused, "version": outcome.version, "new": outcome.new})
    else:
        word = "stands still" if paused else "goes on"
        console().print(
            f"The feed {code} {word}"
            + (f", since version {outcome.version} of the reference." if outcome.new else ", as before.")
        )


@app.command()
def key(as_json: JsonOption = False) -> None:
    """Make an API key with which a department reads its feed over HTTP; it is shown this once.

    Only its hash goes into the department's file.
    """
    import secrets

    from connectors.keys import RANDOM_BYTES, hashed, key_of

    made = key_of(secrets.token_bytes(RANDOM_BYTES))
    line = f'keys = [{{ sha256 = "{hashed(made)}", about = "" }}]'
    if as_json:
        print_json({"key": made, "sha256": hashed(made)})
    else:
        console().print(
            f"For the department, shown once:  {made}\nFor its file, under [feeds]:     {line}",
            markup=False,
            soft_wrap=True,
        )


@app.command()
def show(
    code: Annotated[str | None, typer.Argument(metavar="[SUBSCRIPTION]", help="Of this one alone.")] = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the subscriptions in force and how far their feeds have come."""
    from ops import feeds
    from ops.reference.stored import stored

    found = _hub(data_dir, bootstrap, namespace)
    subscribed = feeds.subscribed(stored(found.kafka, found.settings.hub), _now())
    if code is not None and code not in subscribed:
        raise feeds.NoSubscription(code)
    standing = feeds.standing(found.kafka, found.settings.hub)
    shown = [_shown(one, standing.get(name)) for name, one in sorted(subscribed.items()) if code in (None, name)]
    if as_json:
        print_json({"subscriptions": shown})
        return
    columns = ("subscription", "owner", "role", "involved as", "grids", "begins", "items", "behind", "")
    console().print(
        table("", columns, [_row(one) for one in shown], right=("items", "behind"), whole=("subscription",))
    )


def _shown(one: Any, standing: Any) -> dict[str, Any]:
    import msgspec

    told: dict[str, Any] = msgspec.to_builtins(one.subscription)
    told |= {"version": one.load.header.version, "document": one.load.header.name}
    return told | {"items": standing.items if standing else 0, "behind": standing.behind if standing else None}


def _row(one: dict[str, Any]) -> list[Any]:
    begins = "at a moment" if one["start_at"] is not None else one["start"]
    word = (
        "paused" if one["paused"] else "" if one["behind"] == 0 else "not begun" if one["behind"] is None else "behind"
    )
    involved, grids = [*one["involved_as"], *(["asked"] if one["asked"] else [])], ", ".join(one["grids"]) or "all"
    return [
        one["code"],
        one["owner"],
        one["role"],
        ", ".join(involved) or "any",
        grids,
        begins,
        f"{one['items']:,}",
        one["behind"],
        word,
    ]
