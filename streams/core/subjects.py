"""The kinds of subjects: what each one's state is, how its facts are folded and its claims decided."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any, Final

from schemas.events import FactMeta
from streams.core import accounts, case, groups, households, workers
from streams.core.kind import FactBody, Kind

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind for kind in (case.KIND, groups.KIND, workers.KIND, accounts.KIND, households.KIND)
}
"""By the name that `meta.subject.kind` says."""

_KIND_OF = {type(kind.new): kind for kind in KINDS.values()}

FOLDS: Final[dict[type, Callable[[Any, FactMeta, FactBody], Any]]] = {
    type(kind.new): kind.evolve for kind in KINDS.values()
}
"""By the class of a state, what folds one more fact into it."""

STATES: Final[Any] = reduce(or_, _KIND_OF)
"""Union of the classes of states; each has its own tag, so that one decodes as what it was encoded from."""


def new(kind: str) -> Any:
    """The state of a subject that nothing is known of; of a kind without rules it is that of a case."""
    return KINDS.get(kind, case.KIND).new


def kind_of(state: Any) -> Kind:
    """The kind that a state belongs to."""
    return _KIND_OF[type(state)]


def evolve(state: Any, meta: FactMeta, fact: FactBody) -> Any:
    """The subject after one more fact."""
    return FOLDS[type(state)](state, meta, fact)
