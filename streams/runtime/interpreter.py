"""What a process that folds asks of Python: not to look for cycles where there are none, and to be fair to its loop."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG = 200_000
"""New containers, less those that are gone, until the collector looks: about those of the batches under way."""
TURN = 0.000_5
"""Seconds that a thread works on while another one waits. The event loop gives its turn away with every read and every
write; with Python's own 5 ms each of them waits that long while a local copy is written."""

_takeovers = 0


def tune_interpreter() -> None:
    """What is loaded stays, and state, facts and records hold no cycles. Called once, when all modules are loaded.

    With a smaller number of young ones the records of the batches under way were looked through again and again: a
    tenth of the CPU time of a fold.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
    sys.setswitchinterval(TURN)


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
