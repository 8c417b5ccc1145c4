"""Facts folded into the tables of a schema, as the views processor does it, without Kafka between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine

from schemas.events import FactMeta
from streams.core.reference import EMPTY, Reference
from streams.views import store
from streams.views.fold import Decoded, Folded, fold_batch
from streams.views.judging import judge


def fold_into(engine: Engine, facts: Sequence[tuple[FactMeta, Any]], reference: Reference = EMPTY) -> Folded:
    """One batch on partition 0, after those before it."""
    with engine.begin():
        first, broken = store.begin_partition(engine, 0, "x", "facts")
    told = [(offset, meta, body) for offset, (meta, body) in enumerate(facts, first)]
    decoded = Decoded(told, next_offset=first + len(told))
    ids = {meta.subject.id for meta, _ in facts}
    with engine.begin() as connection:
        store.lock_partition(connection, 0, first)
        known = store.load_cases(connection, ids) | store.load_others(connection, ids)
        folded = fold_batch(decoded, known, broken)
        judge(folded, reference)
        store.write(connection, 0, folded)
    return folded
