"""Python's garbage collector in a process that folds: it finds next to nothing there, and looks through much."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 200_000
"""New containers, less those that are gone, until the collector looks: about those of the batches under way."""

_takeovers = 0


def spare_the_collector() -> None:
    """What is loaded stays, and state, facts and records hold no cycles. Called once, when all modules are loaded.

    With a smaller number of young ones the records of the batches under way were looked through again and again: a
    tenth of the CPU time of a fold.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)


@contextmanager
def nothing_collected() -> Iterator[None]:
    """While a takeover folds, all that is new stays: nothing is looked through, and nothing of it ever will be."""
    global _takeovers  # noqa: PLW0603 the collector is one for the whole process
    _takeovers += 1
    gc.disable()
    try:
        yield
    finally:
        _takeovers -= 1
        if not _takeovers:
            gc.freeze()
            gc.enable()
