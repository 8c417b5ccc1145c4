"""When Python's garbage collector looks, and through what."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
from streams.runtime.collector import YOUNG, nothing_collected, spare_the_collector

spare_the_collector()
assert gc.get_threshold()[0] == YOUNG and gc.isenabled()
frozen = gc.get_freeze_count()
with nothing_collected():
    with nothing_collected():
        state = [[n] for n in range(1000)]
    assert not gc.isenabled(), "another takeover folds still"
try:
    with nothing_collected():
        raise RuntimeError("cut off")
except RuntimeError:
    pass
assert gc.isenabled() and gc.get_freeze_count() > frozen + 1000
"""


def test_nothing_is_collected_while_any_takeover_folds_however_it_ends() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=60)
