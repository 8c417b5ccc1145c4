"""Clocks: how long each stage and each party of a case takes, judged by its limits. Pure.

`state.evolve` folds facts into `Clocks` without any reference; `walk` goes through that with the terms of a reference:
`verdicts.clocks` tells what each clock says, `due.due_facts` what has to become a fact, `due.next_due` when to look.
"""

from streams.core.clocks.due import Moment, Next, counted_until, due_facts, is_over, next_due
from streams.core.clocks.state import NEW, Clocks, evolve
from streams.core.clocks.supposed import Supposed
from streams.core.clocks.terms import NO_TERMS, Kind, Terms
from streams.core.clocks.verdicts import Clock, clocks

__all__ = [
    "NEW",
    "NO_TERMS",
    "Clock",
    "Clocks",
    "Kind",
    "Moment",
    "Next",
    "Supposed",
    "Terms",
    "clocks",
    "counted_until",
    "due_facts",
    "evolve",
    "is_over",
    "next_due",
]
