"""Reads ahead: the next frames are decoded while those before them are worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def read_ahead(items: Iterable[Item], count: int) -> Iterator[Item]:
    """Yield the items in their order, while a thread takes up to ``count`` more from their source.

    What the source raises is raised where the item would have come. The source is closed by its own thread's end, not
    by the caller's.

    Args:
        items: any number of items; only the thread touches them.
        count: how many may wait, 1 or more.
    """
    source = iter(items)
    end = object()
    waiting: deque[Future[Item | object]] = deque()
    with ThreadPoolExecutor(1) as pool:
        try:
            for _ in range(count):
                waiting.append(pool.submit(next, source, end))
            while (item := waiting.popleft().result()) is not end:
                waiting.append(pool.submit(next, source, end))
                yield item  # type: ignore[misc]
        finally:
            for future in waiting:
                future.cancel()
