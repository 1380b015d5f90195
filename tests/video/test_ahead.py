"""Reading ahead changes when items are made, and nothing else."""

import threading

import pytest

from courtside.video.ahead import read_ahead


@pytest.mark.parametrize("count", [1, 3, 50])
def test_the_order_stays(count):
    assert list(read_ahead(range(20), count)) == list(range(20))


def test_nothing_stays_nothing():
    assert list(read_ahead([], 4)) == []


def test_no_more_than_asked_for_waits():
    made = []

    def source():
        for number in range(100):
            made.append(number)
            yield number

    items = read_ahead(source(), 3)
    assert next(items) == 0
    items.close()
    assert len(made) <= 5


def test_an_error_comes_where_its_item_would():
    def source():
        yield 1
        yield 2
        raise ValueError("damaged")

    items = read_ahead(source(), 8)
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(ValueError, match="damaged"):
        next(items)


def test_another_thread_makes_the_items():
    threads = set(read_ahead((threading.get_ident() for _ in range(3)), 2))
    assert len(threads) == 1
    assert threading.get_ident() not in threads
