"""How servers are treated: one request at a time to each, a pause between two, and waiting where they ask for it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from threading import Event, Lock
from typing import TypeVar

from courtside.collecting.protocol import FetchError

Result = TypeVar("Result")
# Statuses after which the same request may succeed: RFC 9110, 15.5.9, 15.6; RFC 6585, 4; RFC 8470.
TEMPORARY_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


def user_agent() -> str:
    """Return the name under which the program asks for things."""
    return f"courtside/{version('courtside')} (collects training data)"


def retry_after_s(value: str | None) -> float | None:
    """Return the seconds, ≥ 0, that a ``Retry-After`` header asks for (RFC 9110, 10.2.3); None where it says nothing.

    Args:
        value: the header, whole seconds or a date; None where there is none.
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


@dataclass(frozen=True)
class Patience:
    """How long to wait, and how often to ask.

    Attributes:
        delay_s: seconds between the end of a request and the next one to the same host.
        attempts: requests for one thing, at least 1.
        longest_wait_s: a server that asks for a longer wait is not asked again in this run.
    """

    delay_s: float = 1.0
    attempts: int = 4
    longest_wait_s: float = 120.0

    def back_off_s(self, attempt: int) -> float:
        """Return the seconds to wait after the given failed attempt, from 1: 2, 4, 8 … delays."""
        return min(math.ldexp(self.delay_s, attempt), self.longest_wait_s)


@dataclass
class _Host:
    lock: Lock = field(default_factory=Lock)
    free_at: float = 0.0
    closed: str | None = None


class Turns:
    """Lets threads ask servers in turn; hosts do not wait for one another.

    Args:
        patience: how long to wait, and how often to ask.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._lock = Lock()
        self._hosts: dict[str, _Host] = {}
        self._stopped = Event()

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End all waiting; attempts at work and to come raise FetchError."""
        self._stopped.set()

    def attempt(self, host: str, action: Callable[[], Result]) -> Result:
        """Return what ``action`` returns; where it fails for the time being, wait and try again.

        Args:
            host: the server that ``action`` asks. Where it is redirected to another one, that is not waited for.
            action: makes one request; raises FetchError.

        Raises:
            FetchError: the last one of ``action``, or one that says why the server is not asked any more.
        """
        for number in range(1, self._patience.attempts + 1):
            with self._turn(host) as state:
                try:
                    return action()
                except FetchError as error:
                    last = number == self._patience.attempts
                    self._learn(state, host, error, number, last=last)
                    if last or not error.temporary or state.closed:
                        raise
        raise AssertionError("at least one attempt is made")

    def _learn(self, state: _Host, host: str, error: FetchError, number: int, *, last: bool) -> None:
        """Make the host's next request wait, or never come."""
        if not error.temporary:
            return
        if error.wait_s is not None and error.wait_s > self._patience.longest_wait_s:
            state.closed = f"{host} asks to wait {error.wait_s:.0f} s; run again later"
        elif last and error.unreachable:
            state.closed = f"{host} cannot be reached"
        elif error.wait_s is not None or not last:
            state.free_at = time.monotonic() + max(error.wait_s or 0.0, self._patience.back_off_s(number))

    @contextmanager
    def _turn(self, host: str) -> Iterator[_Host]:
        with self._lock:
            state = self._hosts.setdefault(host, _Host())
        with state.lock:
            if not state.closed:
                self._stopped.wait(max(0.0, state.free_at - time.monotonic()))
            if self._stopped.is_set():
                raise FetchError("stopped", temporary=True)
            if state.closed:
                raise FetchError(state.closed, temporary=True)
            try:
                yield state
            finally:
                state.free_at = max(state.free_at, time.monotonic() + self._patience.delay_s)
