"""Which rows the views remember between batches."""

from __future__ import annotations

import pytest

from streams.views import processor
from streams.views.fold import Folded, Kept
from streams.views.processor import Views, _Partition
from streams.views.row import NEW


def batch(offset: int, *subjects: str) -> Folded:
    return Folded(offset + 1, {subject: Kept(NEW, offset, offset) for subject in subjects})


def test_the_newest_row_of_a_subject_is_remembered_and_the_longest_untouched_forgotten() -> None:
    half = processor.CACHED_ROWS // 2
    mine = _Partition(0, {})
    mine.remember(batch(1, "a", "b", *(f"early-{n}" for n in range(half))))
    mine.remember(batch(2, "a"))
    known = mine.known(["a", "b", "c"])
    assert {subject: kept.last_offset for subject, kept in known.items()} == {"a": 2, "b": 1}
    mine.remember(batch(3, *(f"late-{n}" for n in range(half))))
    assert mine.known(["a", "b"]).keys() == {"a"}
    assert mine.next_offset == 4


@pytest.mark.parametrize("batches", [7, 40])
def test_no_more_rows_are_remembered_than_allowed(batches: int) -> None:
    mine, all_rows = _Partition(0, {}), []
    for n in range(batches):
        all_rows += [f"{n}-{m}" for m in range(8_000)]
        mine.remember(batch(n, *all_rows[-8_000:]))
    assert len(mine.known(all_rows)) <= processor.CACHED_ROWS + 2 * 8_000


def test_views_want_larger_batches_than_the_others() -> None:
    assert Views.fetch.max_records > 8_000
