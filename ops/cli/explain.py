"""`threecross explain`: why the due times of a case are what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ops.cli.common import (
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
    placed,
    print_json,
    progress,
)

if TYPE_CHECKING:
    from ops.explaining import Speaker
    from ops.finding import Found
    from ops.replay import History
    from streams.core.clocks.from_reference import ReferenceTerms
    from streams.core.clocks.ledger import Ledger
    from streams.core.standards import Condition
    from streams.core.visibility import Asker

ClockOption = Annotated[
    str | None, typer.Option("--clock", metavar="NAME", help="One kind of clock only, e.g. disposal or first_answer.")
]
AsOfOption = Annotated[str | None, typer.Option("--as-of", metavar="T", help="What was known at this time (ISO 8601).")]
LangOption = Annotated[str, typer.Option("--lang", metavar="LANG", help="en or zh.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("explain")(explain)


def explain(
    case: CaseArgument,
    clock: ClockOption = None,
    as_of: AsOfOption = None,
    lang: LangOption = "en",
    seen_by: AsOption = None,
    data_dir: DataDirOption = None,
    bootstrap: BootstrapOption = None,
    dsn: DsnOption = None,
    namespace: NamespaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain the clocks of a case, step by step, from its facts on Kafka and the reference data.

    Which fact opened each, when it ran and when not, which days counted and which did not and why, from where the
    limit comes and how its cell was read, what is used and left, and when it is due.
    """
    from ops.explaining import LANGUAGES, Speaker, document, stating
    from streams.core.clocks import Kind

    if lang not in LANGUAGES:
        raise CannotRun(f"--lang {lang}: use {' or '.join(LANGUAGES)}.")
    if clock is not None and clock not in set(Kind):
        raise CannotRun(f"--clock {clock}: there is no such clock; use one of {', '.join(Kind)}.")
    found = placed(find(data_dir, bootstrap=bootstrap, dsn=dsn, namespace=namespace))
    zone = found.settings.hub.timezone
    case_id, at, history, terms, every = _ledgers(found, case, as_of, asker(seen_by))
    chosen = [(one, stating(terms, one.clock)) for one in every if clock is None or one.clock.clock == clock]
    if as_json:
        print_json({"case_id": case_id, "as_of": at, "clocks": [document(*one) for one in chosen]})
        return
    speaker = Speaker({told.meta.seq: told for told in history.facts}, zone, lang)
    _print(case_id, speaker, at, chosen)


def _ledgers(
    found: Found, case: str, as_of: str | None, who: Asker | None
) -> tuple[str, int, History, ReferenceTerms, tuple[Ledger, ...]]:
    """Id of the case, the moment (UTC µs), its facts as the asker may see them, the terms, and every ledger."""
    from ops import replay as replays
    from ops.cli.replay import _case_id
    from ops.clock import utc_now
    from ops.explaining import clocks_of
    from ops.reference.stored import stored
    from streams.core.clocks.from_reference import terms_of
    from streams.core.clocks.ledger import ledgers

    at = utc_now() if as_of is None else _moment(as_of, found.settings.hub.timezone)
    with database(found) as engine, engine.connect() as connection:
        case_id = _case_id(connection, case)
    with progress("records of its partition") as told:
        history = replays.read(found.kafka, found.settings.hub, case_id, told)
    with database(found) as engine, engine.connect() as connection:
        shown = replays.as_seen(connection, history, who)
    if not shown.facts:
        raise CannotRun(f"No fact is about {case}: give the id, the number, or SYSTEM:NUMBER of a case.")
    known = [one for one in history.facts if one.meta.recorded_at <= at]
    terms = terms_of(stored(found.kafka, found.settings.hub))
    return case_id, at, shown, terms, ledgers(clocks_of(known), terms, at)


def _moment(text: str, zone: str) -> int:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise CannotRun(f"--as-of {text}: write a time like 2026-10-01T08:00.") from None
    aware = read if read.tzinfo else read.replace(tzinfo=ZoneInfo(zone))
    return int(aware.timestamp() * 1_000_000)


def _print(case_id: str, speaker: Speaker, at: int, chosen: list[tuple[Ledger, Condition | None]]) -> None:
    from ops.explaining import lines, title

    where: Any = console()
    where.print(colour(f"{case_id} · {speaker.time(at)} · {speaker.zone}", "bold"), soft_wrap=True)
    if not chosen:
        nothing = ("No limit is known for this case, so no clock runs.", "该案件无已知时限,无计时。")
        where.print(nothing[speaker.lang == "zh"])
    for ledger, stated in chosen:
        where.print()
        where.print(colour(title(ledger, speaker), "bold"))
        for line in lines(ledger, speaker, stated):
            where.print(f"  {line}", markup=False, soft_wrap=True)
