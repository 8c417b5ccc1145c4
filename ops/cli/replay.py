"""`threecross replay`: every fact of a case from Kafka, and whether the views agree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from ops.cli.common import (
    FOUND_WRONG,
    AsOption,
    BootstrapOption,
    CannotRun,
    CaseArgument,
    DataDirOption,
    DsnOption,
    JsonOption,
    NamespaceOption,
    asker,
    colour,
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
    from sqlalchemy import Connection

    from ops.replay import History, Told


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay")(replay)


def replay(
    case: CaseArgument,
    seen_by: AsOption = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every fact of a case, straight from Kafka.

    Says whether and where the views differ from the fold of these facts; exit code 1 if they do. With --as, shows the
    facts that this organisation may see, and does not compare.
    """
    from ops import queries
    from ops import replay as replays

    who = asker(seen_by)
    found = placed(find(data_dir, bootstrap=bootstrap, dsn=dsn, namespace=namespace))
    hub = found.settings.hub
    with database(found) as engine:
        with engine.connect() as connection:
            case_id = _case_id(connection, case)
        with progress("records of its partition") as told:
            history = replays.read(found.kafka, hub, case_id, told)
        with engine.connect() as connection:  # later than the facts, so that the views are not behind without need
            at = queries.next_offsets(connection).get(history.partition, 0)
            file = queries.case_file(connection, case_id) if history.of_a_case else None
            seq = file.case["seq"] if file else queries.subject_seq(connection, case_id)
            shown = replays.as_seen(connection, history, who)
    if not shown.facts:
        raise CannotRun(f"No fact is about {case}: give the id, the number, or SYSTEM:NUMBER of a case.")
    wrong = list(history.gaps)
    if who is None:
        of_case = history.of_a_case
        wrong += replays.differences(history, file, at) if of_case else replays.passed_over(history, seq, at)
    behind = replays.behind(history, seq, at)
    if as_json:
        print_json(_document(case_id, shown, wrong, behind))
    else:
        _print(case_id, shown, found.settings.timezone)
        _judge(wrong, behind, compared=who is None)
    if wrong:
        raise typer.Exit(FOUND_WRONG)


def _case_id(connection: Connection, wanted: str) -> str:
    """The case that is meant, even if the views have never heard of it."""
    from ops import queries
    from schemas import ids

    system, colon, number = wanted.partition(":")
    known = queries.case_id_of(connection, wanted)
    if known is None and not colon and not queries.is_uuid(wanted):
        from ops.cli.cases import resolve

        return resolve(connection, wanted)
    return known or (ids.case_id(system, number) if colon else wanted.lower())


def _judge(wrong: list[str], behind: int, *, compared: bool) -> None:
    where = console()
    for sentence in wrong:
        where.print(colour(f"The views differ: {sentence}", "bold red"), soft_wrap=True)
    if behind:
        where.print(f"The views have {behind} of these facts still before them.")
    if compared and not wrong:
        where.print(colour("The views are the fold of these facts." if not behind else "So far they agree.", "green"))


def _print(case_id: str, history: History, zone: str) -> None:
    columns = ("fact", "happened", "what", "by", "details", "marks", "offset")
    rows = [_line(told, zone) for told in history.facts]
    title = f"Case {case_id} · partition {history.partition} · times of {zone}"
    console().print(table(title, columns, rows, right=("fact", "offset")))


def _line(told: Told, zone: str) -> list[Any]:
    meta = told.meta
    versions = meta.versions
    marks = ["refused"] * told.refused + [f"irregular: {rule}" for rule in meta.irregular]
    marks += [f"by {name}" for name in (versions.standard, versions.calendar) if name]
    return [
        meta.seq,
        local_time(datetime.fromtimestamp(meta.occurred_at / 1e6, UTC), zone),
        colour(type(told.fact).__name__, "bold red" if told.refused else "bold"),
        f"{meta.actor.org} ({meta.actor.role})",
        described(told.fact, zone),
        colour(", ".join(marks), "yellow"),
        told.offset,
    ]


def described(fact: Any, zone: str) -> str:
    """The fields of a fact in a few words; what is in the vault stays there."""
    import msgspec

    parts = []
    for field in msgspec.structs.fields(fact):
        value = getattr(fact, field.name)
        if value not in (None, "", ()):
            parts.append(f"{field.name} {_word(value, field.name, zone)}")
    return "; ".join(parts)


def _word(value: Any, name: str, zone: str) -> str:
    from schemas import events

    if isinstance(value, tuple):
        return ", ".join(_word(one, name, zone) for one in value)
    match value:
        case events.Assignment():
            return f"{value.role} {value.org}"
        case events.Category() | events.Condition():
            return f"{value.scheme} {value.version} {value.code}"
        case events.Place():
            position = value.position
            spot = f"{position.longitude:.6f} {position.latitude:.6f}" if position else None
            return " ".join(part for part in (value.division, value.grid, value.address, spot) if part) or "unknown"
        case events.TextRef() | events.FileRef():
            return f"in the vault ({value.ref})"
        case int() if name.endswith("_at"):
            return local_time(datetime.fromtimestamp(value / 1e6, UTC), zone)
    return str(value)


def _document(case_id: str, history: History, wrong: list[str], behind: int) -> dict[str, Any]:
    import msgspec

    def plain(told: Told) -> dict[str, Any]:
        return {
            "offset": told.offset,
            "type": type(told.fact).__name__,
            "refused": told.refused,
            "irregular": list(told.meta.irregular),
            "meta": msgspec.to_builtins(told.meta, builtin_types=(bytes,)),
            "fact": msgspec.to_builtins(told.fact, builtin_types=(bytes,)),
        }

    return {
        "case_id": case_id,
        "partition": history.partition,
        "facts": [plain(told) for told in history.facts],
        "views_behind": behind,
        "wrong": wrong,
    }
