"""Doing the next piece of work while the last one waits for others."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def ahead(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """The same items in the same order, each made in a second thread while the one before it is used.

    An error comes where the item would have come. At the end of the block at most one item has been made in vain.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:

        def following() -> list[T]:
            return [item for item in (next(items, None),) if item is not None]

        def made() -> Iterator[T]:
            waiting: Future[list[T]] = thread.submit(following)
            while found := waiting.result():
                waiting = thread.submit(following)
                yield found[0]

        yield made()
