"""What every command owes a person who made a mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest


def assert_one_line_error(call: Callable[[], object], words: Iterable[str]) -> None:
    """Call a command; it must end with one line on what is wrong, in which the words stand."""
    with pytest.raises(SystemExit) as stopped:
        call()
    message = str(stopped.value)
    assert message.startswith("error: ")
    assert "\n" not in message
    for word in words:
        assert word in message
