"""`threecross topics` and `threecross schemas`: the contract, beside what Kafka has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import (
    FOUND_WRONG,
    BootstrapOption,
    CannotRun,
    DataDirOption,
    JsonOption,
    NamespaceOption,
    colour,
    console,
    find,
    print_json,
    table,
)

if TYPE_CHECKING:
    from ops.brokers import Found


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("topics")(show_topics)
    app.command("schemas")(show_schemas)


def show_topics(
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the declared topics beside what Kafka has.

    Exit code 1 where they differ.
    """
    from ops import brokers

    found = find(data_dir, bootstrap=bootstrap, namespace=namespace, needs=("bootstrap",))
    hub = found.settings.hub
    topics = brokers.topics(found.kafka, hub)
    wrong = {topic.topic.name: topic.differences(hub) for topic in topics}
    if as_json:
        print_json({"topics": [{**_document(topic), "wrong": wrong[topic.topic.name]} for topic in topics]})
    else:
        _print_topics(topics, wrong)
    if any(wrong.values()):
        raise typer.Exit(FOUND_WRONG)


def _document(found: Found) -> dict[str, object]:
    topic = found.topic
    return {
        "topic": topic.name,
        "name": found.name,
        "about": topic.about,
        "partitions": found.partitions,
        "offsets": found.offsets,
        "cleanup": topic.cleanup,
        "key": topic.key,
        "value": topic.value,
        "written_by": topic.written_by,
        "read_by": topic.read_by,
    }


def _print_topics(topics: list[Found], wrong: dict[str, list[str]]) -> None:
    columns = ("topic", "partitions", "offsets", "kept", "written by", "read by", "about", "as declared")
    rows = [
        [
            found.name,
            found.partitions,
            f"{found.offsets:,}",
            "newest per key" if found.topic.cleanup == "compact" else "for ever",
            ", ".join(found.topic.written_by),
            ", ".join(found.topic.read_by),
            found.topic.about,
            _judged(wrong[found.topic.name]),
        ]
        for found in topics
    ]
    console().print(table("", columns, rows, right=("partitions", "offsets")))


def _judged(wrong: list[str]) -> object:
    return colour("; ".join(wrong), "bold red") if wrong else colour("yes", "green")


def show_schemas(
    name: Annotated[str | None, typer.Argument(help="Full name, end of it, or id: shows its Avro schema.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the released schemas, or show one."""
    import json

    from schemas.registry import released

    listed = released()
    if name is None:
        document = [{"id": r.id, "name": r.name, "version": r.version} for r in listed]
        if as_json:
            print_json({"schemas": document})
        else:
            console().print(table("", ("id", "name", "version"), [list(r.values()) for r in document], right=("id",)))
        return
    matching = [r for r in listed if name in (str(r.id), r.name, r.name.rpartition(".")[2])]
    if not matching:
        raise CannotRun(f"No schema is called {name}: threecross schemas lists them.")
    shown = [{"id": r.id, "name": r.name, "version": r.version, "schema": json.loads(r.schema)} for r in matching]
    print_json({"schemas": shown} if as_json else [one["schema"] for one in shown])
