"""`threecross rules`: who may claim what, in which stage, and every rule that a refusal can name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.common import CannotRun, JsonOption, console, print_json, table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.core.rulebook import Row

ClaimOption = Annotated[str | None, typer.Option("--claim", help="Only this claim, say HandBack or Close.forced.")]
RoleOption = Annotated[str | None, typer.Option("--role", help="Only what this role may claim.")]
StageOption = Annotated[str | None, typer.Option("--stage", help="Only what may be claimed in this stage.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rules")(show_rules)


def show_rules(
    claim: ClaimOption = None, role: RoleOption = None, stage: StageOption = None, as_json: JsonOption = False
) -> None:
    """Show who may claim what, in which stage, and every rule.

    The rules of content are told for one --claim, or where nothing is left out.
    """
    from streams.core.authority import Role, Stage, load_authority
    from streams.core.rulebook import GENERAL, narrowed, rulebook, words

    _known("role", role, Role)
    _known("stage", stage, Stage)
    every = rulebook(load_authority())
    rows = narrowed(every, claim, role, stage)
    if claim is not None and not narrowed(every, claim, None, None):
        raise CannotRun(f"There is no claim {claim}; `threecross rules` lists all.")
    if as_json:
        print_json({"rows": [_document(row) for row in rows], "general": _told(GENERAL), **words()})
        return
    _print_rows(rows)
    if claim is not None:
        _print_rules(dict(rule for row in rows for rule in row.rules).items())
    elif role is None and stage is None:
        _print_rules(dict([*GENERAL, *(rule for row in every for rule in row.rules)]).items())
        _print_words(words())


def _known(what: str, word: str | None, words: Iterable[str]) -> None:
    known = [str(one) for one in words]
    if word is not None and word not in known:
        raise CannotRun(f"There is no {what} {word}; there are: {', '.join(known)}.")


def _told(rules: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"rule": name, "says": said} for name, said in rules]


def _document(row: Row) -> dict[str, object]:
    return {
        "claim": row.claim,
        "about": row.about,
        "kinds": row.kinds,
        "stages": row.stages,
        "roles": row.roles,
        "relation": row.relation,
        "during_suspension": row.suspended,
        "rules": _told(row.rules),
    }


def _print_rows(rows: tuple[Row, ...]) -> None:
    columns = ("claim", "of a", "in stage", "by role", "who is", "suspended too")
    cells = [
        [
            row.claim,
            ", ".join(row.kinds),
            " ".join(row.stages),
            " ".join(row.roles),
            row.relation,
            "yes" if row.suspended else "",
        ]
        for row in rows
    ]
    console().print(table("Who may claim what", columns, cells, whole=("claim",)))


def _print_rules(rules: Iterable[tuple[str, str]]) -> None:
    console().print(table("Rules", ("rule", "says"), [list(rule) for rule in rules], whole=("rule",)))


def _print_words(words: dict[str, dict[str, str]]) -> None:
    for what, meanings in words.items():
        console().print(table(what.capitalize(), ("word", "means"), [list(pair) for pair in meanings.items()]))
