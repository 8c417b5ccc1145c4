"""What is asked of Python: when its collector looks, and how long a thread keeps the others waiting."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
import sys
from streams.runtime.interpreter import TURN, YOUNG, nothing_collected, tune_interpreter

tune_interpreter()
assert gc.get_threshold()[0] == YOUNG and gc.isenabled() and abs(sys.getswitchinterval() - TURN) < 1e-6
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
