"""All commands together, and what becomes of their errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import typer

from ops.cli import (
    cases,
    claim,
    connectors,
    deadletters,
    deliveries,
    demo,
    doctor,
    due,
    evaluation,
    explain,
    feed,
    imports,
    indicators,
    reconcile,
    reference,
    replay,
    rules,
    scenario,
    subject,
    topics,
    up,
    vault,
    what_if,
    wires,
)
from ops.cli.common import CANNOT_RUN, DONE, known_problem

INTERRUPTED = 130

app = typer.Typer(
    name="threecross",
    help="Event hub for city cases that cross region, department and authority.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (
    up,
    imports,
    claim,
    cases,
    replay,
    rules,
    topics,
    due,
    explain,
    what_if,
    indicators,
    evaluation,
    subject,
    deadletters,
    doctor,
    scenario,
    wires,
    demo,
):
    group.register(app)
app.add_typer(vault.app, name="vault", short_help="Look at what is personal, or erase it.")
deliveries.register(connectors.app)
reconcile.register(connectors.app)
app.add_typer(connectors.app, name="connectors", short_help="How departments are linked, and what is owed to them.")
app.add_typer(feed.app, name="feed", short_help="Read what a department is told; subscribe, pause, go on.")
app.add_typer(reference.app, name="reference", short_help="Load, check, compare and show reference data.")


def run(argv: Sequence[str] | None) -> int:
    """Run one command; returns the exit code."""
    try:
        app(None if argv is None else list(argv))
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `threecross cases | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as problem:
        sentence = known_problem(problem)
        if sentence is None and os.environ.get("THREECROSS_DEBUG"):
            raise
        unknown = f"Unexpected {type(problem).__name__}: {problem} (with THREECROSS_DEBUG=1 you see where)"
        print(sentence or unknown, file=sys.stderr)
        return CANNOT_RUN
    return DONE
