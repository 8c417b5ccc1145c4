"""Readers on the shelf: one question, one reader; who comes back finds the one that was left."""

from __future__ import annotations

from connectors.feeds.reading import Read
from connectors.feeds.shelf import Shelf


class Standing:
    """A reader that stands somewhere and can be closed."""

    def __init__(self, cursor: str | None) -> None:
        self.cursor = cursor or "start"
        self.closed = False

    def read(self, _limit: int, _seconds: float) -> list[Read]:
        return []

    def close(self) -> None:
        self.closed = True


def test_who_comes_back_with_the_cursor_finds_the_reader() -> None:
    shelf = Shelf(Standing, 2)
    first = shelf.take("a")
    shelf.put(first)
    assert shelf.take("a") is first
    assert shelf.take("a") is not first, "only one has it at a time"


def test_readers_that_nobody_came_back_for_are_closed() -> None:
    shelf = Shelf(Standing, 2)
    readers = [Standing(name) for name in "abc"]
    for reader in readers:
        shelf.put(reader)
    assert [reader.closed for reader in readers] == [True, False, False]
    twin = Standing("c")
    shelf.put(twin)
    assert readers[2].closed
    shelf.close()
    assert twin.closed
    late = Standing("d")
    shelf.put(late)
    assert late.closed
