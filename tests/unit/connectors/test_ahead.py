"""Working ahead changes nothing but the time it takes."""

from collections.abc import Iterator

import pytest

from connectors.ahead import ahead


def test_items_come_in_their_order() -> None:
    with ahead(iter(range(1, 100))) as items:
        assert list(items) == list(range(1, 100))


def test_no_items_are_no_items() -> None:
    nothing: list[int] = []
    with ahead(iter(nothing)) as items:
        assert list(items) == []


def test_an_error_comes_where_the_item_would_have_come() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("here")

    with ahead(broken()) as items:
        assert next(items) == 1
        with pytest.raises(ValueError, match="here"):
            next(items)


def test_whoever_stops_early_has_made_one_item_in_vain_at_most() -> None:
    made: list[int] = []

    def counting() -> Iterator[int]:
        for n in range(1, 100):
            made.append(n)
            yield n

    with ahead(counting()) as items:
        next(items)
    assert len(made) <= 2
