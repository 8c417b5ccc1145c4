"""The departments of a play: each a program behind a wire, its file for the connectors, and its own book.

A kind of link is a module with a link and what opens it, and a line in KINDS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from ops.wires.links.batches import station
from ops.wires.links.chat import groups
from ops.wires.links.exchange import squad
from ops.wires.links.intake import worker_app
from ops.wires.links.link import Ground, Link, Opening, Sent
from ops.wires.links.notices import duty
from ops.wires.links.open311 import app
from ops.wires.links.orders import hotline
from ops.wires.links.push import pushed_squad
from ops.wires.links.rest import company
from ops.wires.script import Member

__all__ = ["KINDS", "Ground", "Link", "Opening", "Sent", "all_of"]

KINDS: Mapping[str, Opening] = {
    "batches": station,
    "chat": groups,
    "exchange": squad,
    "intake": worker_app,
    "notices": duty,
    "open311": app,
    "orders": hotline,
    "push": pushed_squad,
    "rest": company,
}
"""How a member is opened, by its `link`."""


@contextmanager
def all_of(members: Sequence[Member], ground: Ground) -> Iterator[dict[str, Link]]:
    """Every member, running, by name."""
    with ExitStack() as stack:
        yield {one.name: stack.enter_context(KINDS[one.link](one, ground)) for one in members}
