"""The demo on a terminal: steps with their times, one table for each source, what to try next."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from ops.cli.common import colour, table
from ops.demo.run import Outcome
from ops.scenario.perform import Performance
from ops.wires import perform as wires
from ops.wires.play import Agreed

TITLES = {
    "nyc311": "New York City: 1,000 requests to 311, as the city published them (NYC Open Data)",
    "zhongyuan": "中原区: a month of the district, 412 reports (made up; totals as published)",
}
LABELS = {
    "nyc311": {
        "cases": "cases",
        "closing_dates": "with a closing date",
        "status_disagrees": "  of these with another status than Closed: the word is kept",
        "unclosed": "without one",
        "irregular": "closed before created: recorded, flagged irregular",
        "promised_and_closed": "with a promised and a closing date",
        "late": "  of these closed late",
        "late_by_agency": "late by agency",
    },
    "zhongyuan": {
        "cases": "cases",
        "self_handled": "self-handled on the spot 自行处置",
        "looped": "through the whole loop",
        "reworks": "sent back to work after a failed check 返工",
        "closing_dates": "closed",
        "irregular": "irregular",
    },
}
COMMON = {"refused": "claims refused by a rule", "facts": "facts"}


class Terminal:
    """Steps of the demo, with a bar on a terminal; each leaves one line."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def step(self, what: str) -> None:
        """A step begins."""
        if not self.console.is_terminal:
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(30), TextColumn("{task.fields[count]}"))
        elapsed = TimeElapsedColumn()
        self._bar = Progress(*columns, elapsed, console=self.console, transient=True, refresh_per_second=5)
        self._task = self._bar.add_task(what, total=None, count="")
        self._bar.start()

    def rename(self, what: str) -> None:
        """The step has come to something else."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=what)

    def progress(self, done: int, total: int) -> None:
        """So much of the step is done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total, count=f"{done:,} of {total:,}")

    def done(self, what: str, seconds: float) -> None:
        """The step has ended."""
        self.end()
        self.console.print(Text.assemble(("✓ ", "green"), what, (f"  {seconds:.1f} s", "dim")), soft_wrap=True)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def show(console: Console, outcome: Outcome) -> None:
    """One table for each source, and the verdict."""
    for key, title in TITLES.items():
        console.print()
        console.print(_table(title, outcome, key))
    console.print()
    console.print(_places(outcome.places))
    console.print()
    console.print(_wires(outcome.wires))
    if outcome.right:
        sentence = "Equal from facts and views; nothing lost; the second import changed nothing."
        console.print(colour(sentence, "bold green"), soft_wrap=True)
    else:
        console.print(colour("Something is wrong: see the lines in red.", "bold red"))


def _places(performances: list[Performance]) -> Any:
    columns = ("place", "what", "stage", "lead", "three-cross", "as expected")
    return table(
        "Five places, each on a simulated clock in a namespace of its own", columns, list(_endings(performances))
    )


def _wires(outcomes: list[wires.Outcome]) -> Any:
    rows = [[w.play.chinese, a.member.name, a.member.link, _agreed(a)] for w in outcomes for a in w.agreed]
    title = "Over the wires: departments as programs of their own"
    return table(title, ("place", "department", "linked by", "its own book agrees with the hub"), rows)


def _agreed(one: Agreed) -> Any:
    return colour("NO: " + "; ".join(one.disagreements), "bold red") if one.disagreements else colour("yes", "green")


def _endings(performances: list[Performance]) -> Iterator[list[Any]]:
    for performance in performances:
        for n, end in enumerate(performance.endings):
            view = end.view
            crosses = ", ".join(view.get("three_cross") or ())
            right = not end.differences and performance.right
            verdict = colour("yes", "green") if right else colour("NO", "bold red")
            place = "" if n else performance.script.chinese
            yield [place, end.ending.about, view.get("stage"), view.get("lead"), crosses, verdict]


def _table(title: str, outcome: Outcome, key: str) -> Any:
    facts, views = outcome.facts[key], outcome.views[key]
    rows = [_row(label, facts[name], views[name]) for name, label in {**LABELS[key], **COMMON}.items()]
    losses = outcome.losses[key]
    rows.append(["dead letters", Text(str(losses["dead_letters"])), "", ""])
    rows.append(["claims lost", colour(str(losses["lost"]), "bold red" if losses["lost"] else ""), "", ""])
    return table(title, ("", "from the facts", "from the views", ""), rows, right=("from the facts", "from the views"))


def _row(label: str, ours: Any, theirs: Any) -> list[Any]:
    same = colour("equal", "green") if ours == theirs else colour("DIFFERENT", "bold red")
    if ours == theirs and isinstance(ours, dict):
        return [Text(f"  {_shown(ours)}", style="dim"), "", "", same]
    return [label, _shown(ours), _shown(theirs), same]


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    return f"{value:,}"


def hints(console: Console, data_dir: Path, examples: dict[str, str]) -> None:
    """What to try in another terminal."""
    program = sys.argv[0] if Path(sys.argv[0]).name == "threecross" else "threecross"
    where = f"--data-dir {data_dir}"
    late, looped = examples.get("late", "nyc311:39573567"), examples.get("looped", "ID")
    commands = {
        f"{program} cases --late {where}": "what is late",
        f"{program} case {late} {where}": "one case",
        f"{program} replay {looped} {where}": "its facts, straight from Kafka",
        f"{program} topics {where}": "what is on Kafka",
        f"{program} doctor {where}": "whether all is well",
    }
    width = max(len(command) for command in commands)
    console.print("\nThe hub stays up; Ctrl-C ends it. In another terminal:")
    for command, about in commands.items():
        console.print(f"  {command:<{width}}  # {about}", soft_wrap=True, markup=False)
