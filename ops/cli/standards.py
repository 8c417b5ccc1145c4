"""The part of `threecross reference check` that looks at a workbook of filing conditions."""

from __future__ import annotations

from pathlib import Path

import typer

from ops.cli.common import FOUND_WRONG, CannotRun, console, print_json


def check_workbook(file: Path, as_json: bool) -> None:
    """Tell what a workbook says, as the document beside it reads it; exit code 1 where something is refused."""
    from ops.reference.problems import BadDocuments
    from ops.reference.standards import opening, telling

    try:
        how, reading = opening.read(file)[1:]
    except BadDocuments as wrong:
        raise CannotRun(str(wrong)) from None
    if as_json:
        print_json(telling.as_json(reading))
    else:
        for line in telling.in_words(reading, how):
            console().print(line, soft_wrap=True, markup=False)
    if reading.refused:
        raise typer.Exit(FOUND_WRONG)
