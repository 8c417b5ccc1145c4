"""A folder for each direction: the simplest link there is. One JSON file for each step, one for each answer."""

from __future__ import annotations

import msgspec

from connectors.contract import Kind, Made, Surroundings
from connectors.drop.transport import DropSink, DropSource, check


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[drop] of a department's file."""

    out: str
    """Folder into which steps are written; the department reads it, and may remove what it has read."""

    back: str
    """Folder into which the department writes its answers, in the order of their names."""

    words: dict[str, str] = {}
    """The department's words for what it says → name of a claim: Acknowledge, ReportIn, Progress, HandBack, Return."""


def make(options: Options, around: Surroundings) -> Made:
    """Its connector; the folders are looked at when it is used."""
    sink = DropSink(options.out)
    source = DropSource(options.back, around.department, options.words)
    return Made(sink, source, check=lambda: check(options.out, options.back))


KIND = Kind("drop", Options, make, "JSON files in two folders, one for each direction")
"""What the runner finds."""
